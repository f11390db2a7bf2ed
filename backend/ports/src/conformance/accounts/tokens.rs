//! How every maker of access tokens behaves: what it states is believed in every process of a host for its time, and nothing that
//! anybody else made or changed is.

use futures::future::join;
use synapscribe_domain::account::{AccountId, Role, SignInId};
use synapscribe_domain::time::DAY_MS;
use synapscribe_domain::{PersonId, Timestamp};

use super::claims;
use crate::accounts::{AccessClaims, AccessTokens, CLOCK_SKEW_MS, PublicKey, TokenFault};
use crate::fakes::SetClock;
use crate::world::Clock;

/// Who makes and checks tokens; nobody has made any yet.
#[derive(Clone, Copy)]
pub struct Makers<'a> {
    /// Whoever is looked at.
    pub ours: &'a dyn AccessTokens,
    /// Another process of the same host.
    pub elsewhere: &'a dyn AccessTokens,
    /// Another host, which calls itself the same.
    pub stranger: &'a dyn AccessTokens,
    /// The clock of them all, which shows a whole second.
    pub clock: &'a SetClock,
}

/// Runs every check; `signed` says whether a key signed a token, as anybody finds out who has the public keys.
pub async fn suite(makers: Makers<'_>, signed: impl Fn(&str, &PublicKey) -> bool) {
    processes_that_start_at_once_agree_on_a_key(makers).await;
    what_is_stated_is_believed_in_its_time(makers).await;
    nothing_that_was_changed_is_believed(makers).await;
    what_another_host_made_is_not_believed(makers).await;
    anybody_may_have_the_key_that_signs(makers, &signed).await;
    keys_change_without_a_token_being_refused(makers, &signed).await;
    a_key_that_changes_late_is_told_as_long_before_it_signs(makers, &signed).await;
}

const HOUR_MS: i64 = DAY_MS / 24;
/// Keys that are older than so many days should have changed.
const MOST_DAYS: usize = 400;
/// `{"alg":"none","typ":"at+jwt"}`
const UNSIGNED: &str = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";

impl Makers<'_> {
    /// A token of somebody who signs in now and stays for two hours.
    async fn mint(&self) -> String {
        let now = self.clock.now();
        self.ours.mint(&AccessClaims { expires: now.plus(2 * HOUR_MS), ..claims(now) }).await.unwrap()
    }

    async fn forged(&self, token: &str) -> bool {
        matches!(self.ours.check(token, self.clock.now()).await, Err(TokenFault::Forged))
    }

    async fn believed(&self, token: &str) -> bool {
        let now = self.clock.now();
        self.ours.check(token, now).await.is_ok() && self.elsewhere.check(token, now).await.is_ok()
    }

    /// Has both processes look whether it is time for the next key; says whether there is one.
    async fn rotate(&self) -> bool {
        let now = self.clock.now();
        let (one, two) = join(self.ours.rotate(now), self.elsewhere.rotate(now)).await;
        let (one, two) = (one.unwrap(), two.unwrap());
        assert!(!(one && two), "two processes make one key");
        one || two
    }

    async fn public_keys(&self) -> Vec<PublicKey> {
        let keys = self.ours.public_keys(self.clock.now()).await.unwrap();
        for (place, key) in keys.iter().enumerate() {
            assert!(keys[..place].iter().all(|other| other.kid != key.kid), "a name is one key's");
            for number in [&key.modulus, &key.exponent] {
                let zero = number.first().is_none_or(|first| *first == 0);
                assert!(!zero && number.last().is_some_and(|last| last % 2 == 1), "these are odd and begin with what counts");
            }
        }
        keys
    }

    /// Whether a key of this name is told to everybody.
    async fn tells(&self, kid: &str) -> bool {
        self.public_keys().await.iter().any(|key| key.kid == kid)
    }

    /// The name of the key that signed a token.
    async fn signer(&self, token: &str, signed: &impl Fn(&str, &PublicKey) -> bool) -> String {
        let keys = self.public_keys().await;
        let by: Vec<_> = keys.iter().filter(|key| signed(token, key)).collect();
        assert_eq!(by.len(), 1, "one of the keys that are told signed it");
        by[0].kid.clone()
    }
}

