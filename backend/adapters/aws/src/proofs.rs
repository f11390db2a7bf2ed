//! Passwords in a user pool of Cognito, which asks for a second proof where it is set to. The pool knows an account by its name: no
//! role, no code of ours, no sign-in, and the tokens that it gives are nobody's.

use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::operation::admin_initiate_auth::builders::AdminInitiateAuthFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, AuthenticationResultType, ChallengeNameType, MessageActionType,
};
use synapscribe_domain::account::{AccountId, EmailAddress, Password};
use synapscribe_ports::accounts::{Challenge, Proofs, Proved};
use synapscribe_ports::{StoreError, StoreResult};

use crate::SdkConfig;
use crate::fault::fault;

/// Whom the pool is asked for where there is no account: a name that no account gets.
const NOBODY: &str = "nobody";
/// What nobody's password is tried as in the place of one that the pool never keeps.
const NONE: &str = "no password at all";
/// How the pool calls a parameter that it cannot read.
const UNREADABLE: &str = "InvalidParameterException";
/// What the pool may ask for besides, each answered by a code.
static CODES: [ChallengeNameType; 3] =
    [ChallengeNameType::EmailOtp, ChallengeNameType::SmsMfa, ChallengeNameType::SoftwareTokenMfa];

/// Proofs that a user pool keeps.
#[derive(Debug, Clone)]
pub struct PoolProofs {
    client: Client,
    pool: String,
    app: String,
}

impl PoolProofs {
    /// Those of this pool, by the name of a client of it that has no secret and takes passwords from whoever administers the pool.
    pub fn new(config: &SdkConfig, pool: &str, app: &str) -> Self {
        Self { client: Client::new(config), pool: pool.to_owned(), app: app.to_owned() }
    }

    /// Tries a password that the pool never keeps as nobody, so that whoever signs in first has a connection.
    pub async fn reach(&self) -> StoreResult<()> {
        match self.ask(None, NONE).send().await {
            Err(error) if !denies(&error) && code(&error) != Some(UNREADABLE) => Err(refused(error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn ask(&self, account: Option<&AccountId>, password: &str) -> AdminInitiateAuthFluentBuilder {
        let ask = self.client.admin_initiate_auth().user_pool_id(&self.pool).client_id(&self.app);
        let ask = ask.auth_flow(AuthFlowType::AdminUserPasswordAuth).auth_parameters("USERNAME", name(account));
        ask.auth_parameters("PASSWORD", password)
    }
}

#[async_trait]
impl Proofs for PoolProofs {
    fn refuses(&self, password: &Password) -> Option<&'static str> {
        let text = password.expose();
        if text.contains(ends_a_line) {
            return Some("the password must be on one line here; take another one");
        }
        (text.trim() != text).then_some("the password must not begin or end with a space here; take another one")
    }

    async fn keep(&self, account: &AccountId, email: &EmailAddress, password: &Password) -> StoreResult<()> {
        let make = self.client.admin_create_user().user_pool_id(&self.pool).username(account.as_str());
        // Letters are ours, but for codes of a second proof, which the pool sends only where it takes an address for verified. Nobody
        // is let in before ours was typed, whatever the pool takes it for.
        let make = make.message_action(MessageActionType::Suppress);
        let make = make.user_attributes(attribute("email", email.as_str())).user_attributes(attribute("email_verified", "true"));
        match make.send().await {
            Err(error) if code(&error) != Some("UsernameExistsException") => return Err(refused(error)),
            Ok(_) | Err(_) => {}
        }
        let set = self.client.admin_set_user_password().user_pool_id(&self.pool).username(account.as_str());
        set.password(password.expose()).permanent(true).send().await.map(drop).map_err(refused)
    }

    async fn prove(&self, account: Option<&AccountId>, password: &Password) -> StoreResult<Proved> {
        // Nobody has one that is never kept. The pool is asked all the same, for nobody, so that it takes as long as any other.
        let kept = !password.expose().is_empty() && self.refuses(password).is_none();
        let (account, text) = if kept { (account, password.expose()) } else { (None, NONE) };
        match self.ask(account, text).send().await {
            Ok(_) if !kept => Ok(Proved::No),
            Ok(said) => proved(said.challenge_name, said.session, said.authentication_result),
            Err(error) if denies(&error) => Ok(Proved::No),
            // What else the pool does not take as a password nobody can have chosen there.
            Err(error) if code(&error) == Some(UNREADABLE) => {
                tracing::warn!(
                    "the user pool takes a sign-in for unreadable; if it is every one, its client lacks the flow for passwords"
                );
                Ok(Proved::No)
            }
            Err(error) => Err(refused(error)),
        }
    }

    async fn answer(&self, account: Option<&AccountId>, challenge: &Challenge, answer: &str) -> StoreResult<Proved> {
        let Some(asked) = CODES.iter().find(|asked| asked.as_str() == challenge.kind) else { return Ok(Proved::No) };
        let say = self.client.admin_respond_to_auth_challenge().user_pool_id(&self.pool).client_id(&self.app);
        let say = say.challenge_name(asked.clone()).session(&challenge.session).challenge_responses("USERNAME", name(account));
        match say.challenge_responses(format!("{}_CODE", challenge.kind), answer).send().await {
            Ok(said) => proved(said.challenge_name, said.session, said.authentication_result),
            // What comes back is whatever somebody wrote, so that a parameter nobody can read is a wrong answer.
            Err(error) if denies(&error) || code(&error) == Some(UNREADABLE) => Ok(Proved::No),
            Err(error) => Err(refused(error)),
        }
    }

    async fn forget(&self, account: &AccountId) -> StoreResult<()> {
        match self.client.admin_delete_user().user_pool_id(&self.pool).username(account.as_str()).send().await {
            Err(error) if code(&error) != Some("UserNotFoundException") => Err(refused(error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// What the pool's rule for passwords takes for the end of a line.
fn ends_a_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn name(account: Option<&AccountId>) -> &str {
    account.map_or(NOBODY, AccountId::as_str)
}

fn attribute(name: &str, value: &str) -> AttributeType {
    AttributeType::builder().name(name).value(value).build().expect("an attribute needs a name, and has one")
}

/// What the pool's answer comes to.
fn proved(
    asked: Option<ChallengeNameType>,
    session: Option<String>,
    given: Option<AuthenticationResultType>,
) -> StoreResult<Proved> {
    match (asked, session, given) {
        (None, _, Some(_)) => Ok(Proved::Yes),
        (Some(asked), Some(session), _) if CODES.contains(&asked) => {
            Ok(Proved::Challenged(Challenge { kind: asked.as_str().to_owned(), session }))
        }
        // An operator gave them a password in the pool; they choose their own by a letter.
        (Some(ChallengeNameType::NewPasswordRequired), ..) => Ok(Proved::No),
        (asked, ..) => {
            let asked = asked.as_ref().map_or("nothing", ChallengeNameType::as_str);
            Err(StoreError::Unavailable(format!("the user pool asks for {asked}, which nobody here can give")))
        }
    }
}

/// Whether it is not they. That there is nobody of the name is no other answer.
fn denies<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let denials = [
        "NotAuthorizedException",
        "UserNotFoundException",
        "UserNotConfirmedException",
        "PasswordResetRequiredException",
        "CodeMismatchException",
        "ExpiredCodeException",
    ];
    code(error).is_some_and(|code| denials.contains(&code))
}

fn refused<E, R>(error: SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match code(&error) {
        Some("TooManyRequestsException" | "LimitExceededException") => StoreError::Conflict,
        _ => fault(error),
    }
}

fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}
