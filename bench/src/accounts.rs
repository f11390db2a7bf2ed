//! Accounts: how long a token takes to be checked and somebody to be signed in, what many at once take, whether time tells who has an
//! account, and whether one token ever opens two things.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value;
use synapscribe_domain::account::{
    AccountId, Place, Presented, Rate, RefreshToken, Role, SignIn, SignInId, Taken, sign_in::GRACE_MS,
};
use synapscribe_domain::{Code, Failure, PersonId, Timestamp};
use synapscribe_ports::accounts::{AccessClaims, AccessTokens, Identities, Letter, Limits, Mail, MailError, Secrets, SignIns};
use synapscribe_ports::{Clock, Ids, StoreError, StoreResult, SystemClock, UuidIds};
use synapscribe_sql::{SqlAccounts, SqlProofs, Store};
use synapscribe_usecases::accounts::{Admitting, Errands, Form, Proof, Reception, Visit};
use synapscribe_vault::{Cost, PepperedSecrets, Signer, SlowHashes, Terms};

use crate::peer;
use crate::table::{Better, Row, Table, percentile};

const PASSWORD: &str = "tide pools at noon";
const TRIES: usize = 2_000;
const ROUNDS: usize = 1_000;
const AT_ONCE: usize = 200;

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path().join("synapscribe.db")).await?;
    let places = std::thread::available_parallelism()?.get();
    let (reception, tokens) = reception(&store, places);
    let python = peer::measured("accounts.py", &[])?;
    check_tokens(table, &tokens, peer::number(&python, "check_us")?).await?;
    sign_in(table, &reception, places, &python).await?;
    tell_by_time(table, &reception).await?;
    renew(table, &store).await
}

/// Everything as a host has it, but for limits, which would end the measurement.
fn reception(store: &Store, places: usize) -> (Reception, Signer) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let secrets = Arc::new(PepperedSecrets::new([7; 32]));
    let passwords = Arc::new(SlowHashes::new(Cost::USUAL, places));
    let accounts = Arc::new(SqlAccounts::new(store.clone(), Arc::clone(&secrets) as _));
    let records = Arc::new(store.clone());
    let tokens = Signer::new(Arc::clone(&records) as _, Arc::clone(&clock), "https://study.example", Terms::default());
    let admitting =
        Admitting::new(Arc::new(tokens.clone()), Arc::clone(&records) as _, Arc::clone(&accounts) as _, Arc::clone(&clock));
    let reception = Reception {
        accounts,
        proofs: Arc::new(SqlProofs::new(store.clone(), passwords)),
        sign_ins: Arc::clone(&records) as _,
        invitations: Arc::clone(&records) as _,
        limits: Arc::new(Unlimited),
        audit: records,
        mail: Arc::new(Nowhere),
        tokens: Arc::new(tokens.clone()),
        identities: Arc::new(Anybody),
        secrets,
        admitting,
        connections: None,
        errands: Errands::default(),
        invited_only: false,
        ids: Arc::new(UuidIds),
        clock,
    };
    (reception, tokens)
}

async fn check_tokens(table: &mut Table, tokens: &Signer, python: f64) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let claims = AccessClaims {
        account: AccountId::parse("0196f0a0000000000000000000000000")?,
        person: PersonId::parse("us-east-1:00000000-0000-4000-8000-000000000000")?,
        sign_in: SignInId::parse("0196f0a0000000000000000000000001")?,
        role: Role::Student,
        issued: now,
        expires: now.plus(900_000),
    };
    let token = tokens.mint(&claims).await?;
    let mut times = Vec::new();
    for _ in 0..2_000 {
        let begun = Instant::now();
        for _ in 0..10 {
            tokens.check(&token, now).await?;
        }
        times.push(begun.elapsed().as_secs_f64() * 1e5);
    }
    let row = Row::new("accounts: an access token checked, p50", percentile(&mut times, 0.5), "µs", Better::Lower);
    table.add(row.bar(20.0).peer("joserfc in Python", python));
    Ok(())
}

