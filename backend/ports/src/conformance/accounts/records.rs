//! How invitations, limits, events and keys are kept, and identities given.

use std::collections::HashSet;

use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{
    AccountId, Digest, Invitation, InvitationId, Place, Rate, Role, SecurityEvent, SignInId, Taken, Unusable, What,
};

use super::{NOW, account, fresh};
use crate::accounts::{Audit, Before, Identities, Invitations, Keys, Limits, Redeemed, SigningKey};

/// How every keeper of invitations behaves.
pub async fn invitations(invitations: &dyn Invitations) {
    let invitation = |digest: u8, created: i64| Invitation {
        id: InvitationId::parse(fresh()).unwrap(),
        digest: Digest([digest; 32]),
        role: Role::Lecturer,
        uses: 3,
        used: 0,
        expires: NOW.plus(1_000),
        revoked: None,
        note: "the “Tuesday” class 🎓".into(),
        by: Some(account()),
        created: NOW.plus(created),
    };
    let (first, second) = (invitation(1, 0), invitation(2, 1));
    invitations.invite(&first).await.unwrap();
    invitations.invite(&second).await.unwrap();
    assert_eq!(invitations.invitations().await.unwrap(), [second.clone(), first.clone()]);

    let (code, unknown) = (Digest([1; 32]), Digest([9; 32]));
    assert_eq!(invitations.redeem(&unknown, NOW).await.unwrap(), Redeemed::Unknown);
    let all = futures::future::join_all((0..9).map(|_| invitations.redeem(&code, NOW))).await;
    let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    let let_in = Redeemed::In(first.id.clone(), Role::Lecturer);
    assert_eq!(all.iter().filter(|outcome| **outcome == let_in).count(), 3, "as many get in as it says");
    assert_eq!(all.iter().filter(|outcome| **outcome == Redeemed::Out(Unusable::UsedUp)).count(), 6);
    invitations.give_back(&first.id).await.unwrap();
    assert_eq!(invitations.redeem(&code, NOW).await.unwrap(), let_in);
    assert_eq!(invitations.redeem(&Digest([2; 32]), NOW.plus(1_000)).await.unwrap(), Redeemed::Out(Unusable::Expired));
    assert!(invitations.revoke(&second.id, NOW.plus(5)).await.unwrap());
    assert!(invitations.revoke(&second.id, NOW.plus(6)).await.unwrap(), "revoking twice is fine");
    assert!(!invitations.revoke(&InvitationId::parse(fresh()).unwrap(), NOW).await.unwrap());
    assert_eq!(invitations.redeem(&Digest([2; 32]), NOW).await.unwrap(), Redeemed::Out(Unusable::Revoked));
    let kept = invitations.invitations().await.unwrap();
    assert_eq!((kept[0].revoked, kept[1].used), (Some(NOW.plus(5)), 3));
    invitations.unname(&first.by.clone().unwrap()).await.unwrap();
    let by: Vec<_> = invitations.invitations().await.unwrap().into_iter().map(|one| one.by).collect();
    assert_eq!(by, [second.by, None], "whoever left is named by none of theirs");
}

/// How every keeper of limits behaves.
pub async fn limits(limits: &dyn Limits) {
    let rate = Rate { burst: 5, every_ms: 1_000 };
    let (key, other) = (fresh(), fresh());
    let all = futures::future::join_all((0..20).map(|_| limits.take(&key, rate, NOW))).await;
    let allowed = all.into_iter().filter(|taken| matches!(taken, Ok(Taken::Allowed(_)))).count();
    assert_eq!(allowed, 5, "of many at once no more are allowed than the rate says");
    assert_eq!(limits.take(&key, rate, NOW).await.unwrap(), Taken::Wait(1_000));
    assert!(matches!(limits.take(&other, rate, NOW).await.unwrap(), Taken::Allowed(_)), "keys do not touch each other");
    assert!(matches!(limits.take(&key, rate, NOW.plus(1_000)).await.unwrap(), Taken::Allowed(_)));
    assert_eq!(limits.forget(NOW).await.unwrap(), 0, "what still says something stays");
    assert_eq!(limits.forget(NOW.plus(60_000)).await.unwrap(), 2);
    assert!(matches!(limits.take(&key, rate, NOW.plus(60_000)).await.unwrap(), Taken::Allowed(_)));
}

