//! The GPU host's daemon: hears, thinks and speaks behind `/invoke`, and works on jobs. Knows nothing of API Gateway or sessions' storage.

pub mod core;
pub mod metrics;
pub mod routes;

pub use core::{AgentCore, Capacity};
pub use metrics::Metrics;
pub use routes::{bears, router};
pub use synapscribe_agent_client::HttpAgent;
pub use synapscribe_usecases::jobs::{self, Places, Worker};
