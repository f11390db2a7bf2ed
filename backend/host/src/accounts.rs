//! Accounts on one machine: everything about them in the host's own database, letters in a folder beside it.

use std::path::Path;
use std::sync::Arc;

use synapscribe_domain::Timestamp;
use synapscribe_domain::time::DAY_MS;
use synapscribe_local::{Keyring, MailFolder};
use synapscribe_ports::accounts::Admission;
use synapscribe_ports::{Audience, Clock, Connections, Ids, Library};
use synapscribe_protocol::discovery::AccountsHere;
use synapscribe_sql::{SqlAccounts, SqlProofs, Store};
use synapscribe_usecases::accounts::{Admitting, Errands, Leaving, Reception};
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::sharing::Sharing;
use synapscribe_vault::{Cost, PepperedSecrets, Signer, SlowHashes, Terms};

/// The folder of letters within the data folder.
pub(crate) const OUTBOX: &str = "outbox";

/// Codes in letters are over after a day; what else they say nobody needs for longer than this.
const LETTERS_MS: i64 = 7 * DAY_MS;

/// Accounts and what goes with them.
#[derive(Clone)]
pub(crate) struct Accounts {
    pub reception: Reception,
    pub admission: Arc<dyn Admission>,
    letters: MailFolder,
}

impl Accounts {
    /// Puts them together. Nothing slow is done yet: the first signing key is made when somebody signs in.
    pub fn new(
        data: &Path,
        store: &Store,
        keyring: &Arc<Keyring>,
        ids: Arc<dyn Ids>,
        clock: Arc<dyn Clock>,
        issuer: &str,
        invited_only: bool,
    ) -> Self {
        let at_once = std::thread::available_parallelism().map_or(2, usize::from);
        let passwords = Arc::new(SlowHashes::new(Cost::USUAL, at_once));
        let secrets = Arc::new(PepperedSecrets::new(keyring.derived("accounts")));
        let accounts = Arc::new(SqlAccounts::new(store.clone(), Arc::clone(&secrets) as _));
        let records = Arc::new(store.clone());
        let tokens = Arc::new(Signer::new(Arc::clone(&records) as _, Arc::clone(&clock), issuer, Terms::default()));
        let letters = MailFolder::new(data.join(OUTBOX), Arc::clone(&clock));
        let admitting =
            Admitting::new(Arc::clone(&tokens) as _, Arc::clone(&records) as _, Arc::clone(&accounts) as _, Arc::clone(&clock));
        let reception = Reception {
            accounts,
            proofs: Arc::new(SqlProofs::new(store.clone(), passwords)),
            sign_ins: Arc::clone(&records) as _,
            invitations: Arc::clone(&records) as _,
            limits: Arc::clone(&records) as _,
            audit: records,
            mail: Arc::new(letters.clone()),
            tokens,
            identities: Arc::clone(keyring) as _,
            secrets,
            admitting: admitting.clone(),
            // A socket of the host's looks by itself.
            connections: None,
            errands: Errands::default(),
            invited_only,
            ids,
            clock,
        };
        Self { reception, admission: Arc::new(admitting), letters }
    }

    /// What a client has to know of them but their address, which goes by how it reaches this host.
    pub fn here(&self) -> AccountsHere {
        AccountsHere {
            url: String::new(),
            issuer: self.admission.issuer(),
            invited_only: self.reception.invited_only,
            mail: "outbox".into(),
        }
    }

    /// What the routes call.
    pub fn context(&self, reading: Reading, shelf: Shelf) -> lambda_accounts::Context {
        let reception = self.reception.clone();
        let leaving = Leaving { reception: reception.clone(), reading, shelf };
        lambda_accounts::Context { leaving, reception, largest: usize::MAX }
    }

    /// Classes, and who is shown what.
    pub fn sharing(&self, library: Arc<dyn Library>, connections: Arc<dyn Connections>, audience: Arc<dyn Audience>) -> Sharing {
        let Reception { accounts, limits, secrets, ids, clock, .. } = self.reception.clone();
        Sharing { library, accounts, limits, secrets, connections, audience, ids, clock }
    }

    /// Removes what is over.
    pub async fn sweep(&self, now: Timestamp) {
        if let Err(refused) = self.reception.sweep().await {
            tracing::warn!(code = refused.failure().code.as_str(), "what is over of accounts could not be removed");
        }
        let letters = self.letters.clone();
        match tokio::task::spawn_blocking(move || letters.forget(now.plus(-LETTERS_MS))).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "old letters could not be removed"),
            Err(error) => tracing::warn!(%error, "old letters could not be removed"),
        }
    }
}

/// A letter that the host wrote instead of sending it.
pub use synapscribe_local::mail::Kept as KeptLetter;

/// The letters of the host on this folder, the latest first, for whoever may read it.
pub fn letters(data: &Path) -> std::io::Result<Vec<KeptLetter>> {
    synapscribe_local::mail::letters(&data.join(OUTBOX))
}
