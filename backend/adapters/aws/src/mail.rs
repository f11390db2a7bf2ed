//! Letters by SES. It must not know what is written.

use async_trait::async_trait;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::ProvideErrorMetadata;
use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityError;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::{Letter, Mail, MailError};

use crate::SdkConfig;
use crate::fault::{fault, reason};

/// Letters from one address, which SES has to know as the deployment's own.
#[derive(Debug, Clone)]
pub struct SesMail {
    client: Client,
    from: String,
}

impl SesMail {
    /// Letters from this address, written as in a letter's head, such as `SynapScribe <no-reply@example.edu>`.
    pub fn new(config: &SdkConfig, from: &str) -> Self {
        Self { client: Client::new(config), from: from.to_owned() }
    }

    /// Asks after the address that letters come from, so that the first letter has a connection. SES may know its domain alone.
    pub async fn reach(&self) -> StoreResult<()> {
        let address = self.from.rsplit('<').next().unwrap_or_default().trim_end_matches('>');
        match self.client.get_email_identity().email_identity(address).send().await {
            Err(error) if !error.as_service_error().is_some_and(GetEmailIdentityError::is_not_found_exception) => {
                Err(fault(error))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

#[async_trait]
impl Mail for SesMail {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        // A subject is one line, whatever it is made of.
        let subject = letter.subject.replace(['\r', '\n'], " ");
        let text = |text: String| Content::builder().data(text).charset("UTF-8").build().map_err(unwritten);
        let automatic = MessageHeader::builder().name("Auto-Submitted").value("auto-generated").build().map_err(unwritten)?;
        let message = Message::builder()
            .subject(text(subject)?)
            .body(Body::builder().text(text(letter.text.clone())?).build())
            .headers(automatic)
            .build();
        let to = Destination::builder().to_addresses(letter.to.as_str()).build();
        let send = self.client.send_email().from_email_address(&self.from).destination(to);
        let sent = send.content(EmailContent::builder().simple(message).build()).send().await;
        sent.map(drop).map_err(|error| match error.as_service_error() {
            Some(refused) if is_for_good(refused) => MailError::Refused(reason(&error)),
            _ => MailError::Unavailable(reason(&error)),
        })
    }
}

/// Whether the same letter would be refused again.
fn is_for_good(error: &SendEmailError) -> bool {
    let code = error.code().unwrap_or_default();
    matches!(code, "MessageRejected" | "MailFromDomainNotVerifiedException" | "BadRequestException" | "AccountSuspendedException")
}

fn unwritten(error: aws_sdk_sesv2::error::BuildError) -> MailError {
    MailError::Refused(error.to_string())
}
