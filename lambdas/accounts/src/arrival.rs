//! Who calls, as whoever mounts the routes established it.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use synapscribe_domain::{Code, Failure, PersonId};
use synapscribe_ports::accounts::SignedIn;
use synapscribe_usecases::accounts::{Office, Visit};

use crate::Context;
use crate::correlation::Name;
use crate::envelope::Refusal;

/// Who somebody showed to be.
#[derive(Debug, Clone, Default)]
pub enum Called {
    /// They showed nothing.
    #[default]
    Nobody,
    /// A guest, by their signature.
    Guest(PersonId),
    /// Somebody with an account, by their access token.
    SignedIn(SignedIn),
    /// Whoever runs this server, by the key of its host or because AWS lets them call the function.
    Host,
    /// What they showed is not believed.
    Refused(Failure),
}

/// Who calls from where.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// Who.
    pub called: Called,
    /// From which address.
    pub peer: Option<IpAddr>,
}

/// The circumstances of a call, whoever calls.
pub(crate) struct Visiting(pub Visit, pub Called);

impl<S: Send + Sync> FromRequestParts<S> for Visiting {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let arrival = parts.extensions.get::<Arrival>().cloned().unwrap_or_default();
        let correlation = parts.extensions.get::<Name>().map(|name| name.0.clone());
        Ok(Self(Visit { peer: arrival.peer, correlation }, arrival.called))
    }
}

/// Somebody who is signed in; everybody else is refused.
pub(crate) struct Known(pub Visit, pub SignedIn);

impl FromRequestParts<Arc<Context>> for Known {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Context>) -> Result<Self, Refusal> {
        let Ok(Visiting(visit, called)) = Visiting::from_request_parts(parts, state).await;
        match called {
            Called::SignedIn(signed_in) => Ok(Self(visit, signed_in)),
            Called::Refused(failure) => Err(failure.into()),
            Called::Nobody | Called::Guest(_) | Called::Host => Err(unsigned()),
        }
    }
}

/// Somebody who may be allowed what only some are.
pub(crate) struct Staff(pub Visit, pub Office);

impl FromRequestParts<Arc<Context>> for Staff {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Context>) -> Result<Self, Refusal> {
        let Ok(Visiting(visit, called)) = Visiting::from_request_parts(parts, state).await;
        match called {
            Called::Host => Ok(Self(visit, Office::Host)),
            Called::SignedIn(signed_in) => Ok(Self(visit, Office::Account(signed_in))),
            Called::Refused(failure) => Err(failure.into()),
            Called::Nobody | Called::Guest(_) => Err(unsigned()),
        }
    }
}

fn unsigned() -> Refusal {
    Failure::new(Code::Unauthorised, "the request carries no access token; sign in").into()
}
