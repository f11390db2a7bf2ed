//! How accounts and what they are proved by behave together, whoever keeps either: a database of ours or a user pool.

use std::collections::HashMap;

use synapscribe_domain::account::{Account, AccountId, EmailAddress, Password, Role, WrittenCode};
use synapscribe_domain::time::DAY_MS;
use synapscribe_domain::{PersonId, Timestamp};

use super::{NOW, account, fresh, person};
use crate::StoreError;
use crate::accounts::{Accounts, NewAccount, Proofs, Proved, Registered, Unverified};

/// No code lasts so long.
const MUCH_LATER_MS: i64 = 365 * DAY_MS;

/// Runs every check.
pub async fn suite(accounts: &dyn Accounts, proofs: &dyn Proofs) {
    let keepers = Keepers { accounts, proofs };
    whoever_shows_their_address_gets_in_and_nobody_else(keepers).await;
    an_address_has_one_account(keepers).await;
    whoever_never_verified_keeps_nobody_out(keepers).await;
    a_forgotten_password_is_set_anew_once(keepers).await;
    another_code_takes_the_place_of_the_first(keepers).await;
    an_account_is_found_and_goes(keepers).await;
    names_are_told_of_many_at_once(keepers).await;
    of_many_roles_each_takes_the_place_of_another(keepers).await;
    only_an_operator_gives_roles_and_of_two_who_lower_each_other_one_stays(keepers).await;
    what_is_over_goes(keepers).await;
    what_is_left_over_is_found(keepers).await;
}

/// What holds besides where passwords lie beside the accounts that they are of.
pub async fn beside(accounts: &dyn Accounts, proofs: &dyn Proofs) {
    let ada = somebody();
    let keep = async || proofs.keep(&ada.new.id, &ada.new.email, &ada.password).await;
    assert!(matches!(keep().await, Err(StoreError::Gone)), "there is nobody whose password it is");
    accounts.register(&ada.new, NOW).await.unwrap();
    keep().await.unwrap();
    accounts.delete(&ada.new.id).await.unwrap();
    assert!(matches!(keep().await, Err(StoreError::Gone)), "they left");
    proofs.forget(&ada.new.id).await.unwrap();
}

#[derive(Clone, Copy)]
struct Keepers<'a> {
    accounts: &'a dyn Accounts,
    proofs: &'a dyn Proofs,
}

impl Keepers<'_> {
    /// Who was never verified and signed up before this moment.
    async fn unverified(self, before: Timestamp) -> Vec<AccountId> {
        let found = self.accounts.unverified(before, None, u32::MAX).await.unwrap();
        found.into_iter().map(|one| one.id).collect()
    }
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
        person: person(),
    };
    Somebody { new, password: password("tide pools at noon 7!Q") }
}

fn password(text: &str) -> Password {
    Password::chosen(text).unwrap()
}

fn another(code: &WrittenCode) -> WrittenCode {
    let first = if code.as_str().starts_with('2') { '3' } else { '2' };
    WrittenCode::parse(&format!("{first}{}", &code.as_str()[1..])).unwrap()
}

impl Somebody {
    /// Signs up, up to the letter.
    async fn register(&self, keepers: Keepers<'_>) -> Registered {
        let registered = keepers.accounts.register(&self.new, NOW).await.unwrap();
        assert_eq!(keepers.proofs.refuses(&self.password), None);
        keepers.proofs.keep(&self.new.id, &self.new.email, &self.password).await.unwrap();
        registered
    }

    async fn asks_for_code(&self, keepers: Keepers<'_>) -> WrittenCode {
        self.register(keepers).await.code.expect("a new address is not known")
    }

    async fn join(&self, keepers: Keepers<'_>) -> AccountId {
        let code = self.asks_for_code(keepers).await;
        keepers.accounts.verify(&self.new.email, &code, NOW).await.unwrap().expect("the code is right").id
    }

