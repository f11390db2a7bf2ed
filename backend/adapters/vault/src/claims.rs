//! What a token states, as RFC 7519 writes it, and the one form in which tokens come: RS256, with a key that is named. Everything
//! else is no token, whatever its header says, so there is nothing to be confused about.

use std::borrow::Cow;

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
struct Payload<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Cow<'a, str>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    iat: i64,
    nbf: i64,
    exp: i64,
    /// The identity whose things are reached.
    #[serde(borrow)]
    identity: Cow<'a, str>,
    #[serde(borrow)]
    sid: Cow<'a, str>,
    #[serde(borrow)]
    role: Cow<'a, str>,
}

/// A token that came, taken apart; nothing of it is believed before its signature was found right.
pub(crate) struct Taken<'a> {
    /// Its header as it came.
    pub header: &'a str,
    /// What is signed.
    pub signed: &'a [u8],
    /// The signature.
    pub signature: Vec<u8>,
    payload: &'a str,
}

/// The header of every token that the key of this name signs.
pub(crate) fn header(kid: &str) -> String {
    encoded(&Header { alg: ALGORITHM, typ: KIND, kid })
}

/// What is to be signed by the key of this name.
pub(crate) fn unsigned(claims: &AccessClaims, issuer: &str, kid: &str) -> String {
    let payload = Payload {
        iss: issuer.into(),
        aud: AUDIENCE.into(),
        sub: claims.account.to_string().into(),
        iat: claims.issued.seconds(),
        nbf: claims.issued.seconds(),
        exp: claims.expires.seconds(),
        identity: claims.person.to_string().into(),
        sid: claims.sign_in.to_string().into(),
        role: claims.role.name().into(),
    };
    format!("{}.{}", header(kid), encoded(&payload))
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
    Some(Taken { header, signed: signed.as_bytes(), signature: URL_SAFE_NO_PAD.decode(signature).ok()?, payload })
}

impl Taken<'_> {
    /// The name of the key that it says signed it, in whatever way its header writes that.
    pub fn kid(&self) -> Option<String> {
        let header = URL_SAFE_NO_PAD.decode(self.header).ok()?;
        let header: Header<'_> = serde_json::from_slice(&header).ok()?;
        (header.alg == ALGORITHM && header.typ == KIND).then(|| header.kid.to_owned())
    }

    /// What it states, once its signature was found right.
    pub fn stated(&self, issuer: &str, now: Timestamp) -> Result<AccessClaims, TokenFault> {
        let payload = URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| TokenFault::Forged)?;
        let payload: Payload<'_> = serde_json::from_slice(&payload).map_err(|_| TokenFault::Forged)?;
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