async fn sign_in(table: &mut Table, reception: &Reception, places: usize, python: &Value) -> anyhow::Result<()> {
    join(reception, "bench@example.org").await?;
    let login = || async {
        let begun = Instant::now();
        let proof = Proof::Password(PASSWORD.into());
        let came = reception.login(&Visit::default(), "bench@example.org", &proof, "bench").await;
        came.map_err(|refused| refused.failure())?;
        Ok::<_, anyhow::Error>(begun.elapsed().as_secs_f64() * 1000.0)
    };
    let mut times = Vec::new();
    for _ in 0..20 {
        times.push(login().await?);
    }
    let row = Row::new("accounts: signing in, p50", percentile(&mut times, 0.5), "ms", Better::Lower);
    let hashing = peer::number(python, "login_ms")?;
    table.add(row.bar(120.0).peer("Argon2id of OpenSSL in Python, the password alone", hashing));
    let before = resident_mb()?;
    let watching = tokio::spawn(async {
        let mut most: f64 = 0.0;
        loop {
            most = most.max(resident_mb().unwrap_or_default());
            if WATCHED.load(std::sync::atomic::Ordering::Relaxed) {
                return most;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    futures::future::try_join_all((0..50).map(|_| login())).await?;
    WATCHED.store(true, std::sync::atomic::Ordering::Relaxed);
    let more = watching.await? - before;
    let bar = 46.0 * places as f64 + 100.0;
    let row = Row::new("accounts: memory that 50 who sign in at once take", more.max(0.0), "MB", Better::Lower);
    table.add(row.bar(bar).peer("50 passwords in asyncio's threads", peer::number(python, "memory_mb")?));
    Ok(())
}

static WATCHED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

fn resident_mb() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    Ok(line.split_whitespace().next().unwrap_or("0").parse::<f64>()? / 1024.0)
}

/// Welch's t of the times for known and unknown addresses, tried in pairs of either order, so that each comes as often after the other
/// as after its own kind; within ±4.5 two means of so many are not told apart.
async fn tell_by_time(table: &mut Table, reception: &Reception) -> anyhow::Result<()> {
    // Addresses of one form: longer ones, and other domains, take longer to read.
    let known: Vec<String> = (0..20).map(|n| format!("person{n:06}@example.org")).collect();
    for email in &known {
        join(reception, email).await?;
    }
    let mut strangers = (0..).map(|n| format!("strange{n:05}@example.org"));
    let wrong = Proof::Password("not the right one".into());
    for what in ["signing in", "signing up", "a forgotten password"] {
        let mut times = [Vec::new(), Vec::new()];
        for n in 0..TRIES {
            let side = usize::from(matches!(n % 4, 1 | 2));
            let stranger = strangers.next().unwrap_or_default();
            let email = if side == 0 { known[n / 2 % known.len()].clone() } else { stranger };
            if what == "a forgotten password" {
                // What the errand of the one before leaves in the processor's caches is the same for both.
                reception.forgotten(&Visit::default(), "before@example.org").await.map_err(|refused| refused.failure())?;
                reception.errands.done().await;
            }
            let begun = Instant::now();
            if what == "signing in" {
                let came = reception.login(&Visit::default(), &email, &wrong, "bench").await.map(drop);
                anyhow::ensure!(came.is_err_and(|refused| refused.failure().code == Code::WrongCredentials), "somebody got in");
            } else if what == "signing up" {
                let form = Form { email, password: PASSWORD.into(), name: None, invitation: None };
                reception.register(&Visit::default(), &form, None).await.map_err(|refused| refused.failure())?;
            } else {
                reception.forgotten(&Visit::default(), &email).await.map_err(|refused| refused.failure())?;
            }
            times[side].push(begun.elapsed().as_secs_f64() * 1000.0);
            reception.errands.done().await;
        }
        let t = welch(&times[0], &times[1]).abs();
        let medians = times.each_mut().map(|times| percentile(times, 0.5));
        eprintln!("  {what}: {:.3} ms for known and {:.3} ms for unknown addresses", medians[0], medians[1]);
        table.add(Row::new(format!("accounts: {what}, known against unknown, |t|"), t, "", Better::Lower).bar(4.5));
    }
    Ok(())
}

fn welch(one: &[f64], other: &[f64]) -> f64 {
    let moments = |times: &[f64]| {
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (times.len() - 1) as f64;
        (mean, variance / times.len() as f64)
    };
    let ((one, spread), (other, more)) = (moments(one), moments(other));
    (one - other) / (spread + more).sqrt()
}

/// Two hundred present one token at once, then again once the grace is over, and then the token that took its place, a thousand
/// times.
async fn renew(table: &mut Table, store: &Store) -> anyhow::Result<()> {
    let secrets = Arc::new(PepperedSecrets::new([7; 32]));
    let (mut survived, mut late) = (0, 0);
    let begun = Instant::now();
    for round in 0..ROUNDS {
        let id = SignInId::parse(UuidIds.fresh())?;
        let token = RefreshToken { sign_in: id.clone(), secret: secrets.random() };
        let now = Timestamp(1_790_000_000_000 + round as i64);
        let account = AccountId::parse("bench")?;
        let sign_in = SignIn::new(id, account, String::new(), Place::unknown(), secrets.digest(&token.text()), now);
        store.begin(&sign_in).await?;
        let first = present(store, &secrets, &token, now).await?;
        let renewed: Vec<_> =
            first.iter().filter(|(_, came)| *came == Presented::Renewed).map(|(next, _)| next.clone()).collect();
        let [next] = renewed.as_slice() else { continue };
        // Everybody else is given the same one, sealed with the token that they showed.
        let same = |came: &Presented| match came {
            Presented::Renewed => true,
            Presented::Repeated(sealed) => secrets.open(*sealed, &token.secret) == next.secret,
            Presented::Reused | Presented::Expired | Presented::Revoked => false,
        };
        survived += usize::from(first.len() == AT_ONCE && first.iter().all(|(_, came)| same(came)));
        for token in [&token, next] {
            let again = present(store, &secrets, token, now.plus(GRACE_MS)).await?;
            late += again.iter().filter(|(_, came)| matches!(came, Presented::Renewed | Presented::Repeated(_))).count();
        }
    }
    eprintln!("  {} presentations in {:.1} s", 3 * ROUNDS * AT_ONCE, begun.elapsed().as_secs_f64());
    let rounds = ROUNDS as f64;
    table.add(
        Row::new("accounts: rounds in which one token of 200 renewed", survived as f64, "of 1000", Better::Higher).bar(rounds),
    );
    table.add(Row::new("accounts: tokens that opened anything after that", late as f64, "", Better::Lower).bar(0.0));
    Ok(())
}

/// What came of presenting a token many times, each with the one that was to take its place.
async fn present(
    store: &Store,
    secrets: &Arc<PepperedSecrets>,
    token: &RefreshToken,
    now: Timestamp,
) -> anyhow::Result<Vec<(RefreshToken, Presented)>> {
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (store, secrets, token) = (store.clone(), Arc::clone(secrets), token.clone());
            tokio::spawn(async move {
                let made = RefreshToken { secret: secrets.random(), ..token.clone() };
                let (digest, sealed) = (secrets.digest(&made.text()), secrets.seal(made.secret, &token.secret));
                let (next, place) = (synapscribe_domain::account::Next { digest, sealed }, Place::unknown());
                let came = store.present(&token.sign_in, &secrets.digest(&token.text()), &next, &place, now).await?;
                Ok::<_, StoreError>(came.map(|(_, presented)| (made, presented)))
            })
        })
        .collect();
    let mut outcomes = Vec::with_capacity(AT_ONCE);
    for task in tasks {
        outcomes.extend(task.await??);
    }
    Ok(outcomes)
}

/// Makes an account, past the letter that would bring its code.
async fn join(reception: &Reception, email: &str) -> anyhow::Result<()> {
    use synapscribe_domain::account::{EmailAddress, Password};
    use synapscribe_ports::accounts::NewAccount;
    let email = EmailAddress::parse(email)?;
    let person = reception.identities.fresh().await?;
    let new =
        NewAccount { id: AccountId::parse(UuidIds.fresh())?, email: email.clone(), name: None, role: Role::Student, person };
    let now = reception.clock.now();
    if let Some(code) = reception.accounts.register(&new, now).await?.code {
        reception.proofs.keep(&new.id, &email, &Password::chosen(PASSWORD)?).await?;
        reception.accounts.verify(&email, &code, now).await?;
    }
    Ok(())
}

struct Unlimited;

#[async_trait]
impl Limits for Unlimited {
    async fn take(&self, _: &str, _: Rate, now: Timestamp) -> StoreResult<Taken> {
        Ok(Taken::Allowed(now))
    }

    async fn forget(&self, _: Timestamp) -> StoreResult<u64> {
        Ok(0)
    }
}

struct Nowhere;

#[async_trait]
impl Mail for Nowhere {
    async fn send(&self, _: &Letter) -> Result<(), MailError> {
        Ok(())
    }
}

struct Anybody;

#[async_trait]
impl Identities for Anybody {
    async fn fresh(&self) -> Result<PersonId, Failure> {
        PersonId::parse(UuidIds.fresh()).map_err(|_| Failure::internal())
    }
}