    /// The account that the address and a password open, verified or not.
    async fn enters(&self, keepers: Keepers<'_>, password: &Password) -> Option<Account> {
        let account = keepers.accounts.account_at(&self.new.email).await.unwrap();
        let proved = keepers.proofs.prove(account.as_ref().map(|account| &account.id), password).await.unwrap();
        assert!(matches!(proved, Proved::Yes | Proved::No), "nothing else is asked for here: {proved:?}");
        account.filter(|_| proved == Proved::Yes)
    }
}

async fn whoever_shows_their_address_gets_in_and_nobody_else(keepers: Keepers<'_>) {
    let (ada, Keepers { accounts, .. }) = (somebody(), keepers);
    assert_eq!(ada.enters(keepers, &ada.password).await, None, "nobody has this address yet");
    let code = ada.asks_for_code(keepers).await;
    assert!(ada.enters(keepers, &ada.password).await.is_some_and(|account| !account.verified));
    assert_eq!(ada.enters(keepers, &password("tide pools at noon 7!q")).await, None);
    assert_eq!(accounts.verify(&ada.new.email, &another(&code), NOW).await.unwrap(), None);
    assert_eq!(accounts.verify(&somebody().new.email, &code, NOW).await.unwrap(), None, "a code is one address's");
    let account = accounts.verify(&ada.new.email, &code, NOW).await.unwrap().unwrap();
    assert!(account.verified);
    assert_eq!((&account.email, &account.name, account.role), (&ada.new.email, &ada.new.name, ada.new.role));
    assert_eq!(account.person, ada.new.person);
    assert_eq!(ada.enters(keepers, &ada.password).await, Some(account));
    assert_eq!(ada.enters(keepers, &password("tide pools at noon 7!q")).await, None);
    assert_eq!(accounts.verify(&ada.new.email, &code, NOW).await.unwrap(), None, "a code is used once");
}

async fn an_address_has_one_account(keepers: Keepers<'_>) {
    let (ada, Keepers { accounts, proofs }) = (somebody(), keepers);
    let id = ada.join(keepers).await;
    let other =
        Somebody { new: NewAccount { email: ada.new.email.clone(), ..somebody().new }, password: password("another one 9!Z") };
    assert_eq!(other.register(keepers).await.code, None, "whoever has the address has shown it");
    assert_eq!(accounts.account_of(&other.new.person).await.unwrap(), None);
    assert!(ada.enters(keepers, &ada.password).await.is_some_and(|account| account.person == ada.new.person));
    assert_eq!(ada.enters(keepers, &other.password).await, None, "nobody's password is changed by signing up");
    proofs.forget(&other.new.id).await.unwrap();
    accounts.delete_unverified(&other.new.id).await.unwrap();
    assert_eq!(accounts.account(&other.new.id).await.unwrap(), None, "nothing is left of it");
    assert!(ada.enters(keepers, &ada.password).await.is_some_and(|account| account.id == id));
}

async fn whoever_never_verified_keeps_nobody_out(keepers: Keepers<'_>) {
    let (thief, Keepers { accounts, .. }) = (somebody(), keepers);
    let stale = thief.asks_for_code(keepers).await;
    let owner =
        Somebody { new: NewAccount { email: thief.new.email.clone(), ..somebody().new }, password: password("my own one 5!X") };
    let registered = owner.register(keepers).await;
    assert_eq!(registered.replaced, std::slice::from_ref(&thief.new.id));
    let code = registered.code.unwrap();
    if stale != code {
        let old = accounts.verify(&owner.new.email, &stale, NOW).await.unwrap();
        assert_eq!(old, None, "the first code is worth nothing any more");
    }
    let account = accounts.verify(&owner.new.email, &code, NOW).await.unwrap().unwrap();
    assert_eq!(account.person, owner.new.person);
    assert_eq!(thief.enters(keepers, &thief.password).await, None, "an old password would let a stranger in");
    assert!(owner.enters(keepers, &owner.password).await.is_some());

    let mistyped = somebody();
    mistyped.register(keepers).await;
    let again = Somebody { new: NewAccount { person: mistyped.new.person.clone(), ..somebody().new }, ..somebody() };
    let id = again.join(keepers).await;
    assert_eq!(accounts.account_of(&mistyped.new.person).await.unwrap().unwrap().id, id, "they keep what is theirs");
}

