//! Signing up. The answer is the same whether or not the address has an account; a letter tells its owner which it is.

use synapscribe_domain::account::{
    AccountId, Digest, EmailAddress, InvitationId, LONGEST_NAME, Password, Role, What, WrittenCode,
};
use synapscribe_domain::{Failure, PersonId};
use synapscribe_ports::accounts::{Admission, Letter, NewAccount, Redeemed, Registered};

use super::limits::Limited;
use super::{Reception, Refused, Visit, letters};

/// What somebody who signs up writes.
#[derive(Clone)]
pub struct Form {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// What they want to be called.
    pub name: Option<String>,
    /// An invitation's code.
    pub invitation: Option<String>,
}

/// The form, read.
struct Filled {
    email: EmailAddress,
    password: Password,
    name: Option<String>,
}

impl Form {
    fn read(&self, reception: &Reception) -> Result<Filled, Refused> {
        let mut faults = Vec::new();
        let email = EmailAddress::parse(&self.email).map_err(|why| faults.push(("email", why.to_string())));
        let password = reception.chosen(&self.password).map_err(|why| faults.push(("password", why.to_string())));
        let name = self.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        if name.is_some_and(|name| name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)) {
            faults.push(("name", format!("the name is too long; take at most {LONGEST_NAME} characters on one line")));
        }
        match (email, password) {
            (Ok(email), Ok(password)) if faults.is_empty() => Ok(Filled { email, password, name: name.map(str::to_owned) }),
            _ => Err(Refused::Fields(faults)),
        }
    }
}

impl Reception {
    /// Signs somebody up. A guest who does keeps their identity, and with it what they have.
    pub async fn register(&self, visit: &Visit, form: &Form, guest: Option<PersonId>) -> Result<(), Refused> {
        let Filled { email, password, name } = form.read(self)?;
        self.limit(visit, Limited::SignUp, &email).await?;
        let invitation = self.redeem(visit, form.invitation.as_deref()).await?;
        let role = invitation.as_ref().map_or(Role::Student, |(_, role)| *role);
        let registered = self.enter(&email, &password, name, role, guest).await;
        // An address that has an account takes a place as any other: one that is left over would tell.
        if registered.is_err()
            && let Some((id, _)) = &invitation
        {
            self.invitations.give_back(id).await?;
        }
        let (id, Registered { code, replaced: mut unreachable }) = registered?;
        let (what, account, letter) = match code {
            Some(code) => (What::Registered, Some(id), letters::verify(&email, &code)),
            None => {
                unreachable.push(id);
                (What::RegisteredAgain, None, letters::known_already(&email))
            }
        };
        self.note(visit, what, account.as_ref(), None).await;
        self.post(Some(letter));
        self.let_go(unreachable);
        Ok(())
    }

    async fn enter(
        &self,
        email: &EmailAddress,
        password: &Password,
        name: Option<String>,
        role: Role,
        guest: Option<PersonId>,
    ) -> Result<(AccountId, Registered), Refused> {
        // An identity belongs to one account for good, also to one that was deleted.
        let person = match guest {
            Some(person) if !self.admitting.is_accounts(&person).await? => person,
            _ => self.identities.fresh().await?,
        };
        let id = AccountId::parse(self.ids.fresh()).map_err(|_| Failure::internal())?;
        let new = NewAccount { id: id.clone(), email: email.clone(), name, role, person };
        let registered = self.accounts.register(&new, self.clock.now()).await?;
        // Also where the address has an account: the same work is done, and what is kept of it goes after the answer.
        match self.proofs.keep(&id, email, password).await {
            Ok(()) => Ok((id, registered)),
            Err(error) => {
                // Nobody is sent a code, so that it would be of no use to anybody.
                self.let_go([registered.replaced, vec![id]].concat());
                Err(error.into())
            }
        }
    }

    /// Lets somebody in by their invitation.
    async fn redeem(&self, visit: &Visit, code: Option<&str>) -> Result<Option<(InvitationId, Role)>, Refused> {
        let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
            return if self.invited_only { Err(Refused::not_invited(None)) } else { Ok(None) };
        };
        let digest = self.invitation_digest(code).ok_or_else(|| Refused::not_invited(None))?;
        match self.invitations.redeem(&digest, self.clock.now()).await? {
            Redeemed::In(id, role) => match self.limit_invitation(visit, &id).await {
                Ok(()) => Ok(Some((id, role))),
                Err(refused) => {
                    self.invitations.give_back(&id).await?;
                    Err(refused)
                }
            },
            Redeemed::Out(why) => Err(Refused::not_invited(Some(why))),
            Redeemed::Unknown => Err(Refused::not_invited(None)),
        }
    }

    /// An invitation's code is two of those that are sent, one after the other: nobody counts how often it is guessed.
    pub(super) fn invitation_digest(&self, code: &str) -> Option<Digest> {
        let plain: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let (first, second) = plain.split_at_checked(plain.len() / 2)?;
        let (first, second) = (WrittenCode::parse(first)?, WrittenCode::parse(second)?);
        Some(self.secrets.digest(&format!("invitation/{}{}", first.as_str(), second.as_str())))
    }

    /// Sends a letter after the answer.
    pub(super) fn post(&self, letter: Option<Letter>) {
        let Some(letter) = letter else { return };
        let mail = std::sync::Arc::clone(&self.mail);
        self.errands.begin(async move {
            if let Err(error) = mail.send(&letter).await {
                tracing::error!(%error, "a letter could not be sent");
            }
        });
    }
}
