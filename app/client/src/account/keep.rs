//! Where a sign-in rests between runs: its tokens in the operating system's keychain, or where there is none in a file that only
//! its owner can read; who it is in a note beside the guests. Knows no server.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use synapscribe_protocol::accounts::AccountDto;

use super::keychain::{Holder, Keychain, Locked};
use crate::error::{ClientError, Result, code};
use crate::home::{self, Home};

/// Where the tokens of a sign-in rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resting {
    /// In the operating system's keychain.
    Keychain,
    /// In a file that only its owner can read.
    File,
}

/// What calls are made with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tokens {
    pub refresh: String,
    pub access: String,
    /// Until when the access token is good, in seconds since 1970.
    pub until: u64,
}

/// A sign-in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    pub account: AccountDto,
    pub sign_in: String,
    /// Whether the server has ended it; who it was is remembered for the next one.
    #[serde(default)]
    pub ended: bool,
    resting: Resting,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokens: Option<Tokens>,
}

impl Note {
    pub fn new(account: AccountDto, sign_in: String) -> Self {
        Self { account, sign_in, ended: false, resting: Resting::File, tokens: None }
    }
}

/// The keep of one server.
pub(super) struct Keep {
    note: PathBuf,
    lock: PathBuf,
    /// Only a home of the platform's own is the person's; any other keeps everything to itself.
    keychain: Option<Box<dyn Holder>>,
}

impl Keep {
    pub fn new(home: &Home, scope: &str) -> Self {
        let note = home.account_file(scope);
        let name = note.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let keychain = home.is_of_platform().then(|| Box::new(Keychain { name }) as Box<dyn Holder>);
        Self { lock: note.with_extension("lock"), note, keychain }
    }

    /// Where tokens rest, or would.
    pub fn resting(&self) -> Resting {
        match home::read_json::<Note>(&self.note) {
            Some(note) => note.resting,
            None if self.keychain.is_some() && Keychain::is_there() => Resting::Keychain,
            None => Resting::File,
        }
    }

    /// Waits until no other program renews, and lets none until what it returns is dropped.
    pub fn alone(&self) -> Result<std::fs::File> {
        let attempt = || {
            home::make_private_folder(self.lock.parent().ok_or_else(|| std::io::Error::other("no folder"))?)?;
            let file = home::private_file(&self.lock)?;
            file.lock().map(|()| file)
        };
        attempt().map_err(|error| ClientError::new(code::DISK, format!("{} cannot be used: {error}", self.lock.display())))
    }

    /// The sign-in as whichever program wrote last left it.
    pub fn read(&self) -> Result<Option<(Note, Option<Tokens>)>> {
        let Some(note) = home::read_json::<Note>(&self.note) else { return Ok(None) };
        if note.ended {
            return Ok(Some((note, None)));
        }
        let tokens = match note.resting {
            Resting::File => note.tokens.clone(),
            Resting::Keychain => match self.keychain.as_ref().map(|keychain| keychain.get()) {
                Some(Ok(secret)) => secret.and_then(|secret| serde_json::from_slice(&secret).ok()),
                Some(Err(error)) => return Err(locked(&error)),
                None => None,
            },
        };
        Ok(Some((note, tokens)))
    }

    /// Writes both, the tokens first.
    pub fn write(&self, note: &Note, tokens: &Tokens) -> Result<()> {
        let mut note = note.clone();
        (note.resting, note.tokens) = match self.lay_into_keychain(tokens) {
            true => (Resting::Keychain, None),
            false => (Resting::File, Some(tokens.clone())),
        };
        home::write_json(&self.note, &note)
    }

    /// Remembers who it was, and nothing to call with.
    pub fn end(&self, note: &Note) -> Result<()> {
        let resting = self.resting();
        self.empty_keychain(resting);
        home::write_json(&self.note, &Note { ended: true, resting, tokens: None, ..note.clone() })
    }

