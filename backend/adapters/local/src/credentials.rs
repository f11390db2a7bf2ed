//! The host's own credentials: issued and checked with one secret key and no table, so that they outlive a restart.
//! It must not know who asks for them or over which protocol.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{Failure, PersonId, Timestamp};
use synapscribe_ports::accounts::Identities;
use thiserror::Error;
use uuid::Uuid;

/// The region every local endpoint signs for; the default of stock tools, so that they need no special settings.
pub const REGION: &str = "us-east-1";

/// How long temporary credentials last, as in the real service.
pub const LIFETIME_SECONDS: i64 = 3600;

const TOKEN_VERSION: u8 = 1;
const ACCESS_KEY_LENGTH: usize = 20;
const TAG_LENGTH: usize = 32;
const TOKEN_HEAD: usize = 1 + 8 + ACCESS_KEY_LENGTH;
/// Between a person and a sign-in; no identifier holds it.
const BETWEEN: u8 = b'/';

/// Who signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The host itself; presigned addresses are made with its credentials.
    Service,
    /// A guest or a signed-in person.
    Person(PersonId),
}

/// Temporary credentials as the identity endpoint hands them out.
#[derive(Clone, PartialEq, Eq)]
pub struct TemporaryCredentials {
    /// Starts with `ASIA`, as temporary keys do.
    pub access_key_id: String,
    /// The secret that signs.
    pub secret_key: String,
    /// Proves whose key it is and until when.
    pub session_token: String,
    /// When the token stops being accepted.
    pub expires: Timestamp,
}

/// The long-lived key of the host itself.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceCredentials {
    /// Starts with `AKIA`, as long-lived keys do.
    pub access_key_id: String,
    /// The secret that signs.
    pub secret_key: String,
}

/// Why a key and its token were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CredentialError {
    /// This host never issued such a key.
    #[error("the access key was not issued here")]
    UnknownKey,
    /// A temporary key came without its token.
    #[error("the session token is missing")]
    MissingToken,
    /// The token was not made here, was changed, or belongs to another key.
    #[error("the session token is malformed or belongs to another key")]
    ForgedToken,
    /// The token has expired.
    #[error("the session token has expired")]
    ExpiredToken,
}

/// Issues credentials and recognises its own.
pub struct Keyring {
    host_key: [u8; 32],
    service: ServiceCredentials,
}

