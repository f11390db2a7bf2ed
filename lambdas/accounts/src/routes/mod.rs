//! The routes, by who calls them: somebody who has yet to get in, who gets in, who is in, who runs the server, and the world.

pub(crate) mod account;
pub(crate) mod known;
pub(crate) mod sign_in;
pub(crate) mod staff;
pub(crate) mod wellknown;

use std::sync::Arc;

use axum::extract::State;

use crate::Context;

pub(crate) type Shared = State<Arc<Context>>;
