//! A guest who becomes somebody: signs up, reads the letter, signs in, and finds what was theirs, by the terminal alone.

use std::time::Duration;

use serde_json::{Value, json};
use synapscribe_rehearsal::Function;

use crate::scene::{Scene, done, text_of};

pub const ADA: &str = "ada@example.org";
pub const FROM: &str = "no-reply@example.org";
pub const PASSWORD: &str = "tide pools at noon";

impl Scene {
    /// Runs the terminal with something typed, and gives its last word.
    async fn typed(&self, arguments: &[&str], typed: &str) -> (bool, Value) {
        let said = self.terminal_typed(&[arguments, &["--json"]].concat(), &format!("{typed}\n")).await;
        (said.status.success(), said.events().pop().unwrap_or_default())
    }

    /// Somebody signs up, proves their address, and signs in; gives what they are told in the end.
    pub async fn signs_up_and_in(&self, address: &str, password: &str) -> Value {
        let (taken, told) = self.typed(&["account", "sign-up", address, "--name", "Ada"], password).await;
        assert!(taken, "{told}");
        let (_, refused) = self.typed(&["account", "sign-in", address], password).await;
        assert_eq!(refused["code"], "email_not_verified", "{refused}");
        let code = self.code(address).await;
        let (verified, told) = self.typed(&["account", "verify", address, &code], "").await;
        assert!(verified, "{told}");
        let (_, refused) = self.typed(&["account", "sign-in", address], "not this one").await;
        assert_eq!(refused["code"], "wrong_credentials", "{refused}");
        let (signed_in, told) = self.typed(&["account", "sign-in", address], password).await;
        assert!(signed_in, "{told}");
        told
    }

    /// The code in the last letter to an address.
    async fn code(&self, address: &str) -> String {
        for _ in 0..100 {
            if let Some(letter) = self.cloud.letters(address).await.unwrap().last() {
                return letter.lines().find_map(|line| line.strip_prefix("    ")).unwrap().trim().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no letter came to {address}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_signs_up_by_a_letter_and_asks_what_they_uploaded_before_in_their_own_name() {
    let scene = Scene::set().await.with_accounts(FROM).await;
    let daemon = scene.daemon(|_| {});
    let _functions = scene.functions(&daemon).await;
    let book = scene.folder.path().join("waves.md");
    std::fs::write(&book, "# Waves\n\nThe wind makes waves, and the moon makes the tides.").unwrap();
    let book = scene.lecture(&book).await;

    let told = scene.signs_up_and_in(ADA, PASSWORD).await;
    assert_eq!(told["account"]["name"], "Ada", "{told}");

    let said = scene.terminal(&["ask", "--document", &book, "--json", "What makes waves?"]).await.well();
    assert!(text_of(&said).contains("wind"), "{}", text_of(&said));
    assert_eq!(done(&said)["found"], true);

    // Whether an address has an account does not show, and whoever signs up need not have been a guest.
    assert!(scene.typed(&["account", "sign-out"], "").await.0);
    for address in [ADA, "bob@example.org"] {
        let (taken, told) = scene.typed(&["account", "sign-up", address], PASSWORD).await;
        assert!(taken, "{told}");
    }
    assert_eq!(scene.cloud.letters(ADA).await.unwrap().len(), 2, "a letter tells its owner that there is one");
    // Whoever signed out is a guest again, and another one: what was Ada's is not theirs.
    let left = scene.terminal(&["library", "list", "--json"]).await.well();
    assert!(!left.out.contains(&book), "{}", left.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reaches_accounts_with_what_is_no_token() {
    let scene = Scene::set().await.with_accounts(FROM).await;
    let own =
        scene.variables_of("lambda-accounts").into_iter().chain([("SYNAPSCRIBE_AGENT_URL", "http://127.0.0.1:9".to_owned())]);
    let accounts = Function::start("lambda-accounts", &own.collect::<Vec<_>>()).await.unwrap();
    let mut event = synapscribe_rehearsal::request(None, "GET", "/api/auth/me", None);
    let none = accounts.invoke(event.clone()).await.unwrap().unwrap();
    event["headers"]["authorization"] = json!("Bearer a.b.c");
    let forged = accounts.invoke(event).await.unwrap().unwrap();
    assert_eq!((&none["statusCode"], &forged["statusCode"]), (&json!(401), &json!(401)), "{none} {forged}");
}