impl Keyring {
    /// Reads the host key, or makes one that only this user can read.
    pub fn open(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(found) => {
                restrict(path)?;
                Self::from_file(&found)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_host_key(path)?;
                Self::from_file(&fs::read(path)?)
            }
            Err(error) => Err(error),
        }
    }

    /// A keyring over a given host key.
    pub fn new(host_key: [u8; 32]) -> Self {
        let mut keyring =
            Self { host_key, service: ServiceCredentials { access_key_id: String::new(), secret_key: String::new() } };
        let access_key_id = access_key("AKIA", &keyring.mac("service access key", &[]));
        let secret_key = keyring.derive_secret(&access_key_id);
        keyring.service = ServiceCredentials { access_key_id, secret_key };
        keyring
    }

    /// The name of this host's identity pool; stable for as long as the host key is.
    pub fn identity_pool(&self) -> String {
        let mac = self.mac("identity pool", &[]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        format!("{REGION}:{}", uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// A new identity. Its last bytes are a tag, so that an identity this host never gave out is recognised without a table.
    pub fn fresh_identity(&self) -> PersonId {
        let mut bytes = [0; 16];
        rand::rng().fill_bytes(&mut bytes[..10]);
        // Version and variant overwrite bits of what is tagged, so they are set before the tag is computed.
        bytes = *uuid::Builder::from_custom_bytes(bytes).as_uuid().as_bytes();
        let (random, tag) = bytes.split_at_mut(10);
        tag.copy_from_slice(&self.identity_tag(random));
        PersonId::parse(format!("{REGION}:{}", Uuid::from_bytes(bytes))).expect("a region and a UUID make an identifier")
    }

    /// The identity, if this host gave it out.
    pub fn known_identity(&self, text: &str) -> Option<PersonId> {
        let (region, id) = text.split_once(':')?;
        let uuid = Uuid::try_parse(id).ok()?;
        let canonical = uuid.hyphenated().to_string();
        let bytes = uuid.into_bytes();
        let tagged = bytes[10..] == self.identity_tag(&bytes[..10]);
        if region == REGION && id == canonical && tagged { PersonId::parse(text).ok() } else { None }
    }

    /// Credentials for an identity, good for an hour from `now`.
    pub fn issue(&self, person: &PersonId, now: Timestamp) -> TemporaryCredentials {
        self.issue_under(person, None, now)
    }

    /// The same for somebody who is signed in; whoever accepts them can see under which sign-in they were handed out.
    pub fn issue_under(&self, person: &PersonId, sign_in: Option<&SignInId>, now: Timestamp) -> TemporaryCredentials {
        let mut random = [0; 10];
        rand::rng().fill_bytes(&mut random);
        let access_key_id = access_key("ASIA", &random);
        let expires = now.0.div_euclid(1000) + LIFETIME_SECONDS;
        TemporaryCredentials {
            secret_key: self.derive_secret(&access_key_id),
            session_token: self.token(person, sign_in, &access_key_id, expires),
            access_key_id,
            expires: Timestamp(expires * 1000),
        }
    }

    /// The host's own credentials.
    pub fn service(&self) -> &ServiceCredentials {
        &self.service
    }

    /// The secret that belongs to an access key. It exists for every well-formed temporary key; whether that key was issued
    /// shows only in its token, and nobody can sign with a secret they were never given.
    pub fn secret_of(&self, access_key_id: &str) -> Result<String, CredentialError> {
        if access_key_id == self.service.access_key_id || is_temporary(access_key_id) {
            Ok(self.derive_secret(access_key_id))
        } else {
            Err(CredentialError::UnknownKey)
        }
    }

    /// Whose key it is, once the request's signature was found right.
    pub fn caller(&self, access_key_id: &str, token: Option<&str>, now: Timestamp) -> Result<Caller, CredentialError> {
        if access_key_id == self.service.access_key_id {
            return if token.is_none() { Ok(Caller::Service) } else { Err(CredentialError::ForgedToken) };
        }
        if !is_temporary(access_key_id) {
            return Err(CredentialError::UnknownKey);
        }
        let token = token.ok_or(CredentialError::MissingToken)?;
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| CredentialError::ForgedToken)?;
        if bytes.len() <= TOKEN_HEAD + TAG_LENGTH {
            return Err(CredentialError::ForgedToken);
        }
        let (payload, tag) = bytes.split_at(bytes.len() - TAG_LENGTH);
        self.keyed("session token", payload).verify_slice(tag).map_err(|_| CredentialError::ForgedToken)?;
        if payload[0] != TOKEN_VERSION || &payload[9..TOKEN_HEAD] != access_key_id.as_bytes() {
            return Err(CredentialError::ForgedToken);
        }
        let mut expires = [0; 8];
        expires.copy_from_slice(&payload[1..9]);
        if now.0 >= i64::from_be_bytes(expires).saturating_mul(1000) {
            return Err(CredentialError::ExpiredToken);
        }
        let (person, _) = holder(&payload[TOKEN_HEAD..]).ok_or(CredentialError::ForgedToken)?;
        Ok(Caller::Person(person))
    }

    /// The sign-in under which a session token was handed out, once [`Keyring::caller`] has found it right.
    pub fn sign_in_of(&self, token: &str) -> Option<SignInId> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        holder(bytes.get(TOKEN_HEAD..bytes.len().checked_sub(TAG_LENGTH)?)?)?.1
    }

    /// A key for another use, which says nothing of this one.
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        self.mac("derived", purpose.as_bytes())
    }

    fn from_file(found: &[u8]) -> io::Result<Self> {
        let key = found.try_into().map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "the host key must have 32 bytes; restore it, or remove it to make a new one",
            )
        })?;
        Ok(Self::new(key))
    }

    fn token(&self, person: &PersonId, sign_in: Option<&SignInId>, access_key_id: &str, expires: i64) -> String {
        let mut token = Vec::with_capacity(TOKEN_HEAD + person.as_str().len() + TAG_LENGTH);
        token.push(TOKEN_VERSION);
        token.extend_from_slice(&expires.to_be_bytes());
        token.extend_from_slice(access_key_id.as_bytes());
        token.extend_from_slice(person.as_str().as_bytes());
        if let Some(sign_in) = sign_in {
            token.push(BETWEEN);
            token.extend_from_slice(sign_in.as_str().as_bytes());
        }
        let tag = self.mac("session token", &token);
        token.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(token)
    }

    fn derive_secret(&self, access_key_id: &str) -> String {
        // 30 bytes make the 40 characters that secrets of the real service have.
        STANDARD_NO_PAD.encode(&self.mac("secret key", access_key_id.as_bytes())[..30])
    }

    fn identity_tag(&self, random: &[u8]) -> [u8; 6] {
        let mut tag = [0; 6];
        tag.copy_from_slice(&self.mac("identity", random)[..6]);
        tag
    }

    fn mac(&self, purpose: &str, content: &[u8]) -> [u8; 32] {
        self.keyed(purpose, content).finalize().into_bytes().into()
    }

    /// The purpose goes in front, so that a value made for one use never passes for another.
    fn keyed(&self, purpose: &str, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.host_key).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(content);
        mac
    }
}