async fn processes_that_start_at_once_agree_on_a_key(makers: Makers<'_>) {
    let Makers { ours, elsewhere, clock, .. } = makers;
    let claims = claims(clock.now());
    let (one, two) = join(ours.mint(&claims), elsewhere.mint(&claims)).await;
    for token in [one.unwrap(), two.unwrap()] {
        assert_eq!(ours.check(&token, clock.now()).await.unwrap(), claims);
        assert_eq!(elsewhere.check(&token, clock.now()).await.unwrap(), claims);
    }
    assert_eq!(makers.public_keys().await.len(), 1);
    assert_eq!(elsewhere.public_keys(clock.now()).await.unwrap(), makers.public_keys().await);
    assert!(!ours.issuer().is_empty(), "whoever made it says who they are");
    assert_eq!(elsewhere.issuer(), ours.issuer());
}

async fn what_is_stated_is_believed_in_its_time(makers: Makers<'_>) {
    let Makers { ours, elsewhere, clock, .. } = makers;
    let now = clock.now();
    let long = "x".repeat(200);
    let longest = AccessClaims {
        account: AccountId::parse(long.clone()).unwrap(),
        person: PersonId::parse(long.clone()).unwrap(),
        sign_in: SignInId::parse(long).unwrap(),
        ..claims(now)
    };
    for stated in Role::ALL.map(|role| AccessClaims { role, ..claims(now) }).into_iter().chain([longest]) {
        let token = ours.mint(&stated).await.unwrap();
        for maker in [ours, elsewhere] {
            let at = async |moment: Timestamp| maker.check(&token, moment).await;
            assert_eq!(at(now).await.unwrap(), stated);
            assert_eq!(at(stated.expires.plus(-1)).await.unwrap(), stated);
            for late in [stated.expires, stated.expires.plus(DAY_MS), Timestamp(i64::MAX)] {
                assert!(matches!(at(late).await, Err(TokenFault::Expired)), "{late:?}");
            }
            assert_eq!(at(now.plus(-CLOCK_SKEW_MS)).await.unwrap(), stated, "clocks differ a little");
            for soon in [now.plus(-CLOCK_SKEW_MS - 1), now.plus(-DAY_MS), Timestamp(0)] {
                assert!(matches!(at(soon).await, Err(TokenFault::Early)), "{soon:?}");
            }
        }
    }

    // What is written in whole seconds is not believed for longer than was said.
    let odd = AccessClaims { issued: now.plus(999), expires: now.plus(60_999), ..claims(now) };
    let token = ours.mint(&odd).await.unwrap();
    let stated = ours.check(&token, odd.issued).await.unwrap();
    assert!((0..1_000).contains(&(odd.expires.0 - stated.expires.0)) && (0..1_000).contains(&(odd.issued.0 - stated.issued.0)));
    assert_eq!(AccessClaims { issued: odd.issued, expires: odd.expires, ..stated }, odd);
    assert!(matches!(ours.check(&token, odd.expires).await, Err(TokenFault::Expired)));
}

async fn nothing_that_was_changed_is_believed(makers: Makers<'_>) {
    let (token, other) = (makers.mint().await, makers.mint().await);
    assert!(makers.believed(&token).await && makers.believed(&other).await);
    for (place, letter) in token.char_indices() {
        // The last letter of a part may hold bits that nothing reads; every other is looked at.
        let last = token[place + letter.len_utf8()..].chars().next().is_none_or(|next| next == '.');
        if letter != '.' && last {
            continue;
        }
        let mut changed = token.clone();
        changed.replace_range(place..place + letter.len_utf8(), if letter == 'A' { "B" } else { "A" });
        assert!(makers.forged(&changed).await, "the letter at {place}");
    }
    let (header, rest) = token.split_once('.').expect("a token has parts");
    let (payload, signature) = rest.rsplit_once('.').expect("a token has three parts");
    let stated = other.rsplit_once('.').expect("a token has parts").0;
    for broken in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "\0".into(),
        "пропуск.для.ады".into(),
        "x".repeat(100_000),
        "x.".repeat(50_000),
        token[1..].to_owned(),
        token[..token.len() - 1].to_owned(),
        token[..token.len() / 2].to_owned(),
        header.into(),
        rest.into(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{header}.{signature}.{payload}"),
        format!("{stated}.{signature}"),
        format!("{UNSIGNED}.{payload}."),
        format!("{UNSIGNED}.{payload}.{signature}"),
        format!("{token}."),
        format!("{token}.x"),
        format!("{token}="),
        format!("{token}\n"),
        format!(" {token}"),
        format!("Bearer {token}"),
        format!("{token}{token}"),
        format!("{token}{}", "A".repeat(100_000)),
        token.replace('.', ".."),
        token.to_ascii_uppercase(),
    ] {
        assert!(makers.forged(&broken).await, "{broken:.60}");
    }
    assert!(makers.believed(&token).await, "whatever was tried, the token itself stays good");
}

