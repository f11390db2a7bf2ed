//! Accounts of a deployment: everything about them beside its lectures in PostgreSQL, but for passwords where a user pool keeps them;
//! letters by SES, and identities from an identity pool.

use std::sync::Arc;

use anyhow::{Context, bail};
use synapscribe_aws::{PoolIdentities, PoolProofs, SesMail, secrets};
use synapscribe_ports::Clock;
use synapscribe_ports::accounts::{Admission, Proofs};
use synapscribe_sql::{PostgresAccounts, PostgresLibrary, PostgresProofs};
use synapscribe_usecases::Sharing;
use synapscribe_usecases::accounts::{Admitting, Errands, Reception};
use synapscribe_vault::{Cost, PepperedSecrets, Signer, SlowHashes, Terms};

use crate::deployment::Deployment;
use crate::settings::{Accounts, UserPool};
use crate::warming::reach;

/// Passwords hashed at once: a function handles one request at a time.
const AT_ONCE: usize = 1;

/// What accounts are handled with, and where their access tokens are looked at.
pub struct Desk {
    /// Everything about accounts.
    pub reception: Reception,
    /// Who shows an access token.
    pub admission: Arc<dyn Admission>,
}

impl Deployment {
    /// Puts accounts together, and reaches whoever is needed for them alone. Only the secret has to be there.
    pub async fn accounts(&self, settings: &Accounts) -> anyhow::Result<Desk> {
        let mail = Arc::new(SesMail::new(&self.config, &settings.mail_from));
        let identities = Arc::new(PoolIdentities::new(&self.config, &settings.pool));
        let pool = settings.user_pool.as_ref();
        let pool = pool.map(|UserPool { id, client }| Arc::new(PoolProofs::new(&self.config, id, client)));
        let (people, (), (), ()) = tokio::join!(
            self.people(&settings.secret),
            reach("the service of letters", mail.reach()),
            reach("the identity pool", identities.reach()),
            async {
                if let Some(pool) = &pool {
                    reach("the user pool", pool.reach()).await;
                }
            }
        );
        let (store, secrets) = people?;
        let accounts = Arc::new(PostgresAccounts::new(store.clone(), Arc::clone(&secrets) as _));
        let proofs: Arc<dyn Proofs> = match pool {
            Some(pool) => pool,
            None => Arc::new(PostgresProofs::new(store.clone(), Arc::new(SlowHashes::new(Cost::USUAL, AT_ONCE)))),
        };
        let (records, clock): (_, Arc<dyn Clock>) = (Arc::new(store), Arc::clone(&self.clock));
        let tokens = Arc::new(Signer::new(Arc::clone(&records) as _, Arc::clone(&clock), &settings.issuer, Terms::default()));
        let admitting =
            Admitting::new(Arc::clone(&tokens) as _, Arc::clone(&records) as _, Arc::clone(&accounts) as _, Arc::clone(&clock));
        let reception = Reception {
            accounts,
            proofs,
            sign_ins: Arc::clone(&records) as _,
            invitations: Arc::clone(&records) as _,
            limits: Arc::clone(&records) as _,
            audit: records,
            mail,
            tokens,
            identities,
            secrets,
            admitting: admitting.clone(),
            errands: Errands::default(),
            invited_only: settings.invited_only,
            ids: Arc::clone(&self.ids),
            clock,
        };
        Ok(Desk { reception, admission: Arc::new(admitting) })
    }

    /// Puts classes together, whose teachers have accounts; no service is called but for the secret of these. What proves who they
    /// are is nothing to it.
    pub async fn sharing(&self, secret: &str) -> anyhow::Result<Sharing> {
        let (store, secrets) = self.people(secret).await?;
        Ok(Sharing {
            library: Arc::clone(&self.library),
            accounts: Arc::new(PostgresAccounts::new(store.clone(), Arc::clone(&secrets) as _)),
            limits: Arc::new(store),
            secrets,
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            ids: Arc::clone(&self.ids),
            clock: Arc::clone(&self.clock),
        })
    }

    /// The database that knows people, and what makes and digests their codes, by the name of its secret.
    async fn people(&self, secret: &str) -> anyhow::Result<(PostgresLibrary, Arc<PepperedSecrets>)> {
        let Some(store) = self.shared.clone() else {
            bail!("accounts are kept in PostgreSQL; name a server in SYNAPSCRIBE_DATABASE");
        };
        let secret = secrets::read(&self.config, secret).await?;
        Ok((store, Arc::new(PepperedSecrets::new(pepper(secret.reveal())?))))
    }
}

/// The key of codes and tokens, from a secret of at least as many letters, as Secrets Manager makes one up.
fn pepper(text: &str) -> anyhow::Result<[u8; 32]> {
    let first = text.as_bytes().first_chunk::<32>();
    first.copied().context("the secret of accounts has fewer than 32 letters; let Secrets Manager make one up")
}
