//! A sign-in: what one device holds until it is signed out, and the rule by which its refresh token is exchanged. The token
//! changes with every use, so a stolen one shows by being used twice.

use serde::{Deserialize, Serialize};

use super::{AccountId, Digest};
use crate::ids::{InvalidId, PersonId, identifier};
use crate::time::{DAY_MS, Timestamp};

identifier!(
    /// One sign-in on one device.
    SignInId
);

/// A sign-in ends after so long, however often it is renewed.
pub const LIFETIME_MS: i64 = 30 * DAY_MS;
/// A token that was exchanged may come again within this time: the answer was lost on the way.
pub const GRACE_MS: i64 = 30_000;
/// The longest name of a device, in characters.
pub const LONGEST_DEVICE: usize = 80;

/// The secret that keeps a device signed in, as it travels: the name of its sign-in and 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose token it is.
    pub sign_in: SignInId,
    /// What nobody can guess.
    pub secret: [u8; 32],
}

impl RefreshToken {
    /// Reads a token that somebody sent.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign_in, digits) = text.rsplit_once('.')?;
        let sign_in = SignInId::parse(sign_in).ok()?;
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return None;
        }
        let mut secret = [0; 32];
        for (n, byte) in secret.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).ok()?;
        }
        Some(Self { sign_in, secret })
    }

    /// What is sent and digested.
    pub fn text(&self) -> String {
        let mut text = format!("{}.", self.sign_in);
        for byte in self.secret {
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }
}

/// A token must not reach a log by accident.
impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshToken").field("sign_in", &self.sign_in).finish_non_exhaustive()
    }
}

/// Where somebody signs in from, as far as it is kept: a network, never an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place(pub String);

impl Place {
    /// The network that an address belongs to.
    pub fn of(address: std::net::IpAddr) -> Self {
        use std::net::IpAddr;
        let address = address.to_canonical();
        Self(match address {
            _ if address.is_loopback() => "this machine".to_owned(),
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.x")
            }
            IpAddr::V6(v6) => {
                let [a, b, c, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}::x")
            }
        })
    }

    /// A place nobody knows.
    pub fn unknown() -> Self {
        Self("somewhere".to_owned())
    }
}

/// The token that takes another's place, sealed with that other one: only who shows the old token again can open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedToken(pub [u8; 32]);

/// The token that takes the place of the one presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Its digest.
    pub digest: Digest,
    /// Itself, sealed with the one presented.
    pub sealed: SealedToken,
}

/// The token before the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    digest: Digest,
    at: Timestamp,
    sealed: SealedToken,
}

/// Why a sign-in ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its own device signed out.
    SignedOut,
    /// It was ended from the list of sign-ins, or with all others.
    Revoked,
    /// One of its tokens was used twice.
    Reused,
    /// The password was changed.
    PasswordChanged,
    /// The account was deleted.
    AccountDeleted,
}

/// One device's sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Its name, also in access tokens.
    pub id: SignInId,
    /// Whose it is.
    pub account: AccountId,
    /// What the device calls itself.
    pub device: String,
    /// Where it was last used from.
    pub place: Place,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used.
    pub used: Timestamp,
    /// When it ends, however often it is renewed.
    pub expires: Timestamp,
    /// When it ended before that, and why.
    pub ended: Option<(Timestamp, Why)>,
    /// Whose identity it opened, once the account is deleted: credentials that were drawn under it name them for a while yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departed: Option<PersonId>,
    current: Digest,
    spent: Option<Spent>,
}

/// What came of presenting a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// It was the current one; the next one has taken its place.
    Renewed,
    /// It was exchanged a moment ago and the answer was lost: the token that took its place, sealed.
    Repeated(SealedToken),
    /// It is not the current one: somebody used it before, and the whole sign-in ended now.
    Reused,
    /// The sign-in has reached its end.
    Expired,
    /// The sign-in was ended.
    Revoked,
}

