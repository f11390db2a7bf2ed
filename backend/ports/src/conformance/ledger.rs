//! How every ledger of claims behaves. It knows nothing of the work that is claimed.

use synapscribe_domain::Timestamp;

use crate::ledger::{Claim, Ledger};
use crate::world::{Ids, UuidIds};

const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);
const MUCH_LATER: Timestamp = Timestamp(3_000);

/// Runs every check.
pub async fn suite(ledger: &dyn Ledger) {
    work_is_claimed_by_one_and_done_once(ledger).await;
    an_abandoned_claim_is_taken_over(ledger).await;
    a_claim_given_back_can_be_taken_at_once(ledger).await;
    the_later_event_of_a_key_wins(ledger).await;
    keys_do_not_touch_each_other(ledger).await;
    of_many_at_once_one_is_granted(ledger).await;
    old_claims_are_forgotten(ledger).await;
}

async fn work_is_claimed_by_one_and_done_once(ledger: &dyn Ledger) {
    let key = fresh();
    assert_eq!(ledger.claim(&key, "1", NOW, LATER).await.unwrap(), Claim::Granted);
    assert_eq!(ledger.claim(&key, "1", NOW, LATER).await.unwrap(), Claim::InProgress);
    ledger.finish(&key, "1", "the “note” 🎓").await.unwrap();
    for now in [NOW, MUCH_LATER] {
        let again = ledger.claim(&key, "1", now, now.plus(9)).await.unwrap();
        assert_eq!(again, Claim::Done("the “note” 🎓".into()), "what was done stays done");
    }
    ledger.finish(&key, "1", "another note").await.unwrap();
    ledger.release(&key, "1").await.unwrap();
    assert_eq!(ledger.claim(&key, "1", MUCH_LATER, MUCH_LATER).await.unwrap(), Claim::Done("the “note” 🎓".into()));
    let empty = fresh();
    ledger.claim(&empty, "1", NOW, LATER).await.unwrap();
    ledger.finish(&empty, "1", "").await.unwrap();
    assert_eq!(ledger.claim(&empty, "1", NOW, LATER).await.unwrap(), Claim::Done(String::new()), "an empty note is a note");
}

async fn an_abandoned_claim_is_taken_over(ledger: &dyn Ledger) {
    let key = fresh();
    assert_eq!(ledger.claim(&key, "1", NOW, LATER).await.unwrap(), Claim::Granted);
    assert_eq!(ledger.claim(&key, "1", LATER.plus(-1), MUCH_LATER).await.unwrap(), Claim::InProgress);
    assert_eq!(
        ledger.claim(&key, "1", LATER, MUCH_LATER).await.unwrap(),
        Claim::Granted,
        "a claim lasts until its end, not beyond"
    );
    assert_eq!(
        ledger.claim(&key, "1", LATER, MUCH_LATER).await.unwrap(),
        Claim::InProgress,
        "the new claim has an end of its own"
    );
}

async fn a_claim_given_back_can_be_taken_at_once(ledger: &dyn Ledger) {
    let key = fresh();
    ledger.claim(&key, "2", NOW, LATER).await.unwrap();
    ledger.release(&key, "1").await.unwrap();
    assert_eq!(ledger.claim(&key, "2", NOW, LATER).await.unwrap(), Claim::InProgress, "only the claim itself is given back");
    ledger.release(&key, "2").await.unwrap();
    assert_eq!(ledger.claim(&key, "1", NOW, LATER).await.unwrap(), Claim::Outdated, "the order survives");
    assert_eq!(ledger.claim(&key, "2", NOW, LATER).await.unwrap(), Claim::Granted);
    ledger.release(&fresh(), "1").await.unwrap();
    ledger.finish(&fresh(), "1", "nobody claimed this").await.unwrap();
}

async fn the_later_event_of_a_key_wins(ledger: &dyn Ledger) {
    let key = fresh();
    assert_eq!(ledger.claim(&key, "00B", NOW, LATER).await.unwrap(), Claim::Granted);
    assert_eq!(ledger.claim(&key, "00A", NOW, LATER).await.unwrap(), Claim::Outdated, "an older event comes too late");
    assert_eq!(ledger.claim(&key, "00C", NOW, LATER).await.unwrap(), Claim::Granted, "a newer one takes the place");
    ledger.finish(&key, "00B", "from before").await.unwrap();
    ledger.release(&key, "00B").await.unwrap();
    assert_eq!(
        ledger.claim(&key, "00C", NOW, LATER).await.unwrap(),
        Claim::InProgress,
        "the older one's end does not end the newer"
    );
    assert_eq!(ledger.claim(&key, "00B", MUCH_LATER, MUCH_LATER).await.unwrap(), Claim::Outdated);
    ledger.finish(&key, "00C", "done").await.unwrap();
    assert_eq!(ledger.claim(&key, "00B", NOW, LATER).await.unwrap(), Claim::Outdated);
    assert_eq!(ledger.claim(&key, "00D", NOW, LATER).await.unwrap(), Claim::Granted, "new content is new work");
}

async fn keys_do_not_touch_each_other(ledger: &dyn Ledger) {
    let (key, prefix) = (fresh(), "odd ' \" % ключ 🎓/");
    let other = format!("{prefix}{key}");
    assert_eq!(ledger.claim(&key, "1", NOW, LATER).await.unwrap(), Claim::Granted);
    assert_eq!(ledger.claim(&other, "0", NOW, LATER).await.unwrap(), Claim::Granted);
    ledger.finish(&other, "0", "x").await.unwrap();
    assert_eq!(ledger.claim(&key, "1", NOW, LATER).await.unwrap(), Claim::InProgress);
}

async fn of_many_at_once_one_is_granted(ledger: &dyn Ledger) {
    let key = fresh();
    let all = futures::future::join_all((0..16).map(|_| ledger.claim(&key, "1", NOW, LATER))).await;
    let granted = all.into_iter().map(Result::unwrap).filter(|claim| *claim == Claim::Granted).count();
    assert_eq!(granted, 1, "two were allowed to do the same work");
}

async fn old_claims_are_forgotten(ledger: &dyn Ledger) {
    // Times of this check alone, earlier than those of the others.
    let (early, middle, late) = (Timestamp(-3_000), Timestamp(-2_000), Timestamp(-1_000));
    let (done, given_back, abandoned, held, young) = (fresh(), fresh(), fresh(), fresh(), fresh());
    for key in [&done, &given_back, &abandoned] {
        ledger.claim(key, "2", early, early.plus(10)).await.unwrap();
    }
    ledger.finish(&done, "2", "a note").await.unwrap();
    ledger.release(&given_back, "2").await.unwrap();
    ledger.claim(&held, "2", early, late).await.unwrap();
    ledger.claim(&young, "2", middle, middle.plus(10)).await.unwrap();
    ledger.finish(&young, "2", "").await.unwrap();
    assert_eq!(ledger.forget(early).await.unwrap(), 0, "nothing is older than the oldest");
    assert_eq!(ledger.forget(middle).await.unwrap(), 3, "what is old is forgotten, whatever became of it");
    assert_eq!(ledger.forget(middle).await.unwrap(), 0);
    for key in [&done, &given_back, &abandoned] {
        assert_eq!(ledger.claim(key, "1", middle, late).await.unwrap(), Claim::Granted, "its order is forgotten as well");
    }
    assert_eq!(ledger.claim(&held, "2", middle, late).await.unwrap(), Claim::InProgress, "a claim that is held stays");
    assert_eq!(ledger.claim(&young, "2", middle, late).await.unwrap(), Claim::Done(String::new()));
}

fn fresh() -> String {
    UuidIds.fresh()
}