async fn what_another_host_made_is_not_believed(makers: Makers<'_>) {
    let Makers { ours, elsewhere, stranger, clock } = makers;
    let (now, own) = (clock.now(), makers.mint().await);
    let theirs = stranger.mint(&claims(now)).await.unwrap();
    assert!(stranger.check(&theirs, now).await.is_ok());
    for (maker, token) in [(ours, &theirs), (elsewhere, &theirs), (stranger, &own)] {
        assert!(matches!(maker.check(token, now).await, Err(TokenFault::Forged)));
    }
    let keys = makers.public_keys().await;
    assert!(stranger.public_keys(now).await.unwrap().iter().all(|key| !keys.contains(key)));
}

async fn anybody_may_have_the_key_that_signs(makers: Makers<'_>, signed: &impl Fn(&str, &PublicKey) -> bool) {
    let Makers { stranger, clock, .. } = makers;
    let (one, two) = (makers.mint().await, makers.mint().await);
    assert_eq!(makers.signer(&one, signed).await, makers.signer(&two, signed).await);
    let theirs = stranger.mint(&claims(clock.now())).await.unwrap();
    assert!(!makers.public_keys().await.iter().any(|key| signed(&theirs, key)), "nobody takes another's token for ours");
}

async fn keys_change_without_a_token_being_refused(makers: Makers<'_>, signed: &impl Fn(&str, &PublicKey) -> bool) {
    let clock = makers.clock;
    let first = makers.signer(&makers.mint().await, signed).await;
    assert!(!makers.rotate().await, "it is not time yet");

    let mut days = 0;
    while !makers.rotate().await {
        assert_eq!(makers.public_keys().await.len(), 1, "nothing is made before its time");
        assert!(days < MOST_DAYS, "the key never changes");
        clock.pass(DAY_MS);
        days += 1;
    }
    assert!(days > 0 && !makers.rotate().await, "one key is made when it is time");
    assert!(makers.tells(&first).await && makers.public_keys().await.len() == 2, "the next key is told");
    let mut last = makers.mint().await;
    assert_eq!(makers.signer(&last, signed).await, first, "and signs once everybody has had time to hear of it");

    let mut hours = 0;
    let new = loop {
        clock.pass(HOUR_MS);
        hours += 1;
        let token = makers.mint().await;
        assert!(makers.believed(&last).await && makers.believed(&token).await, "both keys are believed");
        if makers.signer(&token, signed).await != first {
            break token;
        }
        assert!(hours < 24 * MOST_DAYS, "the next key never signs");
        last = token;
    };
    assert!(makers.tells(&first).await, "a token of the first key is still about");

    let mut days = 0;
    while makers.tells(&first).await {
        assert!(days < MOST_DAYS, "a key is told for ever");
        clock.pass(DAY_MS);
        days += 1;
        makers.rotate().await;
        let token = makers.mint().await;
        assert!(makers.believed(&token).await && makers.tells(&makers.signer(&token, signed).await).await);
    }
    for over in [&last, &new] {
        assert!(makers.ours.check(over, clock.now()).await.is_err(), "it is long over");
    }
}

async fn a_key_that_changes_late_is_told_as_long_before_it_signs(makers: Makers<'_>, signed: &impl Fn(&str, &PublicKey) -> bool) {
    makers.clock.pass(MOST_DAYS as i64 * DAY_MS);
    let last = makers.mint().await;
    let first = makers.signer(&last, signed).await;
    assert!(makers.rotate().await, "it was time long ago");
    assert!(makers.believed(&last).await && makers.tells(&first).await, "a token of the key before is about");
    assert_eq!(makers.signer(&makers.mint().await, signed).await, first, "nobody has heard of the next one yet");
}
