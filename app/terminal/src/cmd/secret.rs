//! Asks for what nobody may read over a shoulder: without an echo on a terminal, as a line of the standard input elsewhere.

use std::io::{self, BufRead as _, IsTerminal as _};

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, read};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use synapscribe_client::ClientError;

use crate::out::Out;

/// A password.
pub async fn password(question: &str, out: Out) -> Result<String, ClientError> {
    let question = question.to_owned();
    let typed = tokio::task::spawn_blocking(move || ask(&question, out)).await;
    typed.unwrap_or_else(|error| Err(ClientError::new("failed", format!("the password cannot be read: {error}"))))
}

/// A new password; a person types it twice, because they do not see it.
pub async fn new_password(out: Out) -> Result<String, ClientError> {
    let first = password("Password, 8 characters or more: ", out).await?;
    if io::stdin().is_terminal() && password("Once more: ", out).await? != first {
        return Err(ClientError::new("usage", "the two passwords differ; nothing was done"));
    }
    Ok(first)
}

fn ask(question: &str, out: Out) -> Result<String, ClientError> {
    let typed = if io::stdin().is_terminal() { unseen(question, out)? } else { line().map_err(unread)? };
    if typed.is_empty() {
        return Err(ClientError::new("usage", "no password was given; type it, or send it as a line of the standard input"));
    }
    Ok(typed)
}

fn line() -> io::Result<String> {
    let mut typed = String::new();
    io::stdin().lock().read_line(&mut typed)?;
    Ok(typed.trim_end_matches(['\r', '\n']).to_owned())
}

/// Gives the terminal its echo back, however the asking ended.
struct Unseen;

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = disable_raw_mode();
        eprintln!();
    }
}

fn unseen(question: &str, out: Out) -> Result<String, ClientError> {
    if !out.json {
        eprint!("{question}");
    }
    enable_raw_mode().map_err(unread)?;
    let _restored = Unseen;
    let mut typed = String::new();
    loop {
        let Event::Key(key) = read().map_err(unread)? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Enter => return Ok(typed),
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                return Err(ClientError::new("cancelled", "stopped; nothing was done"));
            }
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => typed.clear(),
            KeyCode::Char(letter) => typed.push(letter),
            KeyCode::Backspace => drop(typed.pop()),
            _ => {}
        }
    }
}

fn unread(error: io::Error) -> ClientError {
    ClientError::new("no_terminal", format!("the password cannot be read: {error}"))
}
