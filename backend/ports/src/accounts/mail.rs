//! Letters to people.

use async_trait::async_trait;
use synapscribe_domain::account::EmailAddress;
use thiserror::Error;

/// A letter. It may hold a code, so it is never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub to: EmailAddress,
    /// What it is about.
    pub subject: String,
    /// What it says, as plain text.
    pub text: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a letter was not taken.
#[derive(Debug, Error)]
pub enum MailError {
    /// Trying again may help.
    #[error("the mail cannot be handed over now: {0}")]
    Unavailable(String),
    /// It was refused for good.
    #[error("the mail was refused: {0}")]
    Refused(String),
}

/// Takes letters to wherever people read them.
#[async_trait]
pub trait Mail: Send + Sync {
    /// Hands a letter over.
    async fn send(&self, letter: &Letter) -> Result<(), MailError>;
    /// Lets go of the letters to an address that are kept here; whoever only carries them on keeps none.
    async fn let_go(&self, _: &EmailAddress) -> Result<(), MailError> {
        Ok(())
    }
}
