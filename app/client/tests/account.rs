//! Accounts against a scripted server: renewal, what is kept, whose name requests are made in, and a sign-in that ends.

mod scripted;

use std::sync::atomic::Ordering;
use std::time::Duration;

use scripted::{Accounts, Script};
use serde_json::json;
use synapscribe_client::account::{Resting, SignIn, SigningIn, Standing, staff};
use synapscribe_client::protocol::accounts::RegisterDto;
use synapscribe_client::{Client, code};

/// A script with accounts, whose first access token is good for so many seconds.
async fn script(first_seconds: u64) -> Script {
    let script = Script::start().await;
    *script.world.accounts.lock().unwrap() = Some(Accounts { first_seconds, ..Accounts::default() });
    script
}

fn asked(script: &Script, path: &str) -> usize {
    script.world.accounts.lock().unwrap().as_ref().unwrap().log.iter().filter(|(asked, ..)| asked == path).count()
}

async fn sign_in(client: &Client) {
    let wish = SignIn { email: "ada@example.org".into(), password: "tide pools at noon".into(), ..SignIn::default() };
    assert!(matches!(client.sign_in(&wish).await.unwrap(), SigningIn::Done(_)));
}

fn standing(client: &Client) -> Standing {
    client.account().unwrap().standing().borrow().clone()
}