async fn a_forgotten_password_is_set_anew_once(keepers: Keepers<'_>) {
    let (ada, Keepers { accounts, proofs }) = (somebody(), keepers);
    let email = &ada.new.email;
    assert_eq!(accounts.forgotten(email, NOW).await.unwrap(), None);
    let id = ada.join(keepers).await;
    let code = accounts.forgotten(email, NOW).await.unwrap().unwrap();
    let before = ada.enters(keepers, &ada.password).await.expect("asking changes nothing");
    let second = password("a second one 3!Y");
    assert_eq!(accounts.reset(email, &another(&code), NOW).await.unwrap(), None);
    assert_eq!(accounts.reset(email, &code, NOW).await.unwrap().unwrap().id, id);
    proofs.keep(&id, email, &second).await.unwrap();
    accounts.confirm(&id).await.unwrap();
    assert_eq!(ada.enters(keepers, &ada.password).await, None);
    let entered = ada.enters(keepers, &second).await;
    assert_eq!(entered, Some(Account { resets: before.resets + 1, ..before }), "whoever knew it before is told apart");
    assert_eq!(accounts.reset(email, &code, NOW).await.unwrap(), None, "a code is used once");

    let waiting = somebody();
    waiting.register(keepers).await;
    let code = accounts.forgotten(&waiting.new.email, NOW).await.unwrap().unwrap();
    let account = accounts.reset(&waiting.new.email, &code, NOW).await.unwrap().unwrap();
    assert!(!account.verified, "the password is still that of whoever signed up");
    assert!(waiting.enters(keepers, &waiting.password).await.is_some_and(|account| !account.verified));
    accounts.confirm(&account.id).await.unwrap();
    assert!(accounts.account(&account.id).await.unwrap().is_some_and(|account| account.verified), "they read there, it shows");
}

async fn another_code_takes_the_place_of_the_first(keepers: Keepers<'_>) {
    let (ada, Keepers { accounts, .. }) = (somebody(), keepers);
    let email = &ada.new.email;
    assert_eq!(accounts.verify_again(email, NOW).await.unwrap(), None, "nothing waits to be verified");
    let first = ada.asks_for_code(keepers).await;
    let second = accounts.verify_again(email, NOW).await.unwrap().unwrap();
    if first != second {
        assert_eq!(accounts.verify(email, &first, NOW).await.unwrap(), None);
    }
    assert!(accounts.verify(email, &second, NOW).await.unwrap().is_some());
    assert_eq!(accounts.verify_again(email, NOW).await.unwrap(), None);
}

async fn an_account_is_found_and_goes(keepers: Keepers<'_>) {
    let (ada, Keepers { accounts, proofs }) = (somebody(), keepers);
    let id = ada.join(keepers).await;
    let before = accounts.set_role(&id, Role::Operator, None).await.unwrap();
    assert_eq!(before, Some(Role::Lecturer), "it is said which it takes the place of");
    let found = accounts.account(&id).await.unwrap().unwrap();
    assert_eq!(found.role, Role::Operator);
    assert_eq!(accounts.account_of(&ada.new.person).await.unwrap(), Some(found));
    assert_eq!(accounts.account(&account()).await.unwrap(), None);
    proofs.forget(&id).await.unwrap();
    proofs.forget(&id).await.unwrap();
    assert_eq!(ada.enters(keepers, &ada.password).await, None, "what was let go proves nothing");
    accounts.delete(&id).await.unwrap();
    accounts.delete(&id).await.unwrap();
    assert!(accounts.set_role(&id, Role::Student, None).await.is_err());
    assert!(accounts.confirm(&id).await.is_err());
    assert_eq!(accounts.account(&id).await.unwrap(), None);
    assert_eq!(accounts.account_of(&ada.new.person).await.unwrap(), None);
    assert_eq!(accounts.account_at(&ada.new.email).await.unwrap(), None);
    assert_eq!(ada.enters(keepers, &ada.password).await, None);
    ada.join(keepers).await;
}

