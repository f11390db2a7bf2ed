//! How every keeper of sign-ins behaves, above all where many present the same token at once.

use synapscribe_domain::Timestamp;
use synapscribe_domain::account::sign_in::{GRACE_MS, LIFETIME_MS};
use synapscribe_domain::account::{AccountId, Digest, Next, Place, Presented, SealedToken, SignIn, SignInId, Why};

use super::{NOW, account, fresh, person};
use crate::accounts::SignIns;

/// Runs every check.
pub async fn suite(sign_ins: &dyn SignIns) {
    what_is_presented_is_stored(sign_ins).await;
    a_used_token_ends_the_sign_in(sign_ins).await;
    of_many_at_once_one_is_renewed(sign_ins).await;
    an_account_sees_and_ends_its_own(sign_ins).await;
    what_ended_is_told_and_then_forgotten(sign_ins).await;
}

fn digest(n: u8) -> Digest {
    Digest([n; 32])
}

fn next(n: u8) -> Next {
    Next { digest: digest(n), sealed: SealedToken([n; 32]) }
}

fn place(name: &str) -> Place {
    Place(name.into())
}

async fn begun(sign_ins: &dyn SignIns, account: &AccountId, now: Timestamp) -> SignIn {
    let id = SignInId::parse(fresh()).unwrap();
    let sign_in = SignIn::new(id, account.clone(), "a “laptop” 🎓".into(), place("here"), digest(0), now);
    sign_ins.begin(&sign_in).await.unwrap();
    sign_in
}

async fn what_is_presented_is_stored(sign_ins: &dyn SignIns) {
    let sign_in = begun(sign_ins, &account(), NOW).await;
    assert_eq!(sign_ins.sign_in(&sign_in.id).await.unwrap(), Some(sign_in.clone()));
    assert!(sign_ins.begin(&sign_in).await.is_err(), "a name is given once");
    let present = async |token, next_one, now| {
        sign_ins.present(&sign_in.id, &digest(token), &next(next_one), &place("there"), now).await.unwrap().unwrap()
    };
    let (renewed, outcome) = present(0, 1, NOW.plus(5)).await;
    assert_eq!(outcome, Presented::Renewed);
    assert_eq!((renewed.used, &renewed.place), (NOW.plus(5), &place("there")));
    assert_eq!(sign_ins.sign_in(&sign_in.id).await.unwrap(), Some(renewed));
    assert_eq!(present(0, 2, NOW.plus(6)).await.1, Presented::Repeated(next(1).sealed));
    assert_eq!(present(1, 3, NOW.plus(7)).await.1, Presented::Renewed);
    assert_eq!(present(3, 4, NOW.plus(LIFETIME_MS)).await.1, Presented::Expired);
    let nobody = SignInId::parse(fresh()).unwrap();
    assert_eq!(sign_ins.present(&nobody, &digest(0), &next(1), &place(""), NOW).await.unwrap(), None);
}

async fn a_used_token_ends_the_sign_in(sign_ins: &dyn SignIns) {
    let owner = account();
    let (sign_in, other) = (begun(sign_ins, &owner, NOW).await, begun(sign_ins, &owner, NOW).await);
    let present = async |token, now| {
        sign_ins.present(&sign_in.id, &digest(token), &next(token + 1), &place("x"), now).await.unwrap().unwrap()
    };
    assert_eq!(present(0, NOW).await.1, Presented::Renewed);
    let (ended, outcome) = present(0, NOW.plus(GRACE_MS)).await;
    assert_eq!((outcome, ended.ended), (Presented::Reused, Some((NOW.plus(GRACE_MS), Why::Reused))));
    assert_eq!(present(1, NOW.plus(GRACE_MS)).await.1, Presented::Revoked);
    let left: Vec<_> = sign_ins.of(&owner, NOW).await.unwrap().into_iter().map(|sign_in| sign_in.id).collect();
    assert_eq!(left, std::slice::from_ref(&other.id), "other sign-ins go on");
    assert!(sign_ins.ended_since(NOW).await.unwrap().contains(&sign_in.id));
}

