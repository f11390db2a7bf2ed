//! Passwords and second proofs in a user pool, as the emulator has one. It knows codes of an app; those by mail a stand-in asks for.

use std::process::Command;
use std::sync::{Arc, Mutex};

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, SoftwareTokenMfaSettingsType};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use synapscribe_aws::{PoolProofs, SdkConfig, rehearsal};
use synapscribe_domain::account::{AccountId, EmailAddress, Password};
use synapscribe_ports::accounts::{Challenge, Proofs, Proved};
use synapscribe_ports::conformance::accounts;
use synapscribe_ports::fakes::{CountedSecrets, MemoryAccounts};
use synapscribe_rehearsal::models::listen;
use synapscribe_stories::{python, run};

use crate::cloud::{Cloud, at};

struct Pool {
    client: Client,
    id: String,
    app: String,
}

impl Pool {
    async fn new(config: &SdkConfig) -> Self {
        let (id, app) = rehearsal::user_pool(config, "people").await.unwrap();
        Self { client: Client::new(config), id, app }
    }

    fn proofs(&self, config: &SdkConfig) -> PoolProofs {
        PoolProofs::new(config, &self.id, &self.app)
    }
}

#[tokio::test]
async fn a_user_pool_keeps_proofs_as_a_database_does() {
    let cloud = Cloud::empty().await;
    let pool = Pool::new(&cloud.config).await;
    let people = MemoryAccounts::new(Arc::new(CountedSecrets::default()));
    let proofs = pool.proofs(&cloud.config);
    proofs.reach().await.unwrap();
    accounts::people(&people, &proofs).await;
}

#[tokio::test]
async fn where_the_pool_asks_for_a_second_proof_a_password_alone_does_not_do() {
    let cloud = Cloud::empty().await;
    let pool = Pool::new(&cloud.config).await;
    let proofs = pool.proofs(&cloud.config);
    let (ada, email) = (AccountId::parse("ada").unwrap(), EmailAddress::parse("ada@example.org").unwrap());
    let (right, wrong) = (Password::typed("tide pools at noon").unwrap(), Password::typed("tide pools at dawn").unwrap());
    proofs.keep(&ada, &email, &right).await.unwrap();
    let secret = ask_for_codes(&pool, &ada, &right).await;

    assert_eq!(proofs.prove(Some(&ada), &wrong).await.unwrap(), Proved::No);
    let Proved::Challenged(challenge) = proofs.prove(Some(&ada), &right).await.unwrap() else {
        panic!("the password alone did");
    };
    assert_eq!(challenge.kind, "SOFTWARE_TOKEN_MFA");
    assert_eq!(proofs.answer(Some(&ada), &challenge, "000000x").await.unwrap(), Proved::No);
    let other = Challenge { kind: "NEW_PASSWORD_REQUIRED".into(), ..challenge.clone() };
    assert_eq!(proofs.answer(Some(&ada), &other, "123456").await.unwrap(), Proved::No, "nobody chooses what they are asked for");
    // A code is another one every half minute, which may end in between.
    let mut came = proofs.answer(Some(&ada), &challenge, &code(&secret)).await.unwrap();
    if came == Proved::No {
        came = proofs.answer(Some(&ada), &challenge, &code(&secret)).await.unwrap();
    }
    assert_eq!(came, Proved::Yes);
}

/// What the stand-in that mails codes calls a sign-in that is under way.
const UNDER_WAY: &str = "a-session-of-the-pool-that-lasts-three-minutes";

