//! How everybody behaves who looks at access tokens, whatever they remember of the sign-ins.

use synapscribe_domain::account::{Digest, EmailAddress, Place, Role, SignIn, Why};
use synapscribe_domain::{Code, PersonId, Timestamp};

use super::{account, claims, fresh, person};
use crate::accounts::{AccessClaims, AccessTokens, Accounts, Admission, NewAccount, SignIns};
use crate::fakes::SetClock;
use crate::world::Clock;

/// What stands behind an admission. What is done here is done by other processes, and nobody tells the admission.
#[derive(Clone, Copy)]
pub struct Behind<'a> {
    /// Who makes the tokens.
    pub tokens: &'a dyn AccessTokens,
    /// Who keeps the sign-ins.
    pub sign_ins: &'a dyn SignIns,
    /// Who keeps the accounts.
    pub accounts: &'a dyn Accounts,
    /// The clock of them all.
    pub clock: &'a SetClock,
}

/// Runs every check.
pub async fn suite(admission: &dyn Admission, behind: Behind<'_>) {
    whoever_shows_a_token_is_who_it_states(admission, behind).await;
    what_is_no_token_of_now_is_refused(admission, behind).await;
    what_ended_elsewhere_is_over_within_a_minute(admission, behind).await;
    an_identity_is_an_accounts_once_the_address_is_shown(admission, behind).await;
}

const MINUTE_MS: i64 = 60_000;

impl Behind<'_> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Somebody signs in now.
    async fn signed_in(&self) -> (AccessClaims, String) {
        let claims = claims(self.now());
        let (id, account) = (claims.sign_in.clone(), claims.account.clone());
        let sign_in = SignIn::new(id, account, "a laptop".into(), Place::unknown(), Digest([0; 32]), self.now());
        self.sign_ins.begin(&sign_in).await.unwrap();
        let token = self.tokens.mint(&claims).await.unwrap();
        (claims, token)
    }
}

async fn code(admission: &dyn Admission, token: &str) -> Option<Code> {
    let failure = admission.admit(token).await.err()?;
    let shows = token.len() > 8 && failure.message.contains(token);
    assert!(!shows, "a token is not said again: {failure}");
    Some(failure.code)
}

async fn whoever_shows_a_token_is_who_it_states(admission: &dyn Admission, behind: Behind<'_>) {
    for _ in 0..2 {
        let (claims, token) = behind.signed_in().await;
        for _ in 0..2 {
            assert_eq!(admission.admit(&token).await.unwrap().claims, claims);
            assert!(admission.still_lasts(&claims.sign_in).await.unwrap());
        }
    }
    assert_eq!(admission.issuer(), behind.tokens.issuer());
}

async fn what_is_no_token_of_now_is_refused(admission: &dyn Admission, behind: Behind<'_>) {
    let (claims, token) = behind.signed_in().await;
    for odd in ["", "x", "..", &token[1..], &format!("{token}x"), &format!("Bearer {token}"), claims.account.as_str()] {
        assert_eq!(code(admission, odd).await, Some(Code::Unauthorised), "{odd:.60}");
    }
    behind.clock.pass(claims.expires.0 - claims.issued.0 - 1);
    assert_eq!(code(admission, &token).await, None);
    behind.clock.pass(1);
    assert_eq!(code(admission, &token).await, Some(Code::Unauthorised), "it has expired");
    assert!(admission.still_lasts(&claims.sign_in).await.unwrap(), "the sign-in goes on without it");
}

async fn what_ended_elsewhere_is_over_within_a_minute(admission: &dyn Admission, behind: Behind<'_>) {
    let ((ended, token), (lasting, other)) = (behind.signed_in().await, behind.signed_in().await);
    assert_eq!((code(admission, &token).await, code(admission, &other).await), (None, None));
    assert!(behind.sign_ins.end(&ended.account, &ended.sign_in, Why::Revoked, behind.now()).await.unwrap());
    assert!(!admission.lasts_now(&ended.sign_in).await.unwrap(), "whoever has to know at once is told");
    assert!(admission.lasts_now(&lasting.sign_in).await.unwrap());
    // For as long as the token would be good.
    for minutes in [1, 6, 7] {
        behind.clock.pass(minutes * MINUTE_MS);
        assert_eq!(code(admission, &token).await, Some(Code::SignedOut));
        assert!(!admission.still_lasts(&ended.sign_in).await.unwrap());
        assert_eq!(code(admission, &other).await, None, "nobody else is sent away");
        assert!(admission.still_lasts(&lasting.sign_in).await.unwrap());
    }
    // Credentials that were handed out under it last an hour.
    behind.clock.pass(45 * MINUTE_MS);
    assert!(!admission.still_lasts(&ended.sign_in).await.unwrap());
}

async fn an_identity_is_an_accounts_once_the_address_is_shown(admission: &dyn Admission, behind: Behind<'_>) {
    let Behind { accounts, .. } = behind;
    let new = NewAccount {
        id: account(),
        email: EmailAddress::parse(&format!("{}@example.org", fresh())).unwrap(),
        name: None,
        role: Role::Student,
        person: person(),
    };
    let known = async |person: &PersonId| admission.is_accounts(person).await.unwrap();
    assert!(!known(&new.person).await);
    let code = accounts.register(&new, behind.now()).await.unwrap().code.expect("a new address is not known");
    assert!(!known(&new.person).await, "whoever does not read there keeps no guest out");
    assert!(accounts.verify(&new.email, &code, behind.now()).await.unwrap().is_some());
    assert!(known(&new.person).await);
    assert!(!known(&person()).await, "a guest is a guest");
    let (sign_in, account) = (claims(behind.now()).sign_in, new.id.clone());
    let sign_in = SignIn::new(sign_in, account, "a laptop".into(), Place::unknown(), Digest([0; 32]), behind.now());
    behind.sign_ins.begin(&sign_in).await.unwrap();
    behind.sign_ins.end_all(&new.id, Why::AccountDeleted, behind.now()).await.unwrap();
    behind.sign_ins.erase(&new.id, &new.person).await.unwrap();
    accounts.delete(&new.id).await.unwrap();
    // Connections are made by what was drawn within an hour, and last two.
    behind.clock.pass(120 * MINUTE_MS);
    assert!(known(&new.person).await, "what was drawn under it lets nobody in as a guest");
    behind.clock.pass(24 * 60 * MINUTE_MS);
    assert!(!known(&new.person).await, "what is deleted is nobody's");
}
