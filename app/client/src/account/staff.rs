//! What is asked by those who look after accounts, as requests: whoever sends them gives the answer to [`Asked::read`].

use std::marker::PhantomData;

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use synapscribe_protocol::accounts::{AppointDto, AppointedDto, AuditDto, InvitationDto, InvitationsDto, InviteDto, NothingDto};

use super::calls::{read, written};
use crate::error::Result;
use crate::rest::segment;

/// A request below `/api/auth` whose answer holds a `T`.
#[derive(Debug, Clone)]
pub struct Asked<T> {
    /// The method.
    pub method: Method,
    /// The path behind `/api/auth/`, with its query.
    pub path: String,
    /// What is sent along, as JSON.
    pub body: Option<Vec<u8>>,
    answer: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Asked<T> {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, answer: PhantomData }
    }

    fn with(self, body: &impl Serialize) -> Result<Self> {
        Ok(Self { body: Some(written(body)?), ..self })
    }

    /// What the answer of a server holds, or its refusal.
    pub fn read(&self, server: &str, status: u16, said: &[u8]) -> Result<T> {
        read(server, http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_GATEWAY), said)
    }
}

/// Makes an invitation, whose code is told this once.
pub fn invite(wish: &InviteDto) -> Result<Asked<InvitationDto>> {
    Asked::new(Method::POST, "invitations").with(wish)
}

/// All invitations, the latest first.
pub fn invitations() -> Asked<InvitationsDto> {
    Asked::new(Method::GET, "invitations")
}

/// Lets nobody in by an invitation any more.
pub fn revoke(id: &str) -> Asked<NothingDto> {
    Asked::new(Method::DELETE, format!("invitations/{}", segment(id)))
}

/// Gives the account of an address a role.
pub fn appoint(wish: &AppointDto) -> Result<Asked<AppointedDto>> {
    Asked::new(Method::POST, "roles").with(wish)
}

/// What happened to accounts, the latest first: before a moment, if one is named, with what happened at it before the event of a
/// number, and at most so much.
pub fn audit(before: Option<i64>, number: Option<i64>, most: u32) -> Asked<AuditDto> {
    let before = before.map(|at| format!("&before={at}")).unwrap_or_default();
    let number = number.map(|number| format!("&number={number}")).unwrap_or_default();
    Asked::new(Method::GET, format!("audit?most={most}{before}{number}"))
}
