//! How every keeper of accounts behaves, a database of ours or a user pool.

use synapscribe_domain::PersonId;
use synapscribe_domain::account::{AccountId, EmailAddress, Password, Role, WrittenCode};

use super::{NOW, account, fresh};
use crate::accounts::{Accounts, Authenticated, NewAccount, Registered, Sending};

/// Where the codes can be read that a keeper sends by itself.
pub type Inbox<'a> = &'a (dyn Fn(&EmailAddress) -> WrittenCode + Send + Sync);

/// Runs every check; `inbox` is asked only where the keeper sends codes by itself.
pub async fn suite(accounts: &dyn Accounts, inbox: Inbox<'_>) {
    whoever_shows_their_address_gets_in_and_nobody_else(accounts, inbox).await;
    an_address_has_one_account(accounts, inbox).await;
    whoever_never_verified_keeps_nobody_out(accounts, inbox).await;
    a_forgotten_password_is_set_anew_once(accounts, inbox).await;
    another_code_takes_the_place_of_the_first(accounts, inbox).await;
    an_account_is_found_and_goes(accounts, inbox).await;
}

struct Somebody {
    new: NewAccount,
    password: Password,
}

fn somebody() -> Somebody {
    let new = NewAccount {
        id: account(),
        email: EmailAddress::parse(&format!("{}@example.org", fresh())).unwrap(),
        name: Some("Ada Ł. 🎓".into()),
        role: Role::Lecturer,
        person: PersonId::parse(format!("us-east-1:{}", fresh())).unwrap(),
    };
    Somebody { new, password: password("tide pools at noon 7!Q") }
}

fn password(text: &str) -> Password {
    Password::chosen(text).unwrap()
}

fn code(sending: Sending, email: &EmailAddress, inbox: Inbox<'_>) -> WrittenCode {
    match sending {
        Sending::Ours(code) => code,
        Sending::Theirs => inbox(email),
    }
}

fn another(code: &WrittenCode) -> WrittenCode {
    let first = if code.as_str().starts_with('2') { '3' } else { '2' };
    WrittenCode::parse(&format!("{first}{}", &code.as_str()[1..])).unwrap()
}

impl Somebody {
    async fn register(&self, accounts: &dyn Accounts, inbox: Inbox<'_>) -> WrittenCode {
        match accounts.register(&self.new, &self.password, NOW).await.unwrap() {
            Registered::New(sending) => code(sending, &self.new.email, inbox),
            Registered::Known => panic!("a new address is known"),
        }
    }

    async fn join(&self, accounts: &dyn Accounts, inbox: Inbox<'_>) -> AccountId {
        let code = self.register(accounts, inbox).await;
        accounts.verify(&self.new.email, &code, NOW).await.unwrap().expect("the code is right").id
    }

    async fn enters(&self, accounts: &dyn Accounts, password: &Password) -> Authenticated {
        accounts.authenticate(&self.new.email, password, NOW).await.unwrap()
    }
}

async fn whoever_shows_their_address_gets_in_and_nobody_else(accounts: &dyn Accounts, inbox: Inbox<'_>) {
    let ada = somebody();
    assert_eq!(ada.enters(accounts, &ada.password).await, Authenticated::No, "nobody has this address yet");
    let code = ada.register(accounts, inbox).await;
    assert!(matches!(ada.enters(accounts, &ada.password).await, Authenticated::Unverified(_)));
    assert_eq!(ada.enters(accounts, &password("tide pools at noon 7!q")).await, Authenticated::No);
    assert_eq!(accounts.verify(&ada.new.email, &another(&code), NOW).await.unwrap(), None);
    assert_eq!(accounts.verify(&somebody().new.email, &code, NOW).await.unwrap(), None, "a code is one address's");
    let account = accounts.verify(&ada.new.email, &code, NOW).await.unwrap().unwrap();
    assert!(account.verified);
    assert_eq!((&account.email, &account.name, account.role), (&ada.new.email, &ada.new.name, ada.new.role));
    assert_eq!(account.person, ada.new.person);
    assert_eq!(ada.enters(accounts, &ada.password).await, Authenticated::Yes(account));
    assert_eq!(ada.enters(accounts, &password("tide pools at noon 7!q")).await, Authenticated::No);
    assert_eq!(accounts.verify(&ada.new.email, &code, NOW).await.unwrap(), None, "a code is used once");
}

