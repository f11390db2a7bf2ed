//! The composition root of a deployment on AWS: settings from the environment, the ports over its services, and what processes of it
//! share. It has no logic of its own, and knows neither handlers nor their events.

mod deployment;
mod process;
mod remote;
mod settings;

pub use deployment::{Deployment, Warm};
pub use process::{before, open};
pub use settings::{Agent, Database, Settings, SettingsError, VARIABLES};