#[async_trait::async_trait]
impl Identities for Keyring {
    async fn fresh(&self) -> Result<PersonId, Failure> {
        Ok(self.fresh_identity())
    }
}

/// Whose token it is, and under which sign-in they got it.
fn holder(text: &[u8]) -> Option<(PersonId, Option<SignInId>)> {
    let mut parts = text.splitn(2, |byte| *byte == BETWEEN).map(|part| std::str::from_utf8(part).ok());
    let person = PersonId::parse(parts.next()??).ok()?;
    let sign_in = match parts.next() {
        Some(text) => Some(SignInId::parse(text?).ok()?),
        None => None,
    };
    Some((person, sign_in))
}

fn is_temporary(access_key_id: &str) -> bool {
    access_key_id.len() == ACCESS_KEY_LENGTH
        && access_key_id.starts_with("ASIA")
        && access_key_id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A prefix and 16 characters of base 32, as real access keys look.
fn access_key(prefix: &str, random: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut key = String::with_capacity(ACCESS_KEY_LENGTH);
    key.push_str(prefix);
    for chunk in random[..10].chunks(5) {
        let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            key.push(char::from(ALPHABET[(bits >> (5 * place)) as usize & 31]));
        }
    }
    key
}

/// Writes beside the final name first, so that a crash never leaves half a key, and two starting hosts agree on one.
fn create_host_key(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    let draft = folder.join(format!(".host-key-{}", Uuid::new_v4().simple()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(&key)?;
    file.sync_all()?;
    let linked = match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some file systems have no hard links; there a rename is the best that can be had.
        Err(_) => return fs::rename(&draft, path),
        Ok(()) => Ok(()),
    };
    fs::remove_file(&draft)?;
    linked
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "the host key could be read by others; its permissions were tightened");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn keyring() -> Keyring {
        Keyring::new([7; 32])
    }

    #[test]
    fn issued_credentials_name_their_owner_until_they_expire() {
        let keyring = keyring();
        let person = keyring.fresh_identity();
        let issued = keyring.issue(&person, NOW);
        let check = |now| keyring.caller(&issued.access_key_id, Some(&issued.session_token), now);
        assert_eq!(check(NOW), Ok(Caller::Person(person.clone())));
        assert_eq!(check(Timestamp(issued.expires.0 - 1)), Ok(Caller::Person(person)));
        assert_eq!(check(issued.expires), Err(CredentialError::ExpiredToken));
        assert_eq!(keyring.secret_of(&issued.access_key_id).unwrap(), issued.secret_key);
        assert_eq!(issued.secret_key.len(), 40);
    }

    #[test]
    fn a_token_that_was_changed_or_swapped_is_refused() {
        let keyring = keyring();
        let (a, b) = (keyring.fresh_identity(), keyring.fresh_identity());
        let (mine, theirs) = (keyring.issue(&a, NOW), keyring.issue(&b, NOW));
        let refused = |token: &str| keyring.caller(&mine.access_key_id, Some(token), NOW).unwrap_err();
        assert_eq!(refused(&theirs.session_token), CredentialError::ForgedToken);
        assert_eq!(refused(""), CredentialError::ForgedToken);
        assert_eq!(refused("not base64!"), CredentialError::ForgedToken);
        let bytes = URL_SAFE_NO_PAD.decode(&mine.session_token).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_eq!(refused(&URL_SAFE_NO_PAD.encode(changed)), CredentialError::ForgedToken, "byte {place}");
        }
        assert_eq!(keyring.caller(&mine.access_key_id, None, NOW), Err(CredentialError::MissingToken));
        let other_host = Keyring::new([8; 32]).issue(&a, NOW);
        assert_eq!(
            keyring.caller(&other_host.access_key_id, Some(&other_host.session_token), NOW),
            Err(CredentialError::ForgedToken)
        );
    }

    #[test]
    fn credentials_of_a_sign_in_say_which_it_is() {
        let (keyring, sign_in) = (keyring(), SignInId::parse("0196-f").unwrap());
        let person = keyring.fresh_identity();
        let guest = keyring.issue(&person, NOW);
        let issued = keyring.issue_under(&person, Some(&sign_in), NOW);
        assert_eq!(keyring.caller(&issued.access_key_id, Some(&issued.session_token), NOW), Ok(Caller::Person(person)));
        assert_eq!(keyring.sign_in_of(&issued.session_token), Some(sign_in));
        assert_eq!(keyring.sign_in_of(&guest.session_token), None);
        assert_eq!(keyring.sign_in_of("short"), None);
        assert_ne!(keyring.derived("one"), keyring.derived("another"));
    }

    #[tokio::test]
    async fn it_gives_identities_as_everybody_who_gives_them() {
        synapscribe_ports::conformance::accounts::identities(&keyring()).await;
    }

    #[test]
    fn an_identity_is_recognised_only_where_it_was_made() {
        let keyring = keyring();
        let person = keyring.fresh_identity();
        assert_eq!(keyring.known_identity(person.as_str()), Some(person.clone()));
        assert_eq!(Keyring::new([8; 32]).known_identity(person.as_str()), None);
        let random = format!("{REGION}:{}", Uuid::new_v4());
        let elsewhere = person.as_str().replace(REGION, "eu-west-1");
        let upper = person.as_str().to_ascii_uppercase();
        for bad in ["", "x", ":", random.as_str(), elsewhere.as_str(), upper.as_str()] {
            assert_eq!(keyring.known_identity(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_host_key_is_private_and_survives() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inner/host.key");
        let first = Keyring::open(&path).unwrap();
        let issued = first.issue(&first.fresh_identity(), NOW);
        let second = Keyring::open(&path).unwrap();
        assert!(second.caller(&issued.access_key_id, Some(&issued.session_token), NOW).is_ok());
        assert_eq!(first.identity_pool(), second.identity_pool());
        assert!(first.service() == second.service());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            Keyring::open(&path).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, b"short").unwrap();
        assert!(Keyring::open(&path).is_err());
    }

    #[test]
    fn the_service_key_takes_no_token() {
        let keyring = keyring();
        let id = &keyring.service().access_key_id;
        assert_eq!(keyring.caller(id, None, NOW), Ok(Caller::Service));
        assert_eq!(keyring.caller(id, Some("x"), NOW), Err(CredentialError::ForgedToken));
        assert_eq!(keyring.secret_of("AKIAIOSFODNN7EXAMPLE"), Err(CredentialError::UnknownKey));
    }
}
