//! An account in the window: signing up, the letter from the outbox, a second profile that is revoked, and the window's own sign-in
//! that ends without losing the screen.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use synapscribe_stories::{Desk, Sound, Window, program};

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "tide pools at noon";

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_up_revokes_a_second_profile_and_is_revoked_by_it() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    window.ask("location.hash = '#/settings'").await;
    window.find("a[href='#/account']").await.click().await.unwrap();
    window.see("You are a guest").await;
    press(&window, "Sign up").await;
    fill(&window, "email", EMAIL).await;
    fill(&window, "password", &format!("{PASSWORD}\u{e007}")).await;
    window.find("input[name=code]").await;
    let told = terminal(&desk, "first", &["outbox", "--to", EMAIL, "--json"], "");
    let letter: Value = serde_json::from_slice(told.stdout.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
    let code = letter["text"].as_str().unwrap().lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    fill(&window, "code", &format!("{code}\u{e007}")).await;
    window.find("[data-testid=account]").await;
    window.until("one device", "return document.querySelectorAll('[data-testid=device]').length === 1").await;
    desk.picture("desktop-account").unwrap();
    let page = window.ask("return JSON.stringify([{ ...localStorage }, { ...sessionStorage }])").await.to_string();
    assert!(!page.to_lowercase().contains("refresh"), "the page keeps no token: {page}");

    let enter = || assert!(terminal(&desk, "second", &["account", "sign-in", EMAIL], PASSWORD).status.success());
    enter();
    window.ask("location.hash = '#/'").await;
    window.ask("location.hash = '#/account'").await;
    window.until("two devices", "return document.querySelectorAll('[data-testid=device]').length === 2").await;
    window.ask("document.querySelector('[data-testid=device] button').click()").await;
    window.until("one device again", "return document.querySelectorAll('[data-testid=device]').length === 1").await;
    assert_eq!(standing(&desk)["state"], "ended", "the second profile is signed out");

    enter();
    let list = terminal(&desk, "second", &["account", "sessions", "--json"], "");
    let list = String::from_utf8(list.stdout).unwrap();
    let of_window = list.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).find(|one| one["current"] == false);
    let id = of_window.unwrap()["sessionId"].as_str().unwrap().to_owned();
    window.ask("location.hash = '#/settings'").await;
    window.see("Text size").await;
    assert!(terminal(&desk, "second", &["account", "sessions", "revoke", &id], "").status.success());
    window.find("[data-testid=ended]").await;
    desk.picture("desktop-signed-out").unwrap();
    assert_eq!(window.ask("return location.hash").await, "#/settings", "the screen is not lost");
    fill(&window, "password", &format!("{PASSWORD}\u{e007}")).await;
    window.until("signed in again", "return document.querySelector('[data-testid=ended]') === null").await;
    window.see(&format!("Signed in as {EMAIL}")).await;
    window.close().await;
}

async fn fill(window: &Window, name: &str, text: &str) {
    window.find(&format!("input[name={name}]")).await.send_keys(text).await.unwrap();
}

async fn press(window: &Window, name: &str) {
    let click = format!("[...document.querySelectorAll('button')].find((button) => button.textContent === '{name}').click()");
    window.ask(&click).await;
}

/// What a profile knows of its own standing.
fn standing(desk: &Desk) -> Value {
    let told = terminal(desk, "second", &["account", "show", "--json"], "");
    serde_json::from_slice(&told.stdout).unwrap()
}

/// The terminal of a profile, at the host inside the app.
fn terminal(desk: &Desk, profile: &str, arguments: &[&str], line: &str) -> Output {
    let home = desk.home().join(profile);
    std::fs::create_dir_all(&home).unwrap();
    let mut child = at(&home, &desk.home().join("host")).args(arguments).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap_or_default();
    child.wait_with_output().unwrap()
}

fn at(home: &Path, data: &Path) -> Command {
    let mut command = Command::new(program("synapscribe").unwrap());
    command.env("HOME", home).env("XDG_DATA_HOME", home.join("share")).env("SYNAPSCRIBE_DATA", data);
    command.env_remove("SYNAPSCRIBE_SERVER").env_remove("DBUS_SESSION_BUS_ADDRESS");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    command
}
