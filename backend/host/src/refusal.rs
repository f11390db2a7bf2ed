//! Why a host was not started, as far as whoever starts it can do something about it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// The host cannot be started as things are.
#[derive(Debug, Error)]
pub enum StartError {
    /// Two hosts on one folder would answer each other's questions.
    #[error("a host is using {} already{}; go on with that one, stop it, or name another folder with --data", .0.display(), at(.1.as_deref()))]
    Held(PathBuf, Option<String>),
    /// Somebody else listens there.
    #[error("another program listens at {0} already; stop it, or choose another place with --listen (port 0 picks one)")]
    Taken(SocketAddr),
    /// The system does not let this person listen there.
    #[error("you are not allowed to listen at {0}; choose another place with --listen, with a port above 1023")]
    Forbidden(SocketAddr),
    /// It is no address of this machine.
    #[error("{0} is no address of this machine; choose another place with --listen")]
    Elsewhere(SocketAddr),
}

/// Where it answers, if it has said so.
fn at(address: Option<&str>) -> String {
    address.map(|address| format!(", at {address}")).unwrap_or_default()
}

impl StartError {
    /// What it means that one cannot listen at an address; other reasons are the system's to explain.
    pub(crate) fn of_listening(listen: SocketAddr, error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::AddrInUse => Some(Self::Taken(listen)),
            io::ErrorKind::PermissionDenied => Some(Self::Forbidden(listen)),
            io::ErrorKind::AddrNotAvailable => Some(Self::Elsewhere(listen)),
            _ => None,
        }
    }

    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Held(..) => "host_running",
            Self::Taken(_) => "address_taken",
            Self::Forbidden(_) | Self::Elsewhere(_) => "address_not_allowed",
        }
    }
}
