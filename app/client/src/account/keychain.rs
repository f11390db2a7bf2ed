//! One entry of the operating system's keychain: the Secret Service, the Keychain or the Credential Manager. Knows not what it
//! holds. A keychain may ask the person first, so every call may take long.

/// The name under which the keychain lists everything of this product.
const SERVICE: &str = "synapscribe";

/// The keychain does not do what it is asked.
pub(super) type Locked = keyring::Error;

/// Holds one secret.
pub(super) trait Holder: Send + Sync {
    /// What it holds.
    fn get(&self) -> Result<Option<Vec<u8>>, Locked>;
    /// Replaces what it holds.
    fn set(&self, secret: &[u8]) -> Result<(), Locked>;
    /// Removes it.
    fn remove(&self) -> Result<(), Locked>;
}

/// An entry.
pub(super) struct Keychain {
    pub name: String,
}

impl Keychain {
    /// Whether this system has one.
    pub fn is_there() -> bool {
        keyring::Entry::store_status().is_ok()
    }

    fn entry(&self) -> Result<keyring::Entry, Locked> {
        keyring::Entry::new(SERVICE, &self.name)
    }
}

impl Holder for Keychain {
    fn get(&self) -> Result<Option<Vec<u8>>, Locked> {
        match self.entry()?.get_secret() {
            Err(keyring::Error::NoEntry) => Ok(None),
            other => other.map(Some),
        }
    }

    fn set(&self, secret: &[u8]) -> Result<(), Locked> {
        self.entry()?.set_secret(secret)
    }

    fn remove(&self) -> Result<(), Locked> {
        match self.entry()?.delete_credential() {
            Err(keyring::Error::NoEntry) => Ok(()),
            other => other,
        }
    }
}
