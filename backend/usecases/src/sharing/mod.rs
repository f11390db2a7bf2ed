//! Classes, and who is shown what. Whoever is not in a class is answered as if there were none. A guest may be in a class and stays
//! in it when they sign up; teaching, and showing things to others, takes an account and its role.

mod classes;
mod packs;
mod showing;

use std::net::IpAddr;
use std::sync::Arc;

use synapscribe_domain::account::{Action, Rate, Role, Taken, Whose};
use synapscribe_domain::{Class, ClassId, Code, Failure, Member, PersonId};
use synapscribe_ports::accounts::{Accounts, Limits, Secrets};
use synapscribe_ports::{Audience, Clock, Connections, Ids, Library};

use crate::accounts::Refused;

const HOUR: i64 = 60 * 60_000;
/// Codes that one person tries.
const BY_PERSON: Rate = Rate::each(20, HOUR);
/// Codes that are tried from one place, which a whole lecture hall may share. With forty bits in a code, guessing one of a thousand
/// at this rate takes two centuries.
const BY_PLACE: Rate = Rate::each(600, HOUR);

/// What is needed to share.
#[derive(Clone)]
pub struct Sharing {
    /// Classes, and what they are shown.
    pub library: Arc<dyn Library>,
    /// Who has which role.
    pub accounts: Arc<dyn Accounts>,
    /// How often codes were tried.
    pub limits: Arc<dyn Limits>,
    /// Makes codes.
    pub secrets: Arc<dyn Secrets>,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// Fresh names.
    pub ids: Arc<dyn Ids>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Sharing {
    /// Lets whoever may do this go on. A guest may do what a student may.
    async fn allow(&self, person: &PersonId, action: Action, whose: Whose) -> Result<(), Refused> {
        let account = self.accounts.account_of(person).await?.filter(|account| account.verified);
        if account.map_or(Role::Student, |account| account.role).may(action, whose) {
            return Ok(());
        }
        Err(Failure::new(
            Code::Forbidden,
            "only lecturers can do this; ask whoever runs this server for an invitation as a lecturer",
        )
        .into())
    }

    /// A class that this person teaches or is in, with its members.
    async fn in_class(&self, person: &PersonId, id: &ClassId) -> Result<(Class, Vec<Member>), Refused> {
        let class = self.library.class(id).await?.ok_or_else(missing)?;
        let members = self.library.members(id).await?;
        if class.is_taught_by(person) || members.iter().any(|member| &member.person == person) {
            Ok((class, members))
        } else {
            Err(missing())
        }
    }

    /// A class that this person teaches. To its members, too, there is nothing of it to change.
    async fn taught(&self, person: &PersonId, id: &ClassId) -> Result<Class, Refused> {
        self.library.class(id).await?.filter(|class| class.is_taught_by(person)).ok_or_else(missing)
    }

    /// Takes one try of a code, for a person and for the place they come from.
    async fn limit(&self, person: &PersonId, peer: Option<IpAddr>) -> Result<(), Refused> {
        if let Some(peer) = peer {
            self.take(&format!("class/from/{peer}"), BY_PLACE).await?;
        }
        self.take(&format!("class/by/{person}"), BY_PERSON).await
    }

    /// Keys are digested, as all that are limited are: a list of people would be worth stealing.
    async fn take(&self, key: &str, rate: Rate) -> Result<(), Refused> {
        let digest = self.secrets.digest(key).0;
        let key: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        match self.limits.take(&key, rate, self.clock.now()).await? {
            Taken::Allowed(_) => Ok(()),
            Taken::Wait(ms) => Err(Refused::TooOften(ms)),
        }
    }
}

/// A class is shown no more than it may be.
fn enough() -> Refused {
    Failure::new(Code::BadMessage, "the class is shown as much as it may be; take something away first").into()
}

fn missing() -> Refused {
    Failure::not_found("class").into()
}
