//! The account of whoever signed in at one server: its tokens, renewed in silence and by one program at a time, and what can be
//! asked of it. Knows no lecture and no screen.

mod calls;
mod keep;
mod keychain;
pub mod staff;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::Method;
use serde::Serialize;
use serde_json::{Map, Value};
use synapscribe_protocol::Discovery;
use synapscribe_protocol::accounts::{
    AccountDto, AddressDto, ChallengeAnswerDto, DeleteAccountDto, LoginDto, LoginRequestDto, LogoutDto, NothingDto, RefreshDto,
    RegisterDto, ResetPasswordDto, SignInDto, SignInsDto, TokensDto,
};
use tokio::sync::{Mutex, watch};

use self::calls::Calls;
use self::keep::{Keep, Note, Tokens};
use crate::error::{ClientError, Result, code};
use crate::home::Home;
use crate::net::Net;

pub use self::keep::Resting;

/// An access token is renewed when it has so many seconds to live, so that none dies on its way.
const AHEAD: u64 = 60;
/// So often it is begun to take everything along, when something changes on the way.
const BEGINNINGS: u32 = 3;

/// Who uses this server from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// A guest.
    Guest,
    /// Somebody with an account.
    SignedIn {
        /// Who.
        account: AccountDto,
    },
    /// Somebody whose sign-in the server ended; nothing is asked in their name until they sign in again, or sign out to go on as
    /// a guest.
    Ended {
        /// Who it was.
        account: AccountDto,
    },
}

/// What came of signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningIn {
    /// Signed in.
    Done(AccountDto),
    /// A second proof is asked for; the answer to it goes with the next attempt.
    Challenge {
        /// Its kind, such as `SOFTWARE_TOKEN_MFA`.
        kind: String,
        /// What has to come back with the answer.
        session: String,
    },
}

/// What signing in takes.
#[derive(Clone, Default)]
pub struct SignIn {
    /// The address.
    pub email: String,
    /// The password; empty in the answer to a challenge.
    pub password: String,
    /// What the list of sign-ins calls this device.
    pub device: Option<String>,
    /// The answer to a challenge.
    pub challenge: Option<ChallengeAnswerDto>,
}

/// The account at one server; clones share it.
#[derive(Clone)]
pub struct Account {
    inner: Arc<Inner>,
}

struct Inner {
    calls: Calls,
    issuer: String,
    keep: Arc<Keep>,
    /// Held while tokens are read or renewed, so that one renewal serves everybody who waits for it.
    held: Mutex<Option<(Note, Tokens)>>,
    standing: watch::Sender<Standing>,
}

/// What the identity pool is shown.
pub(crate) struct Shown {
    pub identity: String,
    pub sign_in: String,
    pub issuer: String,
    pub access: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("server", &self.inner.calls.server).finish_non_exhaustive()
    }
}

impl Account {
    /// The account at a server, if there are accounts at all.
    pub(crate) fn new(server: &str, scope: &str, discovery: &Discovery, home: &Home, net: &Net) -> Option<Self> {
        let here = discovery.accounts.as_ref()?;
        let calls = Calls { net: net.clone(), server: server.to_owned(), base: here.url.clone() };
        let keep = Arc::new(Keep::new(home, scope));
        let inner = Inner {
            calls,
            issuer: here.issuer.clone(),
            keep,
            held: Mutex::new(None),
            standing: watch::channel(Standing::Guest).0,
        };
        Some(Self { inner: Arc::new(inner) })
    }

    /// Looks at what an earlier run, or another program, left.
    pub(crate) async fn begin(&self) -> Result<()> {
        let mut held = self.inner.held.lock().await;
        self.look(&mut held).await
    }

