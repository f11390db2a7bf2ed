//! What happens to an account while somebody's password is being compared, and while an invitation is being made.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::Method;
use lambda_accounts::Called;
use serde_json::json;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{AccountId, Digest, EmailAddress, Invitation, InvitationId, Password, Role};
use synapscribe_ports::accounts::{Accounts, Invitations, Proofs, Proved, Redeemed};
use synapscribe_ports::{Clock, StoreResult};
use tokio::sync::Notify;

use crate::desk::{Desk, PASSWORD, Reply};

const ADA: &str = "ada@example.org";

/// Compares a password, and tells nobody before it may.
struct Slow {
    proofs: Arc<dyn Proofs>,
    compared: Arc<Notify>,
    told: Arc<Notify>,
}

#[async_trait]
impl Proofs for Slow {
    async fn keep(&self, account: &AccountId, email: &EmailAddress, password: &Password) -> StoreResult<()> {
        self.proofs.keep(account, email, password).await
    }

    async fn prove(&self, account: Option<&AccountId>, password: &Password) -> StoreResult<Proved> {
        let proved = self.proofs.prove(account, password).await;
        self.compared.notify_one();
        self.told.notified().await;
        proved
    }

    async fn forget(&self, account: &AccountId) -> StoreResult<()> {
        self.proofs.forget(account).await
    }
}

/// What somebody gets who signs in with the right password, while this happens.
async fn signs_in_while(happens: impl AsyncFnOnce(&Desk, &AccountId)) -> (Desk, AccountId, Reply) {
    let (compared, told) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let desk = Desk::with(|reception| {
        let proofs = Arc::clone(&reception.proofs);
        reception.proofs = Arc::new(Slow { proofs, compared: Arc::clone(&compared), told: Arc::clone(&told) });
    });
    desk.join(ADA).await;
    let email = EmailAddress::parse(ADA).unwrap();
    let account = desk.accounts.account_at(&email).await.unwrap().unwrap().id;
    desk.accounts.set_role(&account, Role::Lecturer, None).await.unwrap();
    let login = desk.post("/api/auth/login", json!({ "email": ADA, "password": PASSWORD }));
    let meanwhile = async {
        compared.notified().await;
        happens(&desk, &account).await;
        told.notify_one();
    };
    let (reply, ()) = tokio::join!(login, meanwhile);
    (desk, account, reply)
}

async fn lasting(desk: &Desk, account: &AccountId) -> usize {
    desk.reception.sign_ins.of(account, desk.clock.now()).await.unwrap().len()
}

#[tokio::test]
async fn a_password_that_was_set_anew_meanwhile_opens_nothing() {
    let (desk, account, reply) = signs_in_while(async |desk, _| {
        desk.post("/api/auth/forgot-password", json!({ "email": ADA })).await;
        let form = json!({ "email": ADA, "code": desk.code(ADA), "password": "a quiet harbour" });
        assert_eq!(desk.post("/api/auth/reset-password", form).await.status, 200);
    })
    .await;
    assert_eq!((reply.status, reply.code()), (401, "wrong_credentials"), "{}", reply.body);
    assert_eq!(lasting(&desk, &account).await, 0, "nobody stays in by the password before");
}

#[tokio::test]
async fn an_account_that_was_deleted_meanwhile_opens_nothing() {
    let (desk, account, reply) = signs_in_while(async |desk, account| desk.accounts.delete(account).await.unwrap()).await;
    assert_eq!((reply.status, reply.code()), (401, "wrong_credentials"), "{}", reply.body);
    assert_eq!(lasting(&desk, &account).await, 0);
}

#[tokio::test]
async fn a_role_that_was_given_meanwhile_is_the_one_that_the_token_states() {
    let (desk, _, reply) = signs_in_while(async |desk, _| {
        let wish = json!({ "email": ADA, "role": "student" });
        assert_eq!(desk.ask(Called::Host, Method::POST, "/api/auth/roles", Some(wish)).await.status, 200);
    })
    .await;
    assert_eq!(reply.data()["account"]["role"], "student");
    let Called::SignedIn(ada) = desk.bearer(reply.data()["tokens"]["accessToken"].as_str().unwrap()).await else {
        panic!("she is signed in")
    };
    assert_eq!(ada.claims.role, Role::Student);
}

/// Keeps invitations, each of which is the last thing its operator does as one.
struct Last {
    kept: Arc<dyn Invitations>,
    accounts: Arc<dyn Accounts>,
}

#[async_trait]
impl Invitations for Last {
    async fn invite(&self, invitation: &Invitation) -> StoreResult<()> {
        self.accounts.set_role(invitation.by.as_ref().unwrap(), Role::Student, None).await?;
        self.kept.invite(invitation).await
    }

    async fn invitations(&self) -> StoreResult<Vec<Invitation>> {
        self.kept.invitations().await
    }

    async fn redeem(&self, code: &Digest, now: Timestamp) -> StoreResult<Redeemed> {
        self.kept.redeem(code, now).await
    }

    async fn give_back(&self, id: &InvitationId) -> StoreResult<()> {
        self.kept.give_back(id).await
    }

    async fn unname(&self, by: &AccountId) -> StoreResult<()> {
        self.kept.unname(by).await
    }

    async fn revoke(&self, id: &InvitationId, now: Timestamp) -> StoreResult<bool> {
        self.kept.revoke(id, now).await
    }
}

#[tokio::test]
async fn an_invitation_of_somebody_who_is_no_operator_any_more_lets_nobody_in() {
    let desk = Desk::with(|reception| {
        let (kept, accounts) = (Arc::clone(&reception.invitations), Arc::clone(&reception.accounts));
        reception.invitations = Arc::new(Last { kept, accounts });
    });
    let (olga, _) = desk.somebody("olga@example.org", Role::Operator).await;
    let wish = json!({ "role": "operator" });
    let reply = desk.ask(olga, Method::POST, "/api/auth/invitations", Some(wish)).await;
    assert_eq!((reply.status, reply.code()), (403, "forbidden"));
    let kept = desk.invitations.invitations().await.unwrap();
    assert!(kept.len() == 1 && kept[0].revoked.is_some(), "{kept:?}");
}
