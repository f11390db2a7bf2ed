//! The GPU host's daemon: hears, thinks and speaks behind `/invoke`, and works on jobs. Knows nothing of API Gateway or sessions' storage.

pub mod client;
pub mod core;
pub mod jobs;
pub mod metrics;
pub mod routes;

pub use client::HttpAgent;
pub use core::{AgentCore, Capacity};
pub use jobs::{Places, Worker};
pub use metrics::Metrics;
pub use routes::router;
