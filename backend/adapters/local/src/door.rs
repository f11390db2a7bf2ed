//! Who sends a request, however they show it: by a signature, or by an access token in a header, among the protocols of a WebSocket
//! or in the query. This is the one place where that is found out, for REST, the WebSocket and storage alike.

use std::sync::Arc;

use http::{HeaderMap, Method, Uri, header};
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{Code, Failure, PersonId};
use synapscribe_ports::Clock;
use synapscribe_ports::accounts::{Admission, SignedIn};
use thiserror::Error;

use crate::sigv4::{SignatureError, SignatureVerifier, decode, query_pairs};

/// The form of a token among the protocols that a WebSocket asks for.
const TOKEN_PROTOCOL: &str = "access_token.";
/// The field of a query that holds a token.
const TOKEN_QUERY: &str = "access_token";

/// Somebody who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// Whose things they reach.
    pub person: PersonId,
    /// Under which sign-in; guests have none.
    pub sign_in: Option<SignInId>,
    /// What their access token states, where they showed one.
    pub signed_in: Option<SignedIn>,
}

/// Why somebody was not let in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Turned {
    /// They signed, and not rightly; or they showed nothing.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Their access token is not believed, or their sign-in has ended.
    #[error(transparent)]
    Token(#[from] Failure),
}

/// Lets people in.
#[derive(Clone)]
pub struct Door {
    verifier: SignatureVerifier,
    admission: Option<Arc<dyn Admission>>,
    clock: Arc<dyn Clock>,
}

impl Door {
    /// A door for guests, and for people with accounts where there are any.
    pub fn new(verifier: SignatureVerifier, admission: Option<Arc<dyn Admission>>, clock: Arc<dyn Clock>) -> Self {
        Self { verifier, admission, clock }
    }

    /// Who sent this. `body` is the whole body; a WebSocket's upgrade has an empty one.
    pub async fn who(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Entrant, Turned> {
        if let Some(token) = token(uri, headers) {
            let signed_in = self.admitted(&token).await?;
            let (person, sign_in) = (signed_in.claims.person.clone(), signed_in.claims.sign_in.clone());
            return Ok(Entrant { person, sign_in: Some(sign_in), signed_in: Some(signed_in) });
        }
        let signed = self.verifier.verify(method, uri, headers, body, self.clock.now())?;
        if let Some(sign_in) = &signed.sign_in {
            lasts(self.admission.as_deref(), sign_in).await?;
        }
        Ok(Entrant { person: signed.person, sign_in: signed.sign_in, signed_in: None })
    }

    /// Whether somebody who was let in may stay: for as long as it is not known that their sign-in has ended.
    pub async fn may_stay(&self, sign_in: &SignInId) -> bool {
        !matches!(lasts(self.admission.as_deref(), sign_in).await, Err(failure) if failure.code == Code::SignedOut)
    }

    /// Who shows this access token.
    pub async fn admitted(&self, token: &str) -> Result<SignedIn, Failure> {
        admitted(self.admission.as_deref(), token).await
    }
}

/// Who shows this access token, where there are accounts.
pub(crate) async fn admitted(admission: Option<&dyn Admission>, token: &str) -> Result<SignedIn, Failure> {
    match admission {
        Some(admission) => admission.admit(token).await,
        None => Err(Failure::new(Code::Unauthorised, "there are no accounts here; sign the request as a guest does")),
    }
}

/// Credentials that were handed out under a sign-in end with it.
pub(crate) async fn lasts(admission: Option<&dyn Admission>, sign_in: &SignInId) -> Result<(), Failure> {
    let lasts = match admission {
        Some(admission) => admission.still_lasts(sign_in).await?,
        None => false,
    };
    if lasts { Ok(()) } else { Err(Failure::new(Code::SignedOut, "you are signed out here; sign in again")) }
}

/// The access token that a request shows, wherever it stands.
pub fn token(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(authorization) = text(header::AUTHORIZATION) {
        let (scheme, token) = authorization.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned());
    }
    if let Some(protocols) = text(header::SEC_WEBSOCKET_PROTOCOL)
        && let Some(token) = protocols.split(',').find_map(|protocol| protocol.trim().strip_prefix(TOKEN_PROTOCOL))
    {
        return Some(token.to_owned());
    }
    let pairs = query_pairs(uri).ok()?;
    pairs.into_iter().find(|(name, _)| name == TOKEN_QUERY).map(|(_, token)| token)
}

/// The address without the token in its query, which is nobody's business beyond the door.
pub fn without_token(uri: &Uri) -> Uri {
    let Some(query) = uri.query() else { return uri.clone() };
    let is_token = |pair: &&str| decode(pair.split('=').next().unwrap_or_default()).is_ok_and(|name| name == TOKEN_QUERY);
    let kept: Vec<_> = query.split('&').filter(|pair| !is_token(pair)).collect();
    let path = if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), kept.join("&")) };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = path.parse().ok();
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(uri: &str, headers: &[(header::HeaderName, &str)]) -> Option<String> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        token(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn a_token_is_found_wherever_it_may_stand() {
        let expected = Some("a.b-c_d.e".to_owned());
        assert_eq!(shown("/x", &[(header::AUTHORIZATION, "Bearer a.b-c_d.e")]), expected);
        assert_eq!(shown("/x", &[(header::AUTHORIZATION, "bearer  a.b-c_d.e")]), expected);
        assert_eq!(shown("/x", &[(header::SEC_WEBSOCKET_PROTOCOL, "synapscribe, access_token.a.b-c_d.e")]), expected);
        assert_eq!(shown("/x?a=b&access_token=a.b-c_d.e", &[]), expected);
        assert_eq!(shown("/x?X-Amz-Signature=1", &[]), None);
        assert_eq!(shown("/x", &[(header::AUTHORIZATION, "AWS4-HMAC-SHA256 Credential=…")]), None);
        let signed = [(header::AUTHORIZATION, "AWS4-HMAC-SHA256 Credential=x")];
        assert_eq!(shown("/x?access_token=a", &signed), None, "whoever signs is who they sign as");
    }

    #[test]
    fn the_token_goes_no_further() {
        let clean = |uri: &str| without_token(&uri.parse().unwrap()).to_string();
        assert_eq!(clean("/a/b?access_token=x"), "/a/b");
        assert_eq!(clean("/a?list-type=2&access_token=x&prefix=p%2F"), "/a?list-type=2&prefix=p%2F");
        assert_eq!(clean("/a?prefix=p"), "/a?prefix=p");
        assert_eq!(clean("/a?access%5Ftoken=x&prefix=p&%61ccess_token=y"), "/a?prefix=p", "however its name is written");
    }
}
