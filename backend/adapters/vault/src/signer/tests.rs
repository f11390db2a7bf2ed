//! Tokens as attackers make them, and keys that change under several processes.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use synapscribe_domain::PersonId;
use synapscribe_domain::account::{AccountId, Role, SignInId};
use synapscribe_ports::conformance;
use synapscribe_ports::conformance::accounts::Makers;
use synapscribe_ports::fakes::{MemoryKeys, SetClock};

use super::*;

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const ISSUER: &str = "https://study.example";
const DAY: i64 = 24 * HOUR_MS;

struct World {
    keys: Arc<MemoryKeys>,
    clock: Arc<SetClock>,
    signer: Signer,
}

impl World {
    fn new() -> Self {
        let (keys, clock) = (Arc::new(MemoryKeys::default()), Arc::new(SetClock::at(NOW)));
        Self { signer: another(&keys, &clock), keys, clock }
    }

    /// The same in another process.
    fn elsewhere(&self) -> Signer {
        another(&self.keys, &self.clock)
    }
}

fn another(keys: &Arc<MemoryKeys>, clock: &Arc<SetClock>) -> Signer {
    Signer::new(Arc::clone(keys) as _, Arc::clone(clock) as _, ISSUER, Terms::default())
}

fn claims(now: Timestamp) -> AccessClaims {
    AccessClaims {
        account: AccountId::parse("0196-account").unwrap(),
        person: PersonId::parse("us-east-1:00000000-0000-4000-8000-000000000000").unwrap(),
        sign_in: SignInId::parse("0196-sign-in").unwrap(),
        role: Role::Lecturer,
        issued: now,
        expires: now.plus(15 * 60_000),
    }
}

fn part(token: &str, n: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(n).unwrap()).unwrap()).unwrap()
}

fn text(header: &Value, payload: &Value) -> String {
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encoded(header), encoded(payload))
}

fn with(part: &Value, changes: &Value) -> Value {
    let mut changed = part.clone();
    for (name, value) in changes.as_object().unwrap() {
        changed[name] = value.clone();
    }
    changed
}

/// Whether a key signed a token, as anybody finds out who knows of the key what everybody may.
fn signed(token: &str, key: &PublicKey) -> bool {
    let (text, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let numbers = RsaPublicKeyComponents { n: &key.modulus, e: &key.exponent };
    let right = numbers.verify(&RSA_PKCS1_2048_8192_SHA256, text.as_bytes(), &signature).is_ok();
    assert_eq!(right, part(token, 0)["kid"] == key.kid, "the name that the token carries is the key's");
    right
}

#[tokio::test]
async fn it_makes_tokens_as_everybody_who_makes_them() {
    let (world, stranger) = (World::new(), World::new());
    let makers = Makers {
        ours: &world.signer,
        elsewhere: &world.elsewhere(),
        stranger: &another(&stranger.keys, &world.clock),
        clock: &world.clock,
    };
    conformance::accounts::tokens(makers, signed).await;
}

#[tokio::test]
async fn a_token_says_who_made_it_and_for_whom() {
    let world = World::new();
    let stated = part(&world.signer.mint(&claims(NOW)).await.unwrap(), 1);
    assert_eq!((&stated["iss"], &stated["aud"]), (&json!(world.signer.issuer()), &json!(claims::AUDIENCE)));
}

/// The attacks of RFC 8725 and of the usual lists: no signature, another algorithm with the public key as its secret, keys that the
/// token brings along, names of keys that lead elsewhere.
#[tokio::test]
async fn published_attacks_are_refused() {
    let world = World::new();
    let token = world.signer.mint(&claims(NOW)).await.unwrap();
    let (header, payload) = (part(&token, 0), part(&token, 1));
    let key = world.signer.signing(NOW).await.unwrap();
    let signature = token.rsplit('.').next().unwrap().to_owned();
    let refused = async |token: String| matches!(world.signer.check(&token, NOW).await, Err(TokenFault::Forged));

    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let text = text(&with(&header, &json!({ "alg": alg })), &payload);
        assert!(refused(format!("{text}.")).await && refused(format!("{text}.{signature}")).await, "{alg}");
    }
    for alg in ["HS256", "RS256"] {
        let text = text(&with(&header, &json!({ "alg": alg })), &payload);
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.public().modulus).unwrap();
        mac.update(text.as_bytes());
        assert!(
            refused(format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))).await,
            "{alg} by the public key"
        );
    }
    for alg in ["PS256", "RS384", "ES256", "EdDSA", "HS256"] {
        let text = text(&with(&header, &json!({ "alg": alg })), &payload);
        assert!(refused(claims::whole(&text, &key.sign(&text).unwrap())).await, "{alg}, rightly signed");
    }
    for kid in ["", "../../etc/passwd", "' OR 1=1 --", "/dev/null", "*", &"k".repeat(3_000)] {
        let text = text(&with(&header, &json!({ "kid": kid })), &payload);
        assert!(refused(claims::whole(&text, &key.sign(&text).unwrap())).await, "{kid:.40}");
    }
    for more in [
        json!({ "jwk": { "kty": "RSA" } }),
        json!({ "jku": "https://attacker.example/jwks.json" }),
        json!({ "x5u": "https://attacker.example/cert" }),
        json!({ "crit": ["exp"] }),
        json!({ "typ": "JWT" }),
    ] {
        let text = text(&with(&header, &more), &payload);
        assert!(refused(claims::whole(&text, &key.sign(&text).unwrap())).await, "{more}");
    }
    let stranger = World::new();
    let text = text(&header, &payload);
    let theirs = stranger.signer.signing(NOW).await.unwrap().sign(&text).unwrap();
    assert!(refused(claims::whole(&text, &theirs)).await, "another key under the name of ours");
}

