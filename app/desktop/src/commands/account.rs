//! Accounts. Tokens stay in the client: the window says what somebody typed and hears who is signed in.

use serde::Serialize;
use synapscribe_client::account::{Account, Resting, SignIn, SigningIn, Standing};
use synapscribe_client::protocol::accounts::{ChallengeAnswerDto, RegisterDto, SignInDto};
use tauri::State;

use super::{Answer, refused};
use crate::shell::{Link, Shell};

/// A second proof that signing in takes.
#[derive(Serialize)]
pub struct Challenge {
    kind: String,
    session: String,
}

async fn known(shell: &Shell) -> Answer<Account> {
    let client = shell.client().await.map_err(refused)?;
    client.account().cloned().map_err(refused)
}

/// Who uses the server now; changes are told as events.
#[tauri::command]
pub fn account(shell: State<'_, Shell>) -> Standing {
    match shell.link() {
        Link::Attached(attached) => {
            attached.client.account().map_or(Standing::Guest, |account| account.standing().borrow().clone())
        }
        Link::Connecting | Link::Waiting(_) => Standing::Guest,
    }
}

#[tauri::command]
pub async fn account_resting(shell: State<'_, Shell>) -> Answer<Resting> {
    Ok(known(&shell).await?.resting().await)
}

#[tauri::command]
pub async fn register(shell: State<'_, Shell>, form: RegisterDto) -> Answer<()> {
    shell.client().await.map_err(refused)?.register(&form).await.map_err(refused)
}

#[tauri::command]
pub async fn verify_email(shell: State<'_, Shell>, email: String, code: String) -> Answer<()> {
    known(&shell).await?.verify(&email, &code).await.map_err(refused)
}

#[tauri::command]
pub async fn verify_email_again(shell: State<'_, Shell>, email: String) -> Answer<()> {
    known(&shell).await?.verify_again(&email).await.map_err(refused)
}

#[tauri::command]
pub async fn forgotten_password(shell: State<'_, Shell>, email: String) -> Answer<()> {
    known(&shell).await?.forgotten(&email).await.map_err(refused)
}

#[tauri::command]
pub async fn reset_password(shell: State<'_, Shell>, email: String, code: String, password: String) -> Answer<()> {
    known(&shell).await?.reset(&email, &code, &password).await.map_err(refused)
}

/// Nothing when it is done; otherwise the second proof that is asked for.
#[tauri::command]
pub async fn sign_in(
    shell: State<'_, Shell>,
    email: String,
    password: String,
    answer: Option<ChallengeAnswerDto>,
) -> Answer<Option<Challenge>> {
    let password = if answer.is_some() { String::new() } else { password };
    let device = Some(format!("Desktop app, {}", std::env::consts::OS));
    let wish = SignIn { email, password, device, challenge: answer };
    match shell.client().await.map_err(refused)?.sign_in(&wish).await.map_err(refused)? {
        SigningIn::Done(_) => Ok(None),
        SigningIn::Challenge { kind, session } => Ok(Some(Challenge { kind, session })),
    }
}

#[tauri::command]
pub async fn sign_out(shell: State<'_, Shell>, everywhere: bool) -> Answer<()> {
    known(&shell).await?.sign_out(everywhere).await.map_err(refused)
}

#[tauri::command]
pub async fn sign_ins(shell: State<'_, Shell>) -> Answer<Vec<SignInDto>> {
    known(&shell).await?.sign_ins().await.map_err(refused)
}

#[tauri::command]
pub async fn end_sign_in(shell: State<'_, Shell>, id: String) -> Answer<()> {
    known(&shell).await?.end_sign_in(&id).await.map_err(refused)
}

/// Everything the server keeps of whoever is signed in, as JSON.
#[tauri::command]
pub async fn export_account(shell: State<'_, Shell>) -> Answer<String> {
    let all = known(&shell).await?.export().await.map_err(refused)?;
    Ok(format!("{all:#}"))
}

#[tauri::command]
pub async fn delete_account(shell: State<'_, Shell>, password: String) -> Answer<()> {
    known(&shell).await?.delete(&password).await.map_err(refused)
}