async fn names_are_told_of_many_at_once(keepers: Keepers<'_>) {
    let called =
        |name: Option<&str>| Somebody { new: NewAccount { name: name.map(str::to_owned), ..somebody().new }, ..somebody() };
    let (ada, bob, nameless, waiting) = (called(Some("Dr Ada Ł. 🎓")), called(Some("Bob")), called(None), called(Some("Eve")));
    let id = ada.join(keepers).await;
    bob.join(keepers).await;
    nameless.join(keepers).await;
    waiting.register(keepers).await;
    let persons = [&ada, &bob, &nameless, &waiting].map(|one| one.new.person.clone());
    let asked = [&persons[..], &[person()]].concat();
    let names = async |persons: &[PersonId]| keepers.accounts.names_of(persons).await.unwrap();
    let known = [&ada, &bob].map(|one| (one.new.person.clone(), one.new.name.clone().unwrap()));
    assert_eq!(names(&asked[..]).await, HashMap::from(known.clone()), "whoever waits is a guest still, and guests have no name");
    assert_eq!(names(&asked[1..]).await, HashMap::from([known[1].clone()]), "only those who were asked for");
    assert_eq!(names(&asked[..0]).await, HashMap::new());
    keepers.proofs.forget(&id).await.unwrap();
    keepers.accounts.delete(&id).await.unwrap();
    assert_eq!(names(&asked[..1]).await, HashMap::new(), "whoever left is called nothing");
}

async fn of_many_roles_each_takes_the_place_of_another(keepers: Keepers<'_>) {
    let (ada, Keepers { accounts, .. }) = (somebody(), keepers);
    let id = ada.join(keepers).await;
    let given = [Role::Student, Role::Operator, Role::Lecturer, Role::Student, Role::Operator];
    let replaced = futures::future::join_all(given.map(|role| accounts.set_role(&id, role, None))).await;
    let mut before: Vec<_> = replaced.into_iter().map(|before| before.unwrap().unwrap()).collect();
    before.push(accounts.account(&id).await.unwrap().unwrap().role);
    let mut all = [&given[..], &[ada.new.role]].concat();
    before.sort();
    all.sort();
    assert_eq!(before, all, "whoever gave one knows what it took the place of");
}

async fn only_an_operator_gives_roles_and_of_two_who_lower_each_other_one_stays(keepers: Keepers<'_>) {
    let (ada, bob, Keepers { accounts, proofs }) = (somebody(), somebody(), keepers);
    let (ada, bob) = (ada.join(keepers).await, bob.join(keepers).await);
    let role = async |id: &AccountId| accounts.account(id).await.unwrap().unwrap().role;
    assert_eq!(accounts.set_role(&ada, Role::Operator, Some(&bob)).await.unwrap(), None, "a lecturer gives none");
    assert_eq!(accounts.set_role(&ada, Role::Operator, Some(&account())).await.unwrap(), None, "nor does nobody");
    assert_eq!(role(&ada).await, Role::Lecturer);
    for _ in 0..8 {
        for id in [&ada, &bob] {
            accounts.set_role(id, Role::Operator, None).await.unwrap();
        }
        assert_eq!(accounts.set_role(&ada, Role::Student, Some(&ada)).await.unwrap(), None, "nobody gives their own");
        let (one, other) =
            (accounts.set_role(&bob, Role::Student, Some(&ada)), accounts.set_role(&ada, Role::Student, Some(&bob)));
        let (one, other) = futures::future::join(one, other).await;
        let mut replaced = [one.unwrap(), other.unwrap()];
        replaced.sort();
        assert_eq!(replaced, [None, Some(Role::Operator)], "whoever comes second is no operator any more");
        let mut left = [role(&ada).await, role(&bob).await];
        left.sort();
        assert_eq!(left, [Role::Student, Role::Operator]);
    }
    let giver = if role(&ada).await == Role::Operator { &ada } else { &bob };
    proofs.forget(giver).await.unwrap();
    accounts.delete(giver).await.unwrap();
    let other = if *giver == ada { &bob } else { &ada };
    assert_eq!(accounts.set_role(other, Role::Operator, Some(giver)).await.unwrap(), None, "whoever left gives none");
}

