//! A reception over everything in memory, and people who come to it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt;
use lambda_accounts::{Arrival, Called, Context, router};
use serde_json::{Value, json};
use synapscribe_domain::account::{EmailAddress, Role};
use synapscribe_domain::{PersonId, Timestamp};
use synapscribe_ports::accounts::{Accounts, Admission, Invitations};
use synapscribe_ports::fakes::{
    CountedIdentities, CountedSecrets, Listeners, MemoryAccounts, MemoryAudit, MemoryConnections, MemoryInvitations,
    MemoryLibrary, MemoryLimits, MemoryObjects, MemoryProofs, MemorySessions, MemorySignIns, NumberedIds, PlainPasswords,
    PlainTokens, Postbox, SetClock, WavAudio,
};
use synapscribe_usecases::accounts::{Admitting, Errands, Leaving, Reception};
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::library::Reading;
use tokio::sync::Semaphore;
use tower::ServiceExt;

pub const PASSWORD: &str = "tide pools at noon";

pub struct Desk {
    pub clock: Arc<SetClock>,
    pub passwords: Arc<PlainPasswords>,
    pub accounts: Arc<MemoryAccounts>,
    pub invitations: Arc<MemoryInvitations>,
    pub library: Arc<MemoryLibrary>,
    pub sessions: Arc<MemorySessions>,
    pub objects: Arc<MemoryObjects>,
    pub connections: Arc<MemoryConnections>,
    pub reception: Reception,
    context: Context,
    post: Arc<Postbox>,
    router: Router,
    _scratch: tempfile::TempDir,
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    pub fn code(&self) -> &str {
        self.body["error_code"].as_str().unwrap_or_default()
    }

    pub fn data(&self) -> &Value {
        assert_eq!(self.body["success"], true, "{}", self.body);
        &self.body["data"]
    }
}

impl Desk {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Reception)) -> Self {
        let clock = Arc::new(SetClock::at(Timestamp(1_790_000_000_000)));
        let (passwords, secrets) = (Arc::new(PlainPasswords::default()), Arc::new(CountedSecrets::default()));
        let accounts = Arc::new(MemoryAccounts::new(Arc::clone(&secrets) as _));
        let (invitations, post) = (Arc::new(MemoryInvitations::default()), Arc::new(Postbox::default()));
        let (tokens, sign_ins) = (Arc::new(PlainTokens::default()), Arc::new(MemorySignIns::default()));
        let admitting = Admitting::new(tokens.clone(), sign_ins.clone(), accounts.clone(), clock.clone());
        let connections = Arc::new(MemoryConnections::default());
        let mut reception = Reception {
            accounts: accounts.clone(),
            proofs: Arc::new(MemoryProofs::of(accounts.clone(), Arc::clone(&passwords) as _)),
            sign_ins,
            invitations: invitations.clone(),
            limits: Arc::new(MemoryLimits::default()),
            audit: Arc::new(MemoryAudit::default()),
            mail: post.clone(),
            tokens,
            identities: Arc::new(CountedIdentities::default()),
            secrets,
            admitting,
            connections: Some(connections.clone()),
            errands: Errands::default(),
            invited_only: false,
            ids: Arc::new(NumberedIds::default()),
            clock: clock.clone(),
        };
        change(&mut reception);
        let scratch = tempfile::tempdir().unwrap();
        let (library, sessions) = (Arc::new(MemoryLibrary::default()), Arc::new(MemorySessions::default()));
        let objects = Arc::new(MemoryObjects::new(clock.clone()));
        let reading = Reading {
            library: library.clone(),
            objects: objects.clone(),
            sessions: sessions.clone(),
            connections: connections.clone(),
            audience: Arc::new(Listeners::default()),
            audio: Arc::new(WavAudio),
            scratch: scratch.path().to_owned(),
            clock: clock.clone(),
            drawing: Arc::default(),
        };
        let shelf = Shelf {
            documents: library.clone(),
            objects: objects.clone(),
            sessions: sessions.clone(),
            reader: None,
            connections: Arc::clone(&reading.connections),
            audience: Arc::clone(&reading.audience),
            clock: clock.clone(),
            scratch: scratch.path().to_owned(),
            drawing: Arc::new(Semaphore::new(1)),
        };
        let leaving = Leaving { reception: reception.clone(), reading, shelf };
        let context = Context { reception: reception.clone(), leaving, largest: usize::MAX };
        Self {
            clock,
            passwords,
            accounts,
            invitations,
            library,
            sessions,
            objects,
            connections,
            reception,
            router: router(context.clone()),
            context,
            post,
            _scratch: scratch,
        }
    }

    /// From now on answers hold no more than so many bytes.
    pub fn narrow(&mut self, largest: usize) {
        self.router = router(Context { largest, ..self.context.clone() });
    }

    /// Asks as somebody, and waits until letters have been written.
    pub async fn ask(&self, called: Called, method: Method, path: &str, body: Option<Value>) -> Reply {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(called, method, path, "application/json", body).await
    }

    pub async fn send(&self, called: Called, method: Method, path: &str, kind: &str, body: Body) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind).body(body).unwrap();
        request.extensions_mut().insert(Arrival { called, peer: Some([203, 0, 113, 7].into()) });
        let reply = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        let body = reply.into_body().collect().await.unwrap().to_bytes();
        self.reception.errands.done().await;
        Reply { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask(Called::Nobody, Method::POST, path, Some(body)).await
    }

    /// Whoever an access token says they are, as a host would find out.
    pub async fn bearer(&self, token: &str) -> Called {
        match self.reception.admitting.admit(token).await {
            Ok(signed_in) => Called::SignedIn(signed_in),
            Err(failure) => Called::Refused(failure),
        }
    }

    pub fn letters(&self, email: &str) -> Vec<synapscribe_ports::accounts::Letter> {
        self.post.of(&EmailAddress::parse(email).unwrap())
    }

    /// The code in the latest letter to somebody.
    pub fn code(&self, email: &str) -> String {
        let letters = self.letters(email);
        let text = &letters.last().expect("a letter was written").text;
        let line = text.lines().find(|line| line.starts_with("    ")).expect("the letter holds a code");
        line.trim().to_owned()
    }

    /// Signs somebody up who confirms their address.
    pub async fn join(&self, email: &str) {
        let reply = self.post("/api/auth/register", json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(reply.status, 202, "{}", reply.body);
        let path = format!("/api/auth/verify-email?email={}&code={}", email.replace('+', "%2B"), self.code(email));
        assert_eq!(self.ask(Called::Nobody, Method::GET, &path, None).await.status, 200);
    }

    pub async fn login(&self, email: &str) -> Value {
        let reply = self.post("/api/auth/login", json!({ "email": email, "password": PASSWORD, "device": "a laptop" })).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.data()["outcome"], "signed_in");
        reply.data().clone()
    }

    /// Somebody in this role who is signed in, and their identity.
    pub async fn somebody(&self, email: &str, role: Role) -> (Called, PersonId) {
        self.join(email).await;
        let data = self.login(email).await;
        let person = PersonId::parse(data["account"]["identityId"].as_str().unwrap()).unwrap();
        let account = self.accounts.account_of(&person).await.unwrap().unwrap();
        self.accounts.set_role(&account.id, role, None).await.unwrap();
        (self.bearer(data["tokens"]["accessToken"].as_str().unwrap()).await, person)
    }

    pub async fn invitation(&self) -> String {
        self.invitations.invitations().await.unwrap()[0].id.to_string()
    }
}
