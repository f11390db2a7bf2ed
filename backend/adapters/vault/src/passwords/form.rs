//! How a password's hash is kept: what it took, its salt and itself as one text. It hashes nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The bytes of a salt and of a hash.
pub const SALT: usize = 16;
pub const HASH: usize = 32;

/// What one hash takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// What OWASP's password storage cheat sheet asks of Argon2id with one pass and one lane.
    pub const USUAL: Self = Self { memory: 46 * 1024, passes: 1 };
}

/// Far beyond what anybody chooses: a damaged text must not take a machine's memory, or its processor for good.
const DEAREST: Cost = Cost { memory: 1 << 20, passes: 64 };

/// The form that other programs read too (the PHC string format).
pub fn written(cost: Cost, salt: &[u8], hash: &[u8]) -> String {
    let Cost { memory, passes } = cost;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${hash}")
}

/// What is kept of a password, read again; none where no host can have made it.
pub fn read(text: &str) -> Option<(Cost, [u8; SALT], [u8; HASH])> {
    let rest = text.strip_prefix("$argon2id$v=19$m=")?;
    let (memory, rest) = rest.split_once(",t=")?;
    let (passes, rest) = rest.split_once(",p=1$")?;
    let (salt, hash) = rest.split_once('$')?;
    let bytes = |text: &str| STANDARD_NO_PAD.decode(text).ok();
    let cost = Cost { memory: memory.parse().ok()?, passes: passes.parse().ok()? };
    let bearable = cost.memory <= DEAREST.memory && cost.passes <= DEAREST.passes;
    bearable.then_some((cost, bytes(salt)?.try_into().ok()?, bytes(hash)?.try_into().ok()?))
}