async fn what_is_over_goes(keepers: Keepers<'_>) {
    let (waiting, joined, Keepers { accounts, .. }) = (somebody(), somebody(), keepers);
    waiting.register(keepers).await;
    joined.join(keepers).await;
    assert!(!keepers.unverified(NOW).await.contains(&waiting.new.id), "it may still be verified");
    let over = keepers.unverified(NOW.plus(1)).await;
    assert!(over.contains(&waiting.new.id) && !over.contains(&joined.new.id), "{over:?}");
    assert!(accounts.account(&waiting.new.id).await.unwrap().is_some(), "whoever keeps the proof has to be told first");
    for one in [&waiting, &joined, &waiting] {
        accounts.delete_unverified(&one.new.id).await.unwrap();
    }
    assert_eq!(accounts.account_at(&waiting.new.email).await.unwrap(), None);
    assert!(joined.enters(keepers, &joined.password).await.is_some(), "whoever was verified meanwhile stays");

    let (early, late) = (somebody(), somebody());
    late.asks_for_code(keepers).await;
    accounts.register(&early.new, NOW.plus(-1)).await.unwrap();
    let again = somebody();
    again.asks_for_code(keepers).await;
    let page = async |after: Option<&Unverified>| accounts.unverified(NOW.plus(1), after, 1).await.unwrap();
    let first = Unverified { created: NOW.plus(-1), id: early.new.id.clone() };
    assert_eq!(page(None).await, [first], "the oldest first, and no more than were asked for");
    let all = accounts.unverified(NOW.plus(1), None, u32::MAX).await.unwrap();
    assert!([&early, &late, &again].iter().all(|one| all.iter().any(|found| found.id == one.new.id)), "{all:?}");
    let mut pages: Vec<Unverified> = Vec::new();
    for _ in &all {
        let next = page(pages.last()).await;
        pages.extend(next);
    }
    assert_eq!(pages, all, "page by page nobody is left out, and nobody comes twice, of one moment though they be");
    assert_eq!(page(pages.last()).await, []);
    assert!(accounts.forget(NOW.plus(MUCH_LATER_MS)).await.unwrap() > 0);
    assert_eq!(accounts.forget(NOW.plus(MUCH_LATER_MS)).await.unwrap(), 0, "codes that are over are forgotten once");
}

async fn what_is_left_over_is_found(keepers: Keepers<'_>) {
    let (thief, Keepers { accounts, proofs }) = (somebody(), keepers);
    thief.register(keepers).await;
    let stale = accounts.forgotten(&thief.new.email, NOW).await.unwrap().unwrap();
    let owner = Somebody { new: NewAccount { email: thief.new.email.clone(), ..somebody().new }, ..somebody() };
    owner.join(keepers).await;
    let again = Somebody { new: NewAccount { email: thief.new.email.clone(), ..somebody().new }, ..somebody() };
    again.register(keepers).await;
    let over = async || keepers.unverified(NOW.plus(1)).await;
    for nobody in [&thief, &again] {
        assert!(over().await.contains(&nobody.new.id), "whoever was told of it may not have come to remove it");
        assert_eq!(accounts.account_of(&nobody.new.person).await.unwrap(), None);
        assert!(matches!(accounts.confirm(&nobody.new.id).await, Err(StoreError::Gone)), "it is nobody's");
        proofs.forget(&nobody.new.id).await.unwrap();
        accounts.delete_unverified(&nobody.new.id).await.unwrap();
        assert!(!over().await.contains(&nobody.new.id));
    }
    let old = accounts.reset(&owner.new.email, &stale, NOW).await.unwrap();
    assert_eq!(old, None, "a code is one account's, whoever has the address by now");
    assert!(owner.enters(keepers, &owner.password).await.is_some());
}
