//! How letters travel, whoever carries them.

use synapscribe_domain::account::EmailAddress;

use super::fresh;
use crate::accounts::{Letter, Mail};

/// Runs every check; `inbox` is what lies in the letter box of an address, each letter as its subject and its text.
pub async fn suite(mail: &dyn Mail, inbox: impl AsyncFn(&EmailAddress) -> Vec<(String, String)>) {
    let (ada, bob) = (somebody(), somebody());
    let letter =
        |to: &EmailAddress, subject: &str, text: &str| Letter { to: to.clone(), subject: subject.into(), text: text.into() };
    mail.send(&letter(&ada, "Your code – für Zoë", "Type this:\n\n    01ZA-017J\n\n海は静かだ。")).await.unwrap();
    let found = inbox(&ada).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "Your code – für Zoë");
    assert_eq!(
        found[0].1.trim_end(),
        "Type this:\n\n    01ZA-017J\n\n海は静かだ。",
        "letters of every script and every line arrive"
    );
    assert_eq!(inbox(&bob).await, [], "nobody else gets it");

    // A subject is one line, whatever it is made of.
    mail.send(&letter(&bob, "Hello\r\nBcc: everybody@example.org", "Hello")).await.unwrap();
    let subject = &inbox(&bob).await[0].0;
    assert!(subject.starts_with("Hello") && !subject.contains(['\r', '\n']), "{subject:?}");
    assert_eq!(inbox(&ada).await.len(), 1);
}

fn somebody() -> EmailAddress {
    EmailAddress::parse(&format!("{}@example.org", fresh())).unwrap()
}
