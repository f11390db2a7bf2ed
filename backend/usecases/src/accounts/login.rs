//! Signing in: by address and password, and where it is asked for by a second proof.

use synapscribe_domain::account::sign_in::LONGEST_DEVICE;
use synapscribe_domain::account::{Account, EmailAddress, Password, RefreshToken, SignIn, SignInId, What, Why};
use synapscribe_domain::{Failure, Timestamp};
use synapscribe_ports::accounts::{AccessClaims, Challenge, Proved};

use super::limits::Limited;
use super::{ACCESS_MS, Reception, Refused, Visit};

/// How somebody shows that it is they.
#[derive(Clone)]
pub enum Proof {
    /// By their password.
    Password(String),
    /// By the answer to a challenge.
    Answer(Challenge, String),
}

/// What a signed-in device holds.
#[derive(Clone)]
pub struct Session {
    /// What to call with.
    pub access: String,
    /// How long that is good for, in milliseconds.
    pub access_ms: i64,
    /// What to renew it with.
    pub refresh: RefreshToken,
    /// When the sign-in ends.
    pub expires: Timestamp,
}

/// What came of signing in.
#[derive(Clone)]
pub enum SignedInNow {
    /// They are.
    Yes(Session, Account),
    /// Something else is asked for.
    Challenged(Challenge),
}

impl Reception {
    /// Signs somebody in on a device.
    pub async fn login(&self, visit: &Visit, email: &str, proof: &Proof, device: &str) -> Result<SignedInNow, Refused> {
        let email = EmailAddress::parse(email).map_err(|why| Refused::Fields(vec![("email", why.to_string())]))?;
        self.limit(visit, Limited::SignIn, &email).await?;
        // One that waits to be confirmed is nobody's yet. Whoever signed up with another's address knows its password, and from
        // another answer would learn whether the address has an account besides; a keeper that sends codes would send them there.
        let account = self.accounts.account_at(&email).await?.filter(|account| account.verified);
        let id = account.as_ref().map(|account| &account.id);
        let proved = match proof {
            Proof::Password(text) => match Password::typed(text) {
                Some(password) => self.proofs.prove(id, &password).await?,
                None => Proved::No,
            },
            Proof::Answer(challenge, answer) => self.proofs.answer(id, challenge, answer).await?,
        };
        match (proved, account) {
            (Proved::No, _) | (_, None) => Err(self.turned_away(visit, &email)),
            (Proved::Challenged(challenge), Some(_)) => Ok(SignedInNow::Challenged(challenge)),
            (Proved::Yes, Some(account)) => {
                let Some((session, account)) = self.begin(visit, &account, device).await? else {
                    return Err(self.turned_away(visit, &email));
                };
                self.note(visit, What::SignedIn, Some(&account.id), Some(&session.refresh.sign_in)).await;
                Ok(SignedInNow::Yes(session, account))
            }
        }
    }

    fn turned_away(&self, visit: &Visit, email: &EmailAddress) -> Refused {
        self.note_refused(visit, What::SignInRefused, email);
        Refused::credentials()
    }

    /// Begins a sign-in of whoever proved to be this account's, with the account as it is by then. While a password is compared it
    /// may be set anew, and the account be deleted: whoever did that ended the sign-ins that there were, so this one ends as well.
    async fn begin(&self, visit: &Visit, proved: &Account, device: &str) -> Result<Option<(Session, Account)>, Refused> {
        let id = SignInId::parse(self.ids.fresh()).map_err(|_| Failure::internal())?;
        let token = RefreshToken { sign_in: id.clone(), secret: self.secrets.random() };
        let digest = self.secrets.digest(&token.text());
        let sign_in = SignIn::new(id, proved.id.clone(), named(device), visit.place(), digest, self.clock.now());
        self.sign_ins.begin(&sign_in).await?;
        match self.accounts.account(&proved.id).await? {
            Some(account) if account.resets == proved.resets => {
                let session = self.session(&account, &sign_in, token).await?;
                Ok(Some((session, account)))
            }
            found => {
                let why = if found.is_some() { Why::PasswordChanged } else { Why::AccountDeleted };
                self.sign_ins.end(&proved.id, &sign_in.id, why, self.clock.now()).await?;
                Ok(None)
            }
        }
    }

    /// What the device of a sign-in gets.
    pub(super) async fn session(&self, account: &Account, sign_in: &SignIn, refresh: RefreshToken) -> Result<Session, Refused> {
        let issued = self.clock.now();
        let expires = issued.plus(ACCESS_MS).min(sign_in.expires);
        let claims = AccessClaims {
            account: account.id.clone(),
            person: account.person.clone(),
            sign_in: sign_in.id.clone(),
            role: account.role,
            issued,
            expires,
        };
        let access = self.tokens.mint(&claims).await?;
        Ok(Session { access, access_ms: expires.0 - issued.0, refresh, expires: sign_in.expires })
    }
}

/// A device's own name as a list can show it.
fn named(device: &str) -> String {
    let plain: String = device.trim().chars().filter(|c| !c.is_control()).take(LONGEST_DEVICE).collect();
    if plain.is_empty() { "a device".to_owned() } else { plain }
}
