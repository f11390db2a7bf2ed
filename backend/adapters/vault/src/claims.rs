//! What a token states, as RFC 7519 writes it, and the one form in which tokens come: RS256, with a key that is named. Everything
//! else is no token, whatever its header says, so there is nothing to be confused about.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use synapscribe_domain::account::{AccountId, Role, SignInId};
use synapscribe_domain::{PersonId, Timestamp};
use synapscribe_ports::accounts::{AccessClaims, CLOCK_SKEW_MS, TokenFault};

/// For whom tokens are.
pub(crate) const AUDIENCE: &str = "synapscribe";
const ALGORITHM: &str = "RS256";
/// Access tokens are marked as such (RFC 9068), so that no other kind of token passes for one.
const KIND: &str = "at+jwt";
/// No token of ours is longer.
const LONGEST: usize = 4096;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    /// The identity whose things are reached.
    identity: String,
    sid: String,
    role: String,
}

/// A token that came, taken apart; nothing of it is believed before its signature was found right.
pub(crate) struct Taken<'a> {
    /// The name of the key that it says signed it.
    pub kid: String,
    /// What is signed.
    pub signed: &'a [u8],
    /// The signature.
    pub signature: Vec<u8>,
    payload: Vec<u8>,
}

/// What is to be signed by the key of this name.
pub(crate) fn unsigned(claims: &AccessClaims, issuer: &str, kid: &str) -> String {
    let header = Header { alg: ALGORITHM, typ: KIND, kid };
    let payload = Payload {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: claims.account.to_string(),
        iat: claims.issued.seconds(),
        nbf: claims.issued.seconds(),
        exp: claims.expires.seconds(),
        identity: claims.person.to_string(),
        sid: claims.sign_in.to_string(),
        role: claims.role.name().to_owned(),
    };
    format!("{}.{}", encoded(&header), encoded(&payload))
}

/// The token of what was signed.
pub(crate) fn whole(unsigned: &str, signature: &[u8]) -> String {
    format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn encoded(part: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("texts and numbers are always JSON"))
}

/// Takes a token apart.
pub(crate) fn taken(token: &str) -> Option<Taken<'_>> {
    if token.len() > LONGEST {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    let header: Header<'_> = serde_json::from_slice(&header).ok()?;
    if header.alg != ALGORITHM || header.typ != KIND {
        return None;
    }
    Some(Taken {
        kid: header.kid.to_owned(),
        signed: signed.as_bytes(),
        signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        payload: URL_SAFE_NO_PAD.decode(payload).ok()?,
    })
}

impl Taken<'_> {
    /// What it states, once its signature was found right.
    pub fn stated(&self, issuer: &str, now: Timestamp) -> Result<AccessClaims, TokenFault> {
        let payload: Payload = serde_json::from_slice(&self.payload).map_err(|_| TokenFault::Forged)?;
        if payload.iss != issuer || payload.aud != AUDIENCE {
            return Err(TokenFault::Forged);
        }
        let moment = |seconds: i64| Timestamp(seconds.saturating_mul(1000));
        if now >= moment(payload.exp) {
            return Err(TokenFault::Expired);
        }
        if now.plus(CLOCK_SKEW_MS) < moment(payload.nbf.max(payload.iat)) {
            return Err(TokenFault::Early);
        }
        Ok(AccessClaims {
            account: AccountId::parse(payload.sub).map_err(|_| TokenFault::Forged)?,
            person: PersonId::parse(payload.identity).map_err(|_| TokenFault::Forged)?,
            sign_in: SignInId::parse(payload.sid).map_err(|_| TokenFault::Forged)?,
            role: Role::from_name(&payload.role).ok_or(TokenFault::Forged)?,
            issued: moment(payload.iat),
            expires: moment(payload.exp),
        })
    }
}
