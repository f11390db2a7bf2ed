//! The composition root of a deployment on AWS: settings from the environment, the ports over its services, and what processes of it
//! share. It has no logic of its own, and knows neither handlers nor their events.

mod database;
mod deployment;
mod process;
mod remote;
mod settings;

pub use database::{Database, Key};
pub use deployment::{Deployment, Warm};
pub use process::{before, open, open_schema};
pub use settings::{Agent, Settings, SettingsError, VARIABLES};