    /// Remembers nothing.
    pub fn forget(&self) -> Result<()> {
        self.empty_keychain(self.resting());
        match std::fs::remove_file(&self.note) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ClientError::new(code::DISK, format!("{} cannot be removed: {error}", self.note.display())))
            }
            _ => Ok(()),
        }
    }

    fn lay_into_keychain(&self, tokens: &Tokens) -> bool {
        let (Some(keychain), Ok(secret)) = (&self.keychain, serde_json::to_vec(tokens)) else { return false };
        let laid = keychain.set(&secret);
        if let Err(error) = &laid {
            tracing::info!(%error, "there is no keychain to use, so a private file is");
            self.empty_keychain(Resting::File);
        }
        laid.is_ok()
    }

    /// Also where the tokens rest in a file: a keychain that did not take them may hold those of before.
    fn empty_keychain(&self, resting: Resting) {
        let Some(keychain) = &self.keychain else { return };
        match (keychain.remove(), resting) {
            (Ok(()), _) => {}
            (Err(error), Resting::Keychain) => tracing::warn!(%error, "the keychain keeps a sign-in that is over"),
            (Err(error), Resting::File) => tracing::debug!(%error, "there is no keychain to empty"),
        }
    }
}

fn locked(error: &Locked) -> ClientError {
    tracing::debug!(%error, "the keychain does not give the sign-in");
    ClientError::passing(code::KEYCHAIN, "the keychain does not give the sign-in; unlock it and try again, or sign in again")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A keychain in memory; while it is shut nothing is done with it.
    #[derive(Clone, Default)]
    struct Drawer(Arc<Mutex<(bool, Option<Vec<u8>>)>>);

    impl Drawer {
        fn shut(&self, shut: bool) {
            self.0.lock().unwrap().0 = shut;
        }

        fn held(&self) -> Option<Vec<u8>> {
            self.0.lock().unwrap().1.clone()
        }

        fn put(&self, secret: Option<Vec<u8>>) -> std::result::Result<(), Locked> {
            let mut drawer = self.0.lock().unwrap();
            if drawer.0 {
                return Err(Locked::NoEntry);
            }
            drawer.1 = secret;
            Ok(())
        }
    }

    impl Holder for Drawer {
        fn get(&self) -> std::result::Result<Option<Vec<u8>>, Locked> {
            Ok(self.held())
        }

        fn set(&self, secret: &[u8]) -> std::result::Result<(), Locked> {
            self.put(Some(secret.to_vec()))
        }

        fn remove(&self) -> std::result::Result<(), Locked> {
            self.put(None)
        }
    }

    fn note() -> Note {
        let account = r#"{"accountId":"a","email":"ada@example.org","role":"student","identityId":"i","created":0}"#;
        Note::new(serde_json::from_str(account).unwrap(), "s".into())
    }

    #[test]
    fn a_keychain_that_was_shut_for_a_while_keeps_nothing_of_what_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let (drawer, tokens) = (Drawer::default(), Tokens { refresh: "very secret".into(), access: "x".into(), until: 9 });
        let mut keep = Keep::new(&Home::at(dir.path()), "http://h:1");
        keep.keychain = Some(Box::new(drawer.clone()));
        let over: [fn(&Keep); 2] = [|keep| keep.end(&note()).unwrap(), |keep| keep.forget().unwrap()];
        for over in over {
            keep.write(&note(), &tokens).unwrap();
            assert!(keep.resting() == Resting::Keychain && drawer.held().is_some());
            drawer.shut(true);
            keep.write(&note(), &tokens).unwrap();
            assert_eq!(keep.resting(), Resting::File);
            drawer.shut(false);
            over(&keep);
            assert_eq!(drawer.held(), None);
        }
    }

    #[test]
    fn a_sign_in_is_private_is_ended_and_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path());
        let keep = Keep::new(&home, "http://h:1");
        assert!(keep.read().unwrap().is_none());
        let note = note();
        let tokens = Tokens { refresh: "very secret".into(), access: "x".into(), until: 9 };
        keep.write(&note, &tokens).unwrap();
        assert!(keep.read().unwrap().unwrap().1 == Some(tokens));
        assert_eq!(keep.resting(), Resting::File);
        let path = home.account_file("http://h:1");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        keep.end(&note).unwrap();
        let (ended, tokens) = keep.read().unwrap().unwrap();
        assert!(ended.ended && tokens.is_none() && ended.account.email == "ada@example.org");
        assert!(!std::fs::read_to_string(&path).unwrap().contains("very secret"));
        keep.forget().unwrap();
        keep.forget().unwrap();
        assert!(keep.read().unwrap().is_none());
    }
}
