//! The composition root for one machine: one port that serves everything, over the same handlers as in AWS.
//! It puts parts together and has no version of any logic of its own.

mod accounts;
mod archive;
mod authorise;
mod chores;
mod compose;
mod discovery;
mod folder;
mod gateway;
mod join;
mod lines;
mod live;
mod operator;
mod pages;
mod parts;
mod private;
mod proxies;
mod reach;
mod refusal;
mod retention;
mod running;
mod sample;
mod settings;
mod site;
mod work;

pub use accounts::{KeptLetter, letters};
pub use archive::{ArchiveError, backup, restore};
pub use compose::start;
pub use join::{Joined, join, running};
pub use operator::operator_key;
pub use proxies::Proxies;
pub use refusal::StartError;
pub use running::Running;
pub use settings::{Settings, SettingsError, VARIABLES, default_data_folder, running_at};
pub use site::page;
pub use synapscribe_domain::session::Retention;

/// Reads a recording or a document for its parent and ends the process, when that is what it was started for.
///
/// Call this first in `main`, before threads are started.
pub fn run_worker_if_asked() {
    synapscribe_media::run_worker_if_asked();
    synapscribe_reader::run_worker_if_asked();
}