#[tokio::test]
async fn what_is_rightly_signed_for_somebody_else_is_refused() {
    let world = World::new();
    let token = world.signer.mint(&claims(NOW)).await.unwrap();
    let (header, payload) = (part(&token, 0), part(&token, 1));
    let key = world.signer.signing(NOW).await.unwrap();
    let signed = |payload: &Value| {
        let text = text(&header, payload);
        claims::whole(&text, &key.sign(&text).unwrap())
    };
    assert!(world.signer.check(&signed(&payload), NOW).await.is_ok(), "the unchanged one is believed");
    for changes in [
        json!({ "aud": "another" }),
        json!({ "aud": ["synapscribe", "another"] }),
        json!({ "aud": null }),
        json!({ "iss": "https://study.example.attacker.example" }),
        json!({ "role": "root" }),
        json!({ "sub": "" }),
        json!({ "sub": "../x" }),
        json!({ "identity": 7 }),
        json!({ "exp": "never" }),
    ] {
        let fault = world.signer.check(&signed(&with(&payload, &changes)), NOW).await;
        assert!(matches!(fault, Err(TokenFault::Forged)), "{changes}");
    }
    let seconds = NOW.seconds();
    let expired = world.signer.check(&signed(&with(&payload, &json!({ "exp": seconds }))), NOW).await;
    assert!(matches!(expired, Err(TokenFault::Expired)));
    let longest = world.signer.check(&signed(&with(&payload, &json!({ "exp": i64::MAX }))), NOW).await;
    assert!(longest.is_ok(), "whatever we signed is as long as it says");
    for name in ["nbf", "iat"] {
        let early = world.signer.check(&signed(&with(&payload, &json!({ name: seconds + 60 }))), NOW).await;
        assert!(matches!(early, Err(TokenFault::Early)), "{name}");
    }
    for missing in ["exp", "aud", "iss", "sub", "sid"] {
        let mut less = payload.clone();
        less.as_object_mut().unwrap().remove(missing);
        assert!(matches!(world.signer.check(&signed(&less), NOW).await, Err(TokenFault::Forged)), "without {missing}");
    }
}

#[tokio::test]
async fn keys_change_when_the_terms_say() {
    let world = World::new();
    let other = world.elsewhere();
    let kid = |token: &str| part(token, 0)["kid"].as_str().unwrap().to_owned();
    let first = world.signer.mint(&claims(NOW)).await.unwrap();
    assert!(!world.signer.rotate(NOW.plus(30 * DAY - 1)).await.unwrap());

    let due = NOW.plus(30 * DAY);
    world.clock.pass(30 * DAY);
    let (one, two) = tokio::join!(world.signer.rotate(due), other.rotate(due));
    assert!(one.unwrap() ^ two.unwrap(), "two processes make one key");
    assert_eq!(world.keys.signing_keys().await.unwrap().len(), 2);
    assert_eq!(world.signer.public_keys(due).await.unwrap().len(), 2, "it is told before it signs");
    let announced = world.signer.mint(&claims(due)).await.unwrap();
    assert_eq!(kid(&announced), kid(&first));

    let signs = due.plus(DAY);
    world.clock.pass(DAY);
    let last_of_old = world.signer.mint(&claims(signs.plus(-1))).await.unwrap();
    let new = world.signer.mint(&claims(signs)).await.unwrap();
    assert_eq!(kid(&last_of_old), kid(&first));
    assert_ne!(kid(&new), kid(&first));
    for signer in [&world.signer, &other, &world.elsewhere()] {
        assert!(signer.check(&last_of_old, signs).await.is_ok() && signer.check(&new, signs).await.is_ok());
    }

    world.signer.rotate(signs.plus(DAY)).await.unwrap();
    assert_eq!(world.keys.signing_keys().await.unwrap().len(), 2, "a token of the old key may still be about");
    world.signer.rotate(signs.plus(DAY + 1)).await.unwrap();
    assert_eq!(world.keys.signing_keys().await.unwrap().len(), 1);
    assert!(matches!(world.signer.check(&last_of_old, signs).await, Err(TokenFault::Forged)));
}