impl SignIn {
    /// A sign-in that begins now with this token.
    pub fn new(id: SignInId, account: AccountId, device: String, place: Place, token: Digest, now: Timestamp) -> Self {
        let expires = now.plus(LIFETIME_MS);
        let (current, spent) = (token, None);
        Self { id, account, device, place, created: now, used: now, expires, ended: None, departed: None, current, spent }
    }

    /// Whether it lasts.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires
    }

    /// Somebody presents a token of this sign-in and gets the next one for it. Whatever is not the current token, or the one before
    /// it within the grace, was used by somebody before.
    pub fn present(&mut self, token: &Digest, next: &Next, now: Timestamp) -> Presented {
        if self.ended.is_some() {
            return Presented::Revoked;
        }
        if now >= self.expires {
            return Presented::Expired;
        }
        if *token == self.current {
            self.spent = Some(Spent { digest: self.current, at: now, sealed: next.sealed });
            self.current = next.digest;
            self.used = now;
            return Presented::Renewed;
        }
        match self.spent {
            Some(spent) if spent.digest == *token && now.0 - spent.at.0 < GRACE_MS => Presented::Repeated(spent.sealed),
            _ => {
                self.end(Why::Reused, now);
                Presented::Reused
            }
        }
    }

    /// Whether this token may end the sign-in: the current one, or the one before it.
    pub fn knows(&self, token: &Digest) -> bool {
        self.current == *token || self.spent.is_some_and(|spent| spent.digest == *token)
    }

    /// Says nothing of its device any more, but whose identity it opened.
    pub fn erase(&mut self, departed: &PersonId) {
        self.device = String::new();
        self.place = Place::unknown();
        self.departed = Some(departed.clone());
    }

    /// Ends it; one that has ended keeps its reason.
    pub fn end(&mut self, why: Why, now: Timestamp) {
        self.ended.get_or_insert((now, why));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn digest(n: u8) -> Digest {
        Digest([n; 32])
    }

    fn next(n: u8) -> Next {
        Next { digest: digest(n), sealed: SealedToken([n; 32]) }
    }

    fn sign_in() -> SignIn {
        let (id, account) = (SignInId::parse("s").unwrap(), AccountId::parse("a").unwrap());
        SignIn::new(id, account, "laptop".into(), Place::unknown(), digest(0), NOW)
    }

    #[test]
    fn a_token_is_exchanged_once_and_a_lost_answer_is_given_again() {
        let mut sign_in = sign_in();
        assert_eq!(sign_in.present(&digest(0), &next(1), NOW), Presented::Renewed);
        assert_eq!(sign_in.present(&digest(0), &next(2), NOW.plus(GRACE_MS - 1)), Presented::Repeated(next(1).sealed));
        assert_eq!(sign_in.present(&digest(1), &next(3), NOW.plus(GRACE_MS)), Presented::Renewed, "nothing was lost by it");
    }

    #[test]
    fn a_token_that_comes_twice_ends_the_sign_in_for_everybody() {
        for (moment, exchanges) in [(NOW.plus(GRACE_MS), 1), (NOW, 2)] {
            let mut sign_in = sign_in();
            for n in 0..exchanges {
                assert_eq!(sign_in.present(&digest(n), &next(n + 1), NOW), Presented::Renewed);
            }
            assert_eq!(sign_in.present(&digest(0), &next(9), moment), Presented::Reused);
            assert_eq!(sign_in.ended, Some((moment, Why::Reused)));
            assert_eq!(sign_in.present(&digest(exchanges), &next(9), moment), Presented::Revoked, "the rightful one too");
        }
    }

    #[test]
    fn renewing_does_not_make_it_last_for_ever() {
        let mut sign_in = sign_in();
        let end = sign_in.expires;
        assert_eq!(sign_in.present(&digest(0), &next(1), end.plus(-1)), Presented::Renewed);
        assert_eq!(sign_in.present(&digest(1), &next(2), end), Presented::Expired);
        assert!(!sign_in.lasts(end) && sign_in.lasts(end.plus(-1)));
    }

    #[test]
    fn a_token_travels_as_text_and_nothing_else_is_one() {
        let token = RefreshToken { sign_in: SignInId::parse("0196.f").unwrap(), secret: std::array::from_fn(|n| n as u8 * 8) };
        assert_eq!(RefreshToken::parse(&token.text()), Some(token.clone()));
        assert!(!format!("{token:?}").contains("081018"));
        let text = token.text();
        for other in
            ["", ".", "s.", &text[1..].replace('.', ""), &text[..text.len() - 1], &text.to_uppercase(), &format!("{text}0")]
        {
            assert_eq!(RefreshToken::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_place_is_a_network_and_no_address() {
        let place = |address: &str| Place::of(address.parse().unwrap()).0;
        assert_eq!(place("127.0.0.1"), "this machine");
        assert_eq!(place("::ffff:127.0.0.1"), "this machine");
        assert_eq!(place("203.0.113.77"), "203.0.113.x");
        assert_eq!(place("2001:db8:1:2:3::4"), "2001:db8:1::x");
    }

    #[derive(Debug, Clone)]
    enum Step {
        /// One of two holders presents the newest token it knows of; its answer may be lost.
        Present { holder: usize, lost: bool },
        /// A holder presents its token as it was some exchanges ago.
        Old { holder: usize, back: usize },
        /// Time passes.
        Pass(i64),
        /// It is ended from the list.
        End,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0..2usize, any::<bool>()).prop_map(|(holder, lost)| Step::Present { holder, lost }),
            2 => (0..2usize, 1..4usize).prop_map(|(holder, back)| Step::Old { holder, back }),
            3 => (0..3 * GRACE_MS / 2).prop_map(Step::Pass),
            1 => Just(Step::End),
        ]
    }

    proptest! {
        /// Two holders of one token, a thief and its owner, in any order: nothing succeeds once it ended, at most one token is
        /// current, and of two who go on after the grace only one does.
        #[test]
        fn whoever_holds_a_copy_is_found_out(steps in prop::collection::vec(step(), 1..40)) {
            let mut sign_in = sign_in();
            let (mut now, mut made) = (NOW, 0u8);
            let mut known = [vec![0u8], vec![0u8]];
            let mut ended = false;
            for step in steps {
                let (holder, back, lost) = match step {
                    Step::Pass(ms) => { now = now.plus(ms); continue }
                    Step::End => { sign_in.end(Why::Revoked, now); ended = true; continue }
                    Step::Present { holder, lost } => (holder, 0, lost),
                    Step::Old { holder, back } => (holder, back, false),
                };
                let Some(&token) = known[holder].iter().rev().nth(back) else { continue };
                let current_before = sign_in.current;
                made += 1;
                match sign_in.present(&digest(token), &next(made), now) {
                    Presented::Renewed => {
                        prop_assert!(!ended, "a token was exchanged after the end");
                        prop_assert_eq!(current_before, digest(token));
                        prop_assert_eq!(sign_in.current, digest(made));
                        if !lost { known[holder].push(made); }
                    }
                    Presented::Repeated(SealedToken(sealed)) => {
                        prop_assert!(!ended);
                        prop_assert_eq!(Digest(sealed), sign_in.current, "what is repeated is the current token");
                        prop_assert_eq!(current_before, sign_in.current, "repeating changes nothing");
                        if !known[holder].contains(&sealed[0]) { known[holder].push(sealed[0]); }
                    }
                    Presented::Reused => {
                        prop_assert!(!ended);
                        prop_assert!(current_before != digest(token), "the current token is never taken for a used one");
                        ended = true;
                    }
                    Presented::Revoked => prop_assert!(ended),
                    Presented::Expired => prop_assert!(now >= sign_in.expires),
                }
                prop_assert_eq!(ended, sign_in.ended.is_some());
            }
        }
    }
}
