//! The composition root of a deployment on AWS: settings from the environment, the ports over its services, and what processes of it
//! share. It has no logic of its own, and knows neither handlers nor their events.

mod accounts;
mod asking;
mod database;
mod deployment;
mod engines;
mod gpu_host;
mod parts;
mod process;
mod remote;
mod settings;
mod warming;

pub use accounts::{Desk, Members};
pub use asking::Asking;
pub use database::{Database, Key};
pub use deployment::Deployment;
pub use gpu_host::{CloudEngines, GpuHost};
pub use parts::Parts;
pub use process::{before, invocation, open, open_schema, traced};
pub use settings::{Accounts, Agent, EngineChoice, Front, Settings, SettingsError, Tokens, UserPool, VARIABLES};
pub use synapscribe_aws::{Converse, Said, Speaker};
pub use warming::{Warm, warm_embedder};
