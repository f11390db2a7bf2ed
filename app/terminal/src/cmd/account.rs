//! `account`: signing up, in and out, and what belongs to an account.

use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use synapscribe_client::account::{self, Resting, SignIn, SigningIn, Standing};
use synapscribe_client::protocol::accounts::{ChallengeAnswerDto, RegisterDto, SignInDto};
use synapscribe_client::{Client, ClientError, code};

use super::{Connected, secret};
use crate::cli::{Account, Devices};
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// Does one thing.
pub async fn run(action: Option<Account>, connected: &Connected, out: Out) -> Result<Exit> {
    let client = &connected.client;
    let account = client.account()?;
    match action.unwrap_or(Account::Show) {
        Account::Show => show(account, out).await?,
        Account::SignUp { email, name, invitation } => {
            let password = secret::new_password(out).await?;
            client.register(&RegisterDto { email: email.clone(), password, name, invitation }).await?;
            letter(client, &email, "verify", "then", out)?;
        }
        Account::Verify { email, code: Some(typed), .. } => {
            account.verify(&email, &typed).await?;
            out.event(&json!({ "type": "verified", "email": email }))?;
            out.line(format!("the address is confirmed; sign in with: synapscribe account sign-in {email}"))?;
        }
        Account::Verify { email, .. } => {
            account.verify_again(&email).await?;
            letter(client, &email, "verify", "if the address waits to be confirmed", out)?;
        }
        Account::SignIn { email } => sign_in(client, email, out).await?,
        Account::SignOut { everywhere } => {
            account.sign_out(everywhere).await?;
            out.event(&json!({ "type": "signed_out", "everywhere": everywhere }))?;
            out.line(if everywhere { "every device is signed out" } else { "signed out; you go on as a guest" })?;
        }
        Account::Forgot { email } => {
            account.forgotten(&email).await?;
            letter(client, &email, "reset", "if the address has an account", out)?;
        }
        Account::Reset { email, code: typed } => {
            let password = secret::new_password(out).await?;
            account.reset(&email, &typed, &password).await?;
            out.event(&json!({ "type": "password_reset", "email": email }))?;
            out.line("the password is changed and every device is signed out; sign in")?;
        }
        Account::Sessions { action: None } => sign_ins(account, out).await?,
        Account::Sessions { action: Some(Devices::Revoke { ids }) } => return revoke(account, &ids, out).await,
        Account::Export { file, replace } => export(account, file.as_deref(), replace, out).await?,
        Account::Delete => {
            let password = secret::password("Password, to delete the account and everything that is yours: ", out).await?;
            account.delete(&password).await?;
            out.event(&json!({ "type": "account_deleted" }))?;
            out.line("the account and everything that was yours are deleted")?;
        }
    }
    Ok(Exit::Done)
}

async fn show(account: &account::Account, out: Out) -> Result<()> {
    // Whether the sign-in still lasts is the server's to say.
    let asked = match *account.standing().borrow() {
        Standing::SignedIn { .. } => true,
        Standing::Guest | Standing::Ended { .. } => false,
    };
    if asked
        && let Err(error) = account.me().await
        && error.code != code::SIGNED_OUT
    {
        return Err(error.into());
    }
    let standing = account.standing().borrow().clone();
    let resting = account.resting().await;
    let mut event = serde_json::to_value(&standing)?;
    event["type"] = "account".into();
    event["tokens"] = serde_json::to_value(resting)?;
    out.event(&event)?;
    match standing {
        Standing::Guest => out.line(
            "You are a guest. Nothing needs an account; to find your things on other machines: synapscribe account sign-up EMAIL",
        )?,
        Standing::SignedIn { account } => {
            let name = account.name.map(|name| format!("{name}, ")).unwrap_or_default();
            out.line(format!("{name}{} {}", out.paint(Look::Strong, &account.email), out.paint(Look::Dim, &account.role)))?;
            out.line(out.paint(Look::Dim, told(resting)))?;
        }
        Standing::Ended { account } => {
            out.line(format!(
                "The sign-in of {} has ended. Sign in again: synapscribe account sign-in {}",
                account.email, account.email
            ))?;
            out.line("Or go on as a guest: synapscribe account sign-out")?;
        }
    }
    Ok(())
}