/// A pool that mails a code to whoever gives the right password, and answers as Cognito's reference says.
async fn mailing(headers: HeaderMap, asked: Bytes) -> (StatusCode, Json<Value>) {
    let asked: Value = serde_json::from_slice(&asked).unwrap();
    let call = headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap();
    let (given, code) = (&asked["AuthParameters"], &asked["ChallengeResponses"]);
    let known = asked["ChallengeName"] == "EMAIL_OTP" && asked["Session"] == UNDER_WAY;
    let (status, said) = match call {
        "AdminInitiateAuth" if *given == json!({ "USERNAME": "ada", "PASSWORD": "tide pools at noon" }) => (
            StatusCode::OK,
            json!({
                "ChallengeName": "EMAIL_OTP", "Session": UNDER_WAY,
                "ChallengeParameters": { "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "a***@e***" },
            }),
        ),
        "AdminInitiateAuth" => (StatusCode::BAD_REQUEST, json!({ "__type": "NotAuthorizedException", "message": "no" })),
        _ if known && *code == json!({ "USERNAME": "ada", "EMAIL_OTP_CODE": "12345678" }) => {
            let tokens = json!({ "AccessToken": "a", "IdToken": "i", "ExpiresIn": 300, "TokenType": "Bearer" });
            (StatusCode::OK, json!({ "AuthenticationResult": tokens, "ChallengeParameters": {} }))
        }
        _ => (StatusCode::BAD_REQUEST, json!({ "__type": "CodeMismatchException", "message": "no" })),
    };
    (status, Json(said))
}

#[tokio::test]
async fn a_code_by_mail_is_asked_for_and_taken_as_one_of_an_app_is() {
    let pool = listen(Router::new().route("/", post(mailing))).await.unwrap();
    let proofs = PoolProofs::new(&at(&pool).await, "eu-central-1_people", "app");
    let (ada, other) = (AccountId::parse("ada").unwrap(), AccountId::parse("bob").unwrap());
    let (right, wrong) = (Password::typed("tide pools at noon").unwrap(), Password::typed("tide pools at dawn").unwrap());
    assert_eq!(proofs.prove(Some(&ada), &wrong).await.unwrap(), Proved::No);
    let asked = proofs.prove(Some(&ada), &right).await.unwrap();
    let challenge = Challenge { kind: "EMAIL_OTP".into(), session: UNDER_WAY.into() };
    assert_eq!(asked, Proved::Challenged(challenge.clone()));
    assert_eq!(proofs.answer(Some(&ada), &challenge, "00000000").await.unwrap(), Proved::No);
    assert_eq!(proofs.answer(Some(&other), &challenge, "12345678").await.unwrap(), Proved::No, "the code is another's");
    assert_eq!(proofs.answer(Some(&ada), &challenge, "12345678").await.unwrap(), Proved::Yes);
}

#[tokio::test]
async fn what_the_pool_cannot_keep_is_refused_in_words_and_proves_nothing() {
    let cloud = Cloud::empty().await;
    let proofs = Pool::new(&cloud.config).await.proofs(&cloud.config);
    let lines = ["tide\npools", "tide\rpools", "tide\u{2028}pools", "tide pools\n"];
    for (texts, why) in [([" tide pools", "tide pools "].as_slice(), "space"), (lines.as_slice(), "line")] {
        for text in texts {
            let password = Password::chosen(text).unwrap();
            assert!(proofs.refuses(&password).is_some_and(|said| said.contains(why)), "{text:?}");
            assert_eq!(proofs.prove(None, &password).await.unwrap(), Proved::No);
        }
    }
    assert_eq!(proofs.refuses(&Password::chosen("пароль для лекций").unwrap()), None);
}

/// A pool that notes what it is asked, and takes no empty password and none with a line break, as the real one does.
#[derive(Clone, Default)]
struct Noting(Arc<Mutex<Vec<Value>>>);

impl Noting {
    async fn start(&self) -> SdkConfig {
        let routes = Router::new().route("/", post(noted)).with_state(self.clone());
        at(&listen(routes).await.unwrap()).await
    }
}

async fn noted(State(pool): State<Noting>, asked: Bytes) -> (StatusCode, Json<Value>) {
    let asked: Value = serde_json::from_slice(&asked).unwrap();
    let password = asked["AuthParameters"]["PASSWORD"].as_str().unwrap_or_default();
    let kind = match password {
        "" => "InvalidParameterException",
        unreadable if unreadable.contains(['\n', '\u{7}']) => "InvalidParameterException",
        _ => "NotAuthorizedException",
    };
    pool.0.lock().unwrap().push(asked);
    (StatusCode::BAD_REQUEST, Json(json!({ "__type": kind, "message": "no" })))
}

#[tokio::test]
async fn what_nobody_can_have_chosen_is_a_wrong_password_and_asks_the_pool_as_often() {
    let pool = Noting::default();
    let proofs = PoolProofs::new(&pool.start().await, "eu-central-1_people", "app");
    let ada = AccountId::parse("ada").unwrap();
    for text in ["tide pools at dawn", "", "tide\npools", " tide pools", "tide\u{7}pools"] {
        for account in [Some(&ada), None] {
            let before = pool.0.lock().unwrap().len();
            assert_eq!(proofs.prove(account, &Password::typed(text).unwrap()).await.unwrap(), Proved::No, "{text:?}");
            assert_eq!(pool.0.lock().unwrap().len() - before, 1, "{text:?}");
        }
    }
}

#[tokio::test]
async fn a_pool_that_is_not_there_is_nobodys_wrong_password() {
    let cloud = Cloud::empty().await;
    let proofs = PoolProofs::new(&cloud.config, "eu-central-1_nowhere", "nobody");
    let (ada, password) = (AccountId::parse("ada").unwrap(), Password::typed("tide pools at noon").unwrap());
    assert!(proofs.prove(Some(&ada), &password).await.is_err());
    assert!(proofs.forget(&ada).await.is_err());
}

/// Has the pool ask somebody for the codes of an app, and gives the secret that those are made of.
async fn ask_for_codes(pool: &Pool, who: &AccountId, password: &Password) -> String {
    let client = &pool.client;
    let signed_in = client.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.app);
    let signed_in = signed_in.auth_flow(AuthFlowType::AdminUserPasswordAuth).auth_parameters("USERNAME", who.as_str());
    let signed_in = signed_in.auth_parameters("PASSWORD", password.expose()).send().await.unwrap();
    let token = signed_in.authentication_result.unwrap().access_token.unwrap();
    let secret = client.associate_software_token().access_token(&token).send().await.unwrap().secret_code.unwrap();
    let verify = async || client.verify_software_token().access_token(&token).user_code(code(&secret)).send().await;
    if verify().await.is_err() {
        verify().await.unwrap();
    }
    let codes = SoftwareTokenMfaSettingsType::builder().enabled(true).preferred_mfa(true).build();
    let prefer = client.admin_set_user_mfa_preference().user_pool_id(&pool.id).username(who.as_str());
    prefer.software_token_mfa_settings(codes).send().await.unwrap();
    secret
}

/// The code of this moment, as an app shows it.
fn code(secret: &str) -> String {
    let script = "import sys, time; from moto.cognitoidp.utils import cognito_totp; \
                  print(cognito_totp(sys.argv[1]).generate(int(time.time())).decode())";
    let said = run(Command::new(python()).args(["-c", script, secret])).unwrap();
    said.well().out.trim().to_owned()
}
