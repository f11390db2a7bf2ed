//! The agent of the GPU host: hears, thinks and speaks behind `/invoke`, talks with whoever speaks over `/ws/audio`, and takes recordings
//! from a queue. Knows nothing of API Gateway, of what a queue is made of, or of sessions' storage.

pub mod core;
pub mod ingests;
pub mod live;
pub mod metrics;
pub mod routes;
pub mod sockets;

pub use core::{AgentCore, Capacity};
pub use ingests::Ingests;
pub use live::Live;
pub use metrics::Metrics;
pub use routes::{bears, router};
pub use synapscribe_agent_client::HttpAgent;
pub use synapscribe_usecases::jobs::{self, Places, Worker};
