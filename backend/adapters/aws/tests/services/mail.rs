//! Letters by SES, as the emulator's letter box has them.

use aws_sdk_sesv2::Client;
use serde_json::Value;
use synapscribe_aws::SesMail;
use synapscribe_domain::account::EmailAddress;
use synapscribe_ports::accounts::{Letter, Mail, MailError};
use synapscribe_ports::conformance::accounts;

use crate::cloud::Cloud;

const FROM: &str = "no-reply@example.org";

#[tokio::test]
async fn it_carries_letters_from_an_address_that_is_known_and_from_no_other() {
    let cloud = Cloud::empty().await;
    // Who else installed one has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mail = SesMail::new(&cloud.config, FROM);
    let letter = Letter { to: EmailAddress::parse("ada@example.org").unwrap(), subject: "s".into(), text: "t".into() };
    let refused = mail.send(&letter).await;
    assert!(matches!(refused, Err(MailError::Refused(_))), "the address is not ours yet: {refused:?}");
    mail.reach().await.unwrap();

    Client::new(&cloud.config).create_email_identity().email_identity(FROM).send().await.unwrap();
    let endpoint = cloud.config.endpoint_url().unwrap().to_owned();
    accounts::mail(&mail, async |address: &EmailAddress| letters(&endpoint, address.as_str()).await).await;
}

/// What lies in a letter box: the subject and the text of each letter.
async fn letters(endpoint: &str, address: &str) -> Vec<(String, String)> {
    let held: Value = reqwest::get(format!("{endpoint}/moto-api/data.json")).await.unwrap().json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let sent = held["ses"]["Message"].as_array().into_iter().flatten();
    let to = sent.filter(|letter| letter["destinations"]["ToAddresses"][0] == address);
    to.map(|letter| (text(&letter["subject"]), text(&letter["body"]))).collect()
}