async fn sign_in(client: &Client, email: String, out: Out) -> Result<()> {
    let password = secret::password("Password: ", out).await?;
    let device = Some(format!("Terminal, {}", std::env::consts::OS));
    let mut wish = SignIn { email, password, device, challenge: None };
    let account = loop {
        let said = client.sign_in(&wish).await.inspect_err(|error| {
            if error.code == "wrong_credentials" {
                let email = &wish.email;
                out.remark(format!(
                    "to confirm the address: synapscribe account verify {email} CODE, or with --again for another letter"
                ));
            }
        });
        match said? {
            SigningIn::Done(account) => break account,
            SigningIn::Challenge { kind, session } => {
                let answer = secret::password(
                    "One more proof, such as the code that you were just mailed or that your authenticator shows: ",
                    out,
                )
                .await?;
                wish.password.clear();
                wish.challenge = Some(ChallengeAnswerDto { kind, session, answer });
            }
        }
    };
    let resting = client.account()?.resting().await;
    out.event(&json!({ "type": "signed_in", "account": account, "tokens": resting }))?;
    out.line(format!("signed in as {}", out.paint(Look::Strong, &account.email)))?;
    if resting == Resting::File {
        out.remark(told(resting));
    }
    Ok(())
}

fn told(resting: Resting) -> &'static str {
    match resting {
        Resting::Keychain => "The sign-in rests in this system's keychain.",
        Resting::File => "This system offers no keychain: the sign-in rests in a file that only you can read.",
    }
}

/// A letter may be on its way; where it goes to is the server's to say.
fn letter(client: &Client, email: &str, next: &str, when: &str, out: Out) -> Result<()> {
    let here = client.discovery().accounts.as_ref().is_some_and(|accounts| accounts.mail == "outbox");
    out.event(&json!({ "type": "letter", "email": email, "outbox": here, "next": next }))?;
    let place =
        if here { "in the host's outbox; whoever runs it reads it with: synapscribe outbox" } else { "on its way by mail" };
    let when = if when == "then" { "a letter with a code is".to_owned() } else { format!("{when}, a letter with a code is") };
    Ok(out.line(format!("{when} {place}\nwith the code: synapscribe account {next} {email} CODE"))?)
}

async fn sign_ins(account: &account::Account, out: Out) -> Result<()> {
    for sign_in in account.sign_ins().await? {
        out.event(&sign_in)?;
        let SignInDto { session_id, device, place, last_used, current, .. } = sign_in;
        let here = if current { "  this one" } else { "" };
        let when = text::ago(last_used, text::now());
        out.line(format!("{}  {}  {place}  {when}{here}", out.paint(Look::Dim, &session_id), out.paint(Look::Strong, &device)))?;
    }
    Ok(())
}

async fn revoke(account: &account::Account, ids: &[String], out: Out) -> Result<Exit> {
    super::sessions::each(ids, out, async |id| {
        account.end_sign_in(id).await?;
        out.event(&json!({ "type": "session_revoked", "sessionId": id }))?;
        Ok(out.line(format!("{id} is signed out"))?)
    })
    .await
}

async fn export(account: &account::Account, file: Option<&Path>, replace: bool, out: Out) -> Result<()> {
    if let Some(file) = file
        && file.exists()
        && !replace
    {
        return Err(
            ClientError::new("backup_exists", format!("{} is there already; replace it with --replace", file.display())).into()
        );
    }
    let all: Value = account.export().await?;
    match file {
        None if out.json => out.event(&all)?,
        None => out.line(serde_json::to_string_pretty(&all)?)?,
        Some(file) => {
            keep(file, &serde_json::to_vec_pretty(&all)?)
                .map_err(|error| ClientError::new(code::DISK, format!("{} cannot be written: {error}", file.display())))?;
            out.event(&json!({ "type": "exported", "file": file }))?;
            out.line(format!("everything but recordings and documents is in {}", file.display()))?;
        }
    }
    Ok(())
}

/// Writes what is its owner's only.
fn keep(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(bytes)
}