#[tokio::test]
async fn whoever_waits_for_a_renewal_shares_one_and_so_does_another_program() {
    let script = script(0).await;
    let (client, other) = (script.client().await, script.client().await);
    sign_in(&client).await;
    let account = client.account().unwrap();
    let all = futures::future::join_all((0..8).map(|_| account.me())).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(asked(&script, "POST refresh"), 1);
    // A program that ran all the while, and one that is started, go on with what was kept.
    assert_eq!(other.account().unwrap().me().await.unwrap().email, "ada@example.org");
    let later = script.client().await;
    assert!(matches!(standing(&later), Standing::SignedIn { .. }));
    later.account().unwrap().me().await.unwrap();
    assert_eq!(asked(&script, "POST refresh"), 1);
    assert_eq!(account.resting().await, Resting::File, "a folder of one's own keeps everything to itself");
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_is_asked_for_once_more_at_once() {
    let script = script(0).await;
    let client = script.client().await;
    sign_in(&client).await;
    script.world.accounts.lock().unwrap().as_mut().unwrap().losing = true;
    assert_eq!(client.account().unwrap().me().await.unwrap().email, "ada@example.org");
    assert_eq!(asked(&script, "POST refresh"), 2);
    assert!(matches!(standing(&client), Standing::SignedIn { .. }));
}

#[tokio::test]
async fn a_sign_in_changes_in_whose_name_things_are_asked_and_its_end_asks_nothing_more() {
    let mut script = script(900).await;
    let client = script.client().await;
    client.lectures().await.unwrap();
    let guest = client.identity().await.unwrap();
    drop(client.connection());
    let _as_guest = script.peer().await;
    sign_in(&client).await;
    // The line is opened again by itself, for whoever goes on.
    let _as_ada = script.peer().await;
    client.lectures().await.unwrap();
    assert_eq!(client.identity().await.unwrap(), "eu-west-1:guest-70");

    // Another device ends it, and what was handed out under it.
    script.world.accounts.lock().unwrap().as_mut().unwrap().ended = true;
    script.world.valid_from.store(script.world.draws.load(Ordering::SeqCst) + 1, Ordering::SeqCst);
    assert_eq!(client.lectures().await.unwrap_err().code, code::SIGNED_OUT);
    assert!(matches!(standing(&client), Standing::Ended { account } if account.email == "ada@example.org"));
    let refreshed = asked(&script, "POST refresh");
    assert_eq!(client.lectures().await.unwrap_err().code, code::SIGNED_OUT);
    assert_eq!(client.account().unwrap().me().await.unwrap_err().code, code::SIGNED_OUT);
    assert_eq!(asked(&script, "POST refresh"), refreshed, "nothing is asked with what has ended");
    assert!(matches!(standing(&script.client().await), Standing::Ended { .. }), "a later start knows as well");

    client.account().unwrap().sign_out(false).await.unwrap();
    client.lectures().await.unwrap();
    assert_eq!((client.identity().await.unwrap(), standing(&client)), (guest, Standing::Guest));
}

#[tokio::test]
async fn whoever_signed_in_shows_their_token_beside_the_signature_and_another_when_it_is_refused() {
    let mut script = script(900).await;
    let client = script.client().await;
    client.lectures().await.unwrap();
    sign_in(&client).await;
    client.lectures().await.unwrap();
    drop(client.connection());
    let _as_ada = script.peer().await;
    *script.world.refuses.lock().unwrap() = Some(Some("access-1".into()));
    client.lectures().await.unwrap();
    let shown = script.world.tokens.lock().unwrap().clone();
    let expected = [
        ("rest", None),
        ("rest", Some("access-1")),
        ("socket", Some("access-1")),
        ("rest", Some("access-1")),
        ("rest", Some("access-2")),
    ];
    assert_eq!(shown, expected.map(|(way, token)| (way, token.map(str::to_owned))));
    assert!(matches!(standing(&client), Standing::SignedIn { .. }));
}

#[tokio::test]
async fn a_guest_whose_identity_became_an_accounts_begins_anew() {
    let script = script(900).await;
    let client = script.client().await;
    client.lectures().await.unwrap();
    let before = client.identity().await.unwrap();
    *script.world.refuses.lock().unwrap() = Some(None);
    client.lectures().await.unwrap();
    assert_ne!(client.identity().await.unwrap(), before);
}

#[tokio::test]
async fn a_guest_who_only_connects_asks_why_they_are_refused_and_begins_anew() {
    let mut script = script(900).await;
    let client = script.client().await;
    let before = client.identity().await.unwrap();
    *script.world.refuses.lock().unwrap() = Some(None);
    drop(client.connection());
    let _peer = script.peer().await;
    assert_ne!(client.identity().await.unwrap(), before);
}

#[tokio::test]
async fn a_guest_who_is_refused_and_not_told_why_keeps_what_is_theirs() {
    let mut script = script(900).await;
    let client = script.client().await;
    let before = client.identity().await.unwrap();
    script.world.valid_from.store(usize::MAX, Ordering::SeqCst);
    drop(client.connection());
    while !script.world.tokens.lock().unwrap().iter().any(|(way, _)| *way == "rest") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    script.world.valid_from.store(0, Ordering::SeqCst);
    let _peer = script.peer().await;
    assert_eq!(client.identity().await.unwrap(), before);
}

#[tokio::test]
async fn a_guest_who_signs_up_shows_who_they_are_and_a_stranger_shows_nothing() {
    let script = script(900).await;
    let form = RegisterDto { email: "ada@example.org".into(), password: "p".into(), name: None, invitation: None };
    let client = script.client().await;
    client.register(&form).await.unwrap();
    client.lectures().await.unwrap();
    client.register(&form).await.unwrap();
    let accounts = script.world.accounts.lock().unwrap();
    let shown: Vec<&str> = accounts.as_ref().unwrap().log.iter().map(|(_, shown, _)| shown.as_str()).collect();
    assert!(shown[0].is_empty() && shown[1].starts_with("AWS4-HMAC-SHA256 Credential=AKID1/"), "{shown:?}");
}

#[tokio::test]
async fn a_server_that_is_away_ends_no_sign_in_and_signing_out_works_without_it() {
    let script = script(0).await;
    let client = script.client().await;
    sign_in(&client).await;
    let taken = script.world.accounts.lock().unwrap().take();
    assert!(client.account().unwrap().me().await.is_err());
    assert!(matches!(standing(&client), Standing::SignedIn { .. }));
    client.account().unwrap().sign_out(false).await.unwrap();
    assert_eq!(standing(&client), Standing::Guest);
    drop(taken);
}

#[tokio::test]
async fn every_device_is_signed_out_or_it_is_said_that_it_is_not() {
    let script = script(900).await;
    let client = script.client().await;
    let account = client.account().unwrap();
    assert_eq!(account.sign_out(true).await.unwrap_err().code, code::SIGNED_OUT, "nobody is signed in");
    sign_in(&client).await;
    let away = script.world.accounts.lock().unwrap().take();
    assert!(account.sign_out(true).await.is_err());
    assert!(matches!(standing(&client), Standing::SignedIn { .. }), "it may be tried again");
    *script.world.accounts.lock().unwrap() = away;
    script.world.accounts.lock().unwrap().as_mut().unwrap().ended = true;
    assert_eq!(account.sign_out(true).await.unwrap_err().code, code::SIGNED_OUT, "what has ended ends no other");
    assert!(matches!(standing(&client), Standing::Ended { .. }));
    sign_in(&client).await;
    account.sign_out(true).await.unwrap();
    assert_eq!(standing(&client), Standing::Guest);
}

#[tokio::test]
async fn whatever_is_asked_in_somebodys_name_renews_a_token_that_is_not_taken_and_sees_the_end() {
    let script = script(900).await;
    let client = script.client().await;
    let account = client.account().unwrap();
    sign_in(&client).await;
    let turn = |what: fn(&mut Accounts)| what(script.world.accounts.lock().unwrap().as_mut().unwrap());
    turn(|accounts| accounts.stale = true);
    account.ask(None, staff::invitations()).await.unwrap();
    turn(|accounts| accounts.ended = true);
    assert_eq!(account.ask(None, staff::invitations()).await.unwrap_err().code, code::SIGNED_OUT);
    assert!(matches!(standing(&client), Standing::Ended { .. }));
    sign_in(&client).await;
    turn(|accounts| accounts.ended = true);
    assert_eq!(account.delete("tide pools at noon").await.unwrap_err().code, code::SIGNED_OUT);
    assert!(matches!(standing(&client), Standing::Ended { .. }));
    sign_in(&client).await;
    turn(|accounts| accounts.stale = true);
    account.delete("tide pools at noon").await.unwrap();
    assert_eq!(standing(&client), Standing::Guest);
}

#[tokio::test]
async fn what_a_server_gives_in_parts_is_taken_along_as_a_whole() {
    let script = script(900).await;
    let client = script.client().await;
    sign_in(&client).await;
    let all = client.account().unwrap().export().await.unwrap();
    assert_eq!(
        (&all["account"]["email"], &all["lectures"], &all["sessions"]),
        (&json!("ada@example.org"), &json!([1, 2, 3]), &json!([4]))
    );
    assert!(all.get("next").is_none());
}

#[tokio::test]
async fn what_changes_while_it_is_taken_along_is_begun_again_a_few_times() {
    let script = script(900).await;
    let client = script.client().await;
    sign_in(&client).await;
    let account = client.account().unwrap();
    for (changing, taken) in [(2, true), (3, false)] {
        script.world.accounts.lock().unwrap().as_mut().unwrap().changing = changing;
        match account.export().await {
            Ok(all) => assert!(taken && all["lectures"] == json!([1, 2, 3]), "each once: {all}"),
            Err(error) => assert_eq!((error.code.as_str(), taken), ("conflict", false)),
        }
    }
}

#[tokio::test]
async fn a_server_without_accounts_has_none() {
    let script = Script::start().await;
    let client = script.client().await;
    assert_eq!(client.account().unwrap_err().code, code::NO_ACCOUNTS);
    client.lectures().await.unwrap();
}