async fn an_address_has_one_account(accounts: &dyn Accounts, inbox: Inbox<'_>) {
    let ada = somebody();
    ada.join(accounts, inbox).await;
    let other =
        Somebody { new: NewAccount { email: ada.new.email.clone(), ..somebody().new }, password: password("another one 9!Z") };
    assert_eq!(accounts.register(&other.new, &other.password, NOW).await.unwrap(), Registered::Known);
    assert!(matches!(ada.enters(accounts, &ada.password).await, Authenticated::Yes(account) if account.person == ada.new.person));
    assert_eq!(ada.enters(accounts, &other.password).await, Authenticated::No, "nobody's password is changed by signing up");
}

async fn whoever_never_verified_keeps_nobody_out(accounts: &dyn Accounts, inbox: Inbox<'_>) {
    let thief = somebody();
    let stale = thief.register(accounts, inbox).await;
    let owner =
        Somebody { new: NewAccount { email: thief.new.email.clone(), ..somebody().new }, password: password("my own one 5!X") };
    let code = owner.register(accounts, inbox).await;
    if stale != code {
        assert_eq!(
            accounts.verify(&owner.new.email, &stale, NOW).await.unwrap(),
            None,
            "the first code is worth nothing any more"
        );
    }
    let account = accounts.verify(&owner.new.email, &code, NOW).await.unwrap().unwrap();
    assert_eq!(account.person, owner.new.person);
    assert_eq!(thief.enters(accounts, &thief.password).await, Authenticated::No, "an old password would let a stranger in");
    assert!(matches!(owner.enters(accounts, &owner.password).await, Authenticated::Yes(_)));

    let mistyped = somebody();
    mistyped.register(accounts, inbox).await;
    let again = Somebody { new: NewAccount { person: mistyped.new.person.clone(), ..somebody().new }, ..somebody() };
    let id = again.join(accounts, inbox).await;
    assert_eq!(accounts.account_of(&mistyped.new.person).await.unwrap().unwrap().id, id, "they keep what is theirs");
}

async fn a_forgotten_password_is_set_anew_once(accounts: &dyn Accounts, inbox: Inbox<'_>) {
    let ada = somebody();
    let email = &ada.new.email;
    assert_eq!(accounts.forgotten(email, NOW).await.unwrap(), None);
    ada.join(accounts, inbox).await;
    let code = code(accounts.forgotten(email, NOW).await.unwrap().unwrap(), email, inbox);
    assert!(matches!(ada.enters(accounts, &ada.password).await, Authenticated::Yes(_)), "asking changes nothing");
    let (second, third) = (password("a second one 3!Y"), password("a third one 8!W"));
    assert_eq!(accounts.reset(email, &another(&code), &second, NOW).await.unwrap(), None);
    assert!(accounts.reset(email, &code, &second, NOW).await.unwrap().is_some());
    assert_eq!(ada.enters(accounts, &ada.password).await, Authenticated::No);
    assert!(matches!(ada.enters(accounts, &second).await, Authenticated::Yes(_)));
    assert_eq!(accounts.reset(email, &code, &third, NOW).await.unwrap(), None, "a code is used once");
    assert!(matches!(ada.enters(accounts, &second).await, Authenticated::Yes(_)));
}

async fn another_code_takes_the_place_of_the_first(accounts: &dyn Accounts, inbox: Inbox<'_>) {
    let ada = somebody();
    let email = &ada.new.email;
    assert_eq!(accounts.verify_again(email, NOW).await.unwrap(), None, "nothing waits to be verified");
    let first = ada.register(accounts, inbox).await;
    let second = code(accounts.verify_again(email, NOW).await.unwrap().unwrap(), email, inbox);
    if first != second {
        assert_eq!(accounts.verify(email, &first, NOW).await.unwrap(), None);
    }
    assert!(accounts.verify(email, &second, NOW).await.unwrap().is_some());
    assert_eq!(accounts.verify_again(email, NOW).await.unwrap(), None);
}

async fn an_account_is_found_and_goes(accounts: &dyn Accounts, inbox: Inbox<'_>) {
    let ada = somebody();
    let id = ada.join(accounts, inbox).await;
    accounts.set_role(&id, Role::Operator).await.unwrap();
    let found = accounts.account(&id).await.unwrap().unwrap();
    assert_eq!(found.role, Role::Operator);
    assert_eq!(accounts.account_of(&ada.new.person).await.unwrap(), Some(found));
    assert_eq!(accounts.account(&account()).await.unwrap(), None);
    accounts.delete(&id).await.unwrap();
    accounts.delete(&id).await.unwrap();
    assert!(accounts.set_role(&id, Role::Student).await.is_err());
    assert_eq!(accounts.account(&id).await.unwrap(), None);
    assert_eq!(accounts.account_of(&ada.new.person).await.unwrap(), None);
    assert_eq!(ada.enters(accounts, &ada.password).await, Authenticated::No);
    ada.join(accounts, inbox).await;
}