/// How every record of events behaves.
pub async fn audit(audit: &dyn Audit) {
    let (ada, bob) = (account(), account());
    let event = |at: i64, account: Option<&AccountId>, what| SecurityEvent {
        at: NOW.plus(at),
        what,
        account: account.cloned(),
        sign_in: account.map(|_| SignInId::parse(fresh()).unwrap()),
        before: (what == What::MadeStudent).then_some(Role::Lecturer),
        place: Place("203.0.113.x".into()),
        correlation: Some("r-1".into()),
    };
    let events = [
        event(0, Some(&ada), What::SignedIn),
        event(1, None, What::SignInRefused),
        event(2, Some(&bob), What::MadeStudent),
        // At the same moment.
        event(2, Some(&ada), What::SignedOut),
    ];
    for event in &events {
        audit.record(event).await.unwrap();
    }
    let reversed: Vec<_> = events.iter().rev().cloned().collect();
    let read = async |account: Option<&AccountId>, before: Option<Before>, most: u32| {
        let numbered = audit.events(account, before, most).await.unwrap();
        assert!(numbered.iter().rev().is_sorted_by(|one, other| one.0 < other.0), "numbers grow: {numbered:?}");
        numbered.into_iter().map(|(_, event)| event).collect::<Vec<_>>()
    };
    assert_eq!(read(None, None, 9).await, reversed);
    assert_eq!(read(None, None, 2).await, reversed[..2]);
    assert_eq!(read(None, Some(Before { at: NOW.plus(2), number: 0 }), 9).await, reversed[2..]);
    for (n, (number, event)) in audit.events(None, None, 9).await.unwrap().into_iter().enumerate() {
        let before = Before { at: event.at, number };
        assert_eq!(read(None, Some(before), 9).await, reversed[n + 1..], "from each one it goes on with the next");
    }
    assert_eq!(read(Some(&ada), None, 9).await, [events[3].clone(), events[0].clone()]);
    audit.unname(&ada).await.unwrap();
    assert_eq!(read(Some(&ada), None, 9).await, []);
    let nameless = &read(None, None, 9).await[0];
    assert_eq!((nameless.what, &nameless.account, &nameless.sign_in), (What::SignedOut, &None, &None), "what happened stays");
    assert_eq!(audit.forget(NOW.plus(2)).await.unwrap(), 2);
    assert_eq!(read(None, None, 9).await.len(), 2);
    let cleo = account();
    audit.record(&event(3, Some(&cleo), What::SignedIn)).await.unwrap();
    for what in [What::SignInRefused, What::CodeRefused, What::ResetAsked] {
        assert!(what.is_anybodys());
        audit.record(&event(3, Some(&cleo), what)).await.unwrap();
    }
    let own: Vec<_> = read(Some(&cleo), None, 1).await.into_iter().map(|event| event.what).collect();
    assert_eq!(own, [What::SignedIn], "what anybody tried pushes nothing of hers out");
}

/// How every keeper of signing keys behaves; it has to be a fresh one.
pub async fn keys(keys: &dyn Keys) {
    let key = |kid: &str, made: i64| SigningKey { kid: kid.into(), made: Timestamp(made), pkcs8: vec![0, 255, 7] };
    assert!(keys.signing_keys().await.unwrap().is_empty());
    assert!(keys.add_signing_key(&key("a", 10), None).await.unwrap());
    assert!(!keys.add_signing_key(&key("b", 11), None).await.unwrap(), "somebody else was first");
    assert!(!keys.add_signing_key(&key("b", 11), Some("x")).await.unwrap());
    assert!(keys.add_signing_key(&key("b", 20), Some("a")).await.unwrap());
    let kept = keys.signing_keys().await.unwrap();
    assert!(kept == [key("a", 10), key("b", 20)], "they come back as they were, the oldest first");
    assert_eq!(keys.forget_signing_keys(Timestamp(10)).await.unwrap(), 0);
    assert_eq!(keys.forget_signing_keys(Timestamp(99)).await.unwrap(), 1, "the newest stays however old it is");
    assert!(keys.signing_keys().await.unwrap() == [key("b", 20)]);
}

/// How everybody behaves who gives identities: of many, one after another and at once, none is given twice.
pub async fn identities(identities: &dyn Identities) {
    let mut given = Vec::new();
    for _ in 0..8 {
        given.push(identities.fresh().await.unwrap());
    }
    let at_once = futures::future::join_all((0..24).map(|_| identities.fresh())).await;
    given.extend(at_once.into_iter().map(Result::unwrap));
    assert_eq!(given.iter().collect::<HashSet<_>>().len(), 32, "somebody would reach what is another's: {given:?}");
}
