//! The steps of a deployment and their order, which depends on what there is already. Nothing is done here.

use std::fmt;

use serde::{Serialize, Serializer};
use synapscribe_client::ClientError;

use super::checkout::Stage;

/// A step. Each finds what was done before, so that all may be begun again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Build the functions and pack them with what the templates name.
    Functions,
    /// Build what the machine with the GPU runs, and put it where the machine fetches it.
    Host,
    /// Deploy the stacks, with the database's schema brought up to date before and after.
    Stack,
    /// Deploy the machine, which found no programs before.
    Machine,
    /// Build the web page and put it where the edge serves it from.
    Page,
}

impl Step {
    /// What they are called, in their order.
    pub const NAMES: [&'static str; 5] = ["functions", "host", "stack", "machine", "page"];
    const ALL: [Self; 5] = [Self::Functions, Self::Host, Self::Stack, Self::Machine, Self::Page];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.name())
    }
}

/// Which steps are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// All of them.
    #[default]
    Whole,
    /// Those from one on.
    From(Step),
    /// One alone.
    Only(Step),
}

/// The steps that bring a stage up, where `there` says whether its stacks stand already.
pub(crate) fn plan(stage: &Stage, there: bool, part: Part) -> Result<Vec<Step>, ClientError> {
    use Step::{Functions, Host, Machine, Page, Stack};
    let whole = match (stage.has_machine(), there) {
        (false, _) => vec![Functions, Stack, Page],
        // A machine that starts fetches its programs at once.
        (true, true) => vec![Functions, Host, Stack, Page],
        // The bucket for them comes with the stacks, so the first time those go up without the machine.
        (true, false) => vec![Functions, Stack, Host, Machine, Page],
    };
    let wanted = match part {
        Part::Whole => whole,
        // An operator may put programs there before they ask for a machine.
        Part::Only(step) => return Ok(vec![step]),
        Part::From(first) => whole.into_iter().skip_while(|step| *step != first).collect(),
    };
    match wanted.is_empty() {
        true => {
            let said = format!("{} has no such step now; it needs HostCount=1 in samconfig.toml", stage.name);
            Err(ClientError::new("usage", said))
        }
        false => Ok(wanted),
    }
}
