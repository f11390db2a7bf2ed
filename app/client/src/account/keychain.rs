//! One entry of the operating system's keychain. Knows not what it holds. No system's keychain is spoken with yet, so every entry
//! says that there is none.

/// The keychain does not do what it is asked.
#[derive(Debug, thiserror::Error)]
#[error("there is no keychain")]
pub(super) struct Locked;

/// An entry.
pub(super) struct Keychain {
    #[allow(dead_code, reason = "the entry's name, once there is a keychain")]
    pub name: String,
}

impl Keychain {
    /// Whether this system has one.
    pub fn is_there() -> bool {
        false
    }

    /// What it holds.
    pub fn get(&self) -> Result<Option<Vec<u8>>, Locked> {
        Err(Locked)
    }

    /// Replaces what it holds.
    pub fn set(&self, _secret: &[u8]) -> Result<(), Locked> {
        Err(Locked)
    }

    /// Removes it.
    pub fn remove(&self) -> Result<(), Locked> {
        Ok(())
    }
}