async fn of_many_at_once_one_is_renewed(sign_ins: &dyn SignIns) {
    let sign_in = begun(sign_ins, &account(), NOW).await;
    let elsewhere = place("x");
    let exchanges: Vec<Next> = (1..=24).map(next).collect();
    let shown = digest(0);
    let all = exchanges.iter().map(|next| sign_ins.present(&sign_in.id, &shown, next, &elsewhere, NOW));
    let all: Vec<_> = futures::future::join_all(all).await.into_iter().map(|outcome| outcome.unwrap().unwrap().1).collect();
    assert_eq!(all.iter().filter(|outcome| **outcome == Presented::Renewed).count(), 1, "two tokens are current");
    let repeated: Vec<_> = all.iter().filter(|outcome| **outcome != Presented::Renewed).collect();
    assert!(repeated.iter().all(|outcome| matches!(outcome, Presented::Repeated(_)) && *outcome == repeated[0]), "{repeated:?}");
}

async fn an_account_sees_and_ends_its_own(sign_ins: &dyn SignIns) {
    let (ada, bob) = (account(), account());
    let (first, second) = (begun(sign_ins, &ada, NOW).await, begun(sign_ins, &ada, NOW.plus(1)).await);
    let third = begun(sign_ins, &bob, NOW).await;
    let ids = async |account: &AccountId, now| {
        sign_ins.of(account, now).await.unwrap().into_iter().map(|sign_in| sign_in.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&ada, NOW).await, [second.id.clone(), first.id.clone()]);
    assert_eq!(ids(&ada, NOW.plus(LIFETIME_MS)).await, std::slice::from_ref(&second.id), "one has expired");
    assert!(!sign_ins.end(&bob, &first.id, Why::Revoked, NOW).await.unwrap(), "it is not theirs");
    assert!(sign_ins.end(&ada, &first.id, Why::Revoked, NOW.plus(9)).await.unwrap());
    assert!(!sign_ins.end(&ada, &first.id, Why::SignedOut, NOW.plus(10)).await.unwrap(), "it has ended");
    assert_eq!(sign_ins.sign_in(&first.id).await.unwrap().unwrap().ended, Some((NOW.plus(9), Why::Revoked)));
    assert_eq!(ids(&ada, NOW).await, std::slice::from_ref(&second.id));
    assert_eq!(sign_ins.end_all(&ada, Why::PasswordChanged, NOW).await.unwrap(), std::slice::from_ref(&second.id));
    assert_eq!(sign_ins.end_all(&ada, Why::PasswordChanged, NOW).await.unwrap(), []);
    assert_eq!((ids(&ada, NOW).await, ids(&bob, NOW).await), (vec![], vec![third.id]));
}

async fn what_ended_is_told_and_then_forgotten(sign_ins: &dyn SignIns) {
    // Times of this check alone, earlier than those of the others.
    let early = Timestamp(5_000_000_000);
    let ada = account();
    let (ended, lasting) = (begun(sign_ins, &ada, early).await, begun(sign_ins, &ada, early.plus(LIFETIME_MS)).await);
    sign_ins.end(&ada, &ended.id, Why::Revoked, early.plus(50)).await.unwrap();
    let identity = person();
    assert!(!sign_ins.has_departed(&identity, early).await.unwrap());
    sign_ins.erase(&ada, &identity).await.unwrap();
    let erased = sign_ins.sign_in(&ended.id).await.unwrap().unwrap();
    assert!(erased.device.is_empty() && erased.place != place("here"), "nothing is said of a person any more");
    assert!(sign_ins.ended_since(early.plus(50)).await.unwrap().contains(&ended.id), "that it ended stays known");
    assert!(!sign_ins.ended_since(early.plus(51)).await.unwrap().contains(&ended.id));
    assert!(sign_ins.has_departed(&identity, early.plus(50)).await.unwrap(), "and whose identity it opened");
    assert!(!sign_ins.has_departed(&identity, early.plus(51)).await.unwrap());
    assert!(!sign_ins.has_departed(&person(), early).await.unwrap(), "nobody else has gone");
    assert_eq!(sign_ins.forget(early.plus(50)).await.unwrap(), 0);
    assert_eq!(sign_ins.forget(early.plus(51)).await.unwrap(), 1);
    assert_eq!(sign_ins.sign_in(&ended.id).await.unwrap(), None);
    assert!(sign_ins.sign_in(&lasting.id).await.unwrap().is_some());
    assert_eq!(sign_ins.forget(early.plus(2 * LIFETIME_MS + 1)).await.unwrap(), 1, "what expired is forgotten too");
}