    /// Who uses the server from here, now and whenever it changes.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.inner.standing.subscribe()
    }

    /// Where the tokens rest, or would.
    pub async fn resting(&self) -> Resting {
        self.kept(|keep| Ok(keep.resting())).await.unwrap_or(Resting::File)
    }

    /// Confirms an address by the code from the mail.
    pub async fn verify(&self, email: &str, typed: &str) -> Result<()> {
        let query: String =
            [("email", email), ("code", typed)].map(|(name, value)| format!("{name}={}", crate::rest::segment(value))).join("&");
        self.inner.calls.ask::<NothingDto>(Method::GET, &format!("verify-email?{query}"), None).await.map(drop)
    }

    /// Has the code that confirms an address sent again.
    pub async fn verify_again(&self, email: &str) -> Result<()> {
        self.post::<NothingDto>("resend-verification", None, &AddressDto { email: email.to_owned() }).await.map(drop)
    }

    /// Has a code sent that another password is set by.
    pub async fn forgotten(&self, email: &str) -> Result<()> {
        self.post::<NothingDto>("forgot-password", None, &AddressDto { email: email.to_owned() }).await.map(drop)
    }

    /// Sets another password by that code; every sign-in ends.
    pub async fn reset(&self, email: &str, typed: &str, password: &str) -> Result<()> {
        let body = ResetPasswordDto { email: email.to_owned(), code: typed.to_owned(), password: password.to_owned() };
        self.post::<NothingDto>("reset-password", None, &body).await.map(drop)
    }

    /// Signs in; a sign-in that was there before is given up.
    pub(crate) async fn sign_in(&self, wish: &SignIn) -> Result<SigningIn> {
        let SignIn { email, password, device, challenge } = wish.clone();
        let answer: LoginDto = self.post("login", None, &LoginRequestDto { email, password, device, challenge }).await?;
        let (tokens, account) = match answer {
            LoginDto::SignedIn { tokens, account } => (tokens, account),
            LoginDto::Challenge { kind, session } => return Ok(SigningIn::Challenge { kind, session }),
        };
        let mut held = self.inner.held.lock().await;
        self.look(&mut held)
            .await
            .unwrap_or_else(|error| tracing::warn!(code = %error.code, "an earlier sign-in cannot be read"));
        if let Some((_, old)) = held.take() {
            // Nobody holds it from here on; a server that does not hear of it ends it in time by itself.
            let _ = self.log_out(old, false).await;
        }
        let (note, tokens) = (Note::new(account.clone(), tokens.session_id.clone()), dated(tokens));
        let written = (note.clone(), tokens.clone());
        self.kept(move |keep| keep.write(&written.0, &written.1)).await?;
        *held = Some((note, tokens));
        self.inner.standing.send_replace(Standing::SignedIn { account: account.clone() });
        Ok(SigningIn::Done(account))
    }

    /// Signs out here, or everywhere; to go on as a guest after a sign-in that ended, too. Here it works without a server as well;
    /// everywhere is for the server to do, and where it does not, this one stays as it is.
    pub async fn sign_out(&self, everywhere: bool) -> Result<()> {
        let mut held = self.inner.held.lock().await;
        let _ = self.look(&mut held).await;
        match held.take() {
            Some((note, tokens)) => match self.log_out(tokens.clone(), everywhere).await {
                Err(error) if everywhere && error.code == code::SIGNED_OUT => {
                    self.end(&mut held, note).await?;
                    return Err(self.signed_out());
                }
                Err(error) if everywhere => {
                    *held = Some((note, tokens));
                    return Err(error);
                }
                Ok(()) | Err(_) => {}
            },
            None if everywhere => return Err(self.signed_out()),
            None => {}
        }
        self.kept(Keep::forget).await?;
        self.inner.standing.send_replace(Standing::Guest);
        Ok(())
    }

    /// Who is signed in, as the server knows them.
    pub async fn me(&self) -> Result<AccountDto> {
        self.known(Method::GET, "me").await
    }

    /// The sign-ins that last, the latest used first.
    pub async fn sign_ins(&self) -> Result<Vec<SignInDto>> {
        Ok(self.known::<SignInsDto>(Method::GET, "sessions").await?.sessions)
    }

    /// Ends one of them; one's own ends here too.
    pub async fn end_sign_in(&self, id: &str) -> Result<()> {
        self.known::<NothingDto>(Method::DELETE, &format!("sessions/{}", crate::rest::segment(id))).await?;
        let own = self.inner.held.lock().await.as_ref().is_some_and(|(note, _)| note.sign_in == id);
        if own { self.sign_out(false).await } else { Ok(()) }
    }

    /// Everything the server keeps of whoever is signed in, but for recordings and documents, which are files of their own.
    pub async fn export(&self) -> Result<Value> {
        let mut beginning = 1;
        loop {
            match self.parts().await {
                // Something changed between two parts.
                Err(error) if error.code == "conflict" && beginning < BEGINNINGS => beginning += 1,
                all => return all.map(Value::Object),
            }
        }
    }

    /// All parts of it, put together.
    async fn parts(&self) -> Result<Map<String, Value>> {
        let (mut all, mut from) = (Map::new(), Some("0".to_owned()));
        while let Some(place) = from {
            let path = format!("me/export?from={}", crate::rest::segment(&place));
            let mut part: Map<String, Value> = self.known(Method::GET, &path).await?;
            // A server that gives everything at once names nothing further; what it names is a text, or a number of an older one.
            from = match part.remove("next") {
                Some(Value::String(next)) => Some(next),
                Some(Value::Number(next)) => Some(next.to_string()),
                _ => None,
            };
            for (name, value) in part {
                match value {
                    Value::Array(more) => {
                        if let Value::Array(list) = all.entry(name).or_insert(Value::Array(Vec::new())) {
                            list.extend(more);
                        }
                    }
                    other => {
                        all.insert(name, other);
                    }
                }
            }
        }
        Ok(all)
    }

    /// Deletes the account with everything that is its person's.
    pub async fn delete(&self, password: &str) -> Result<()> {
        let body = calls::written(&DeleteAccountDto { password: password.to_owned() })?;
        self.named::<NothingDto>(Method::DELETE, "me", Some(body)).await?;
        *self.inner.held.lock().await = None;
        self.kept(Keep::forget).await?;
        self.inner.standing.send_replace(Standing::Guest);
        Ok(())
    }

    /// Asks what only some may. `operator` is the key of a host's own operator; without it, whoever is signed in asks.
    pub async fn ask<T: serde::de::DeserializeOwned>(&self, operator: Option<&str>, asked: staff::Asked<T>) -> Result<T> {
        match operator {
            Some(_) => self.inner.calls.send(asked.method, &asked.path, operator, http::HeaderMap::new(), asked.body).await,
            None => self.named(asked.method, &asked.path, asked.body).await,
        }
    }

    /// Signs somebody up; `headers` show for which guest.
    pub(crate) async fn register(&self, headers: http::HeaderMap, body: Vec<u8>) -> Result<()> {
        self.inner.calls.send::<NothingDto>(Method::POST, "register", None, headers, Some(body)).await.map(drop)
    }

    /// Where signing up is sent to, and with which body.
    pub(crate) fn registering(&self, form: &RegisterDto) -> Result<(String, Vec<u8>)> {
        Ok((self.inner.calls.url("register"), calls::written(form)?))
    }

    /// Whether requests are made in somebody's name, or were until it ended.
    pub(crate) fn is_somebodys(&self) -> bool {
        *self.inner.standing.borrow() != Standing::Guest
    }

    /// What the identity pool is shown; `fresh` when it refused what it was shown before.
    pub(crate) async fn shown(&self, fresh: bool) -> Result<Shown> {
        let inner = &*self.inner;
        let mut held = inner.held.lock().await;
        let good = |held: &Option<(Note, Tokens)>| held.as_ref().is_some_and(|(_, tokens)| tokens.until > now() + AHEAD);
        if fresh || !good(&held) {
            self.renew(&mut held, fresh).await?;
        }
        let (note, tokens) = held.as_ref().ok_or_else(|| self.signed_out())?;
        Ok(Shown {
            identity: note.account.identity_id.clone(),
            sign_in: note.sign_in.clone(),
            issuer: inner.issuer.clone(),
            access: tokens.access.clone(),
        })
    }

    /// Gets the next tokens, and keeps them before anything is done with them: a token that was lost after it was used would end
    /// the sign-in. Programs take turns, and each begins with what the one before it kept.
    async fn renew(&self, held: &mut Option<(Note, Tokens)>, fresh: bool) -> Result<()> {
        let before = held.as_ref().map(|(_, tokens)| tokens.access.clone());
        let turn = self.kept(Keep::alone).await?;
        self.look(held).await?;
        let Some((note, tokens)) = held.clone() else { return Err(self.signed_out()) };
        if tokens.until > now() + AHEAD && (!fresh || before.as_deref() != Some(tokens.access.as_str())) {
            return Ok(());
        }
        let answer = self.inner.calls.exchange::<TokensDto>("refresh", &RefreshDto { refresh_token: tokens.refresh }).await;
        let next = match answer {
            Ok(next) => dated(next),
            Err(error) if error.code == code::SIGNED_OUT => {
                self.end(held, note).await?;
                return Err(self.signed_out());
            }
            Err(error) => return Err(error),
        };
        let written = (note.clone(), next.clone());
        self.kept(move |keep| keep.write(&written.0, &written.1)).await?;
        drop(turn);
        *held = Some((note, next));
        Ok(())
    }

    /// The server ended the sign-in; who it was is remembered.
    async fn end(&self, held: &mut Option<(Note, Tokens)>, note: Note) -> Result<()> {
        let account = note.account.clone();
        self.kept(move |keep| keep.end(&note)).await?;
        *held = None;
        self.inner.standing.send_replace(Standing::Ended { account });
        Ok(())
    }

    /// Takes over what is kept, and tells of it.
    async fn look(&self, held: &mut Option<(Note, Tokens)>) -> Result<()> {
        let standing = match self.kept(Keep::read).await? {
            None => {
                *held = None;
                Standing::Guest
            }
            Some((note, Some(tokens))) => {
                let account = note.account.clone();
                *held = Some((note, tokens));
                Standing::SignedIn { account }
            }
            Some((note, None)) => {
                *held = None;
                Standing::Ended { account: note.account }
            }
        };
        self.inner.standing.send_if_modified(|now| {
            let news = *now != standing;
            *now = standing;
            news
        });
        Ok(())
    }

    /// Gets or deletes something in the name of whoever is signed in.
    async fn known<T: serde::de::DeserializeOwned>(&self, method: Method, path: &str) -> Result<T> {
        self.named(method, path, None).await
    }

    /// A request in the name of whoever is signed in; a token that is not taken is renewed once.
    async fn named<T: serde::de::DeserializeOwned>(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<T> {
        let (calls, none) = (&self.inner.calls, http::HeaderMap::new());
        let access = self.shown(false).await?.access;
        match calls.send(method.clone(), path, Some(&access), none.clone(), body.clone()).await {
            Err(error) if matches!(error.code.as_str(), code::SIGNED_OUT | "unauthorised") => {
                let access = self.shown(true).await?.access;
                calls.send(method, path, Some(&access), none, body).await
            }
            other => other,
        }
    }

    async fn post<T: serde::de::DeserializeOwned>(&self, path: &str, bearer: Option<&str>, body: &impl Serialize) -> Result<T> {
        self.inner.calls.tell(Method::POST, path, bearer, body).await
    }

    async fn log_out(&self, tokens: Tokens, everywhere: bool) -> Result<()> {
        let body = LogoutDto { refresh_token: Some(tokens.refresh), everywhere };
        self.post::<NothingDto>("logout", None, &body).await.map(drop)
    }

    /// Keychains and disks may take a while, and ask the person first.
    async fn kept<T: Send + 'static>(&self, work: impl FnOnce(&Keep) -> Result<T> + Send + 'static) -> Result<T> {
        let keep = Arc::clone(&self.inner.keep);
        let done = tokio::task::spawn_blocking(move || work(&keep)).await;
        done.unwrap_or_else(|error| Err(ClientError::new(code::DISK, format!("the sign-in cannot be kept: {error}"))))
    }

    fn signed_out(&self) -> ClientError {
        let why = match &*self.inner.standing.borrow() {
            Standing::Guest => "nobody is signed in here; sign in first",
            _ => "the sign-in has ended; sign in again, or sign out to go on as a guest",
        };
        ClientError::new(code::SIGNED_OUT, why)
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn dated(tokens: TokensDto) -> Tokens {
    let TokensDto { access_token, refresh_token, expires_in, .. } = tokens;
    Tokens { refresh: refresh_token, access: access_token, until: now() + expires_in }
}
