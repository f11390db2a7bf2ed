//! Accounts of a deployment: everything about them beside its lectures in PostgreSQL, but for passwords where a user pool keeps them;
//! letters by SES, and identities from an identity pool.

use std::sync::Arc;

use anyhow::{Context, bail};
use synapscribe_aws::{PoolIdentities, PoolProofs, SesMail, secrets};
use synapscribe_ports::Clock;
use synapscribe_ports::accounts::{Admission, Proofs};
use synapscribe_sql::{PostgresAccounts, PostgresLibrary, PostgresProofs};
use synapscribe_usecases::Sharing;
use synapscribe_usecases::accounts::{Admitting, Errands, Reception, Vouching};
use synapscribe_vault::{Cost, PepperedSecrets, Signer, SlowHashes, Terms};

use crate::deployment::Deployment;
use crate::settings::{Accounts, Tokens, UserPool};
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

/// What people with accounts have beside what guests have, for functions that they reach by a signature.
pub struct Members {
    /// Classes.
    pub sharing: Sharing,
    /// Where the access token beside a signature is looked at.
    pub vouching: Vouching,
}

/// Whom a deployment knows, and what makes and digests their codes.
struct People {
    store: PostgresLibrary,
    secrets: Arc<PepperedSecrets>,
    accounts: Arc<PostgresAccounts>,
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
        let people = people?;
        let (tokens, admitting) = self.admitting(&settings.issuer, &people);
        let People { store, secrets, accounts } = people;
        let proofs: Arc<dyn Proofs> = match pool {
            Some(pool) => pool,
            None => Arc::new(PostgresProofs::new(store.clone(), Arc::new(SlowHashes::new(Cost::USUAL, AT_ONCE)))),
        };
        let (records, clock): (_, Arc<dyn Clock>) = (Arc::new(store), Arc::clone(&self.clock));
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
            connections: Some(Arc::clone(&self.connections)),
            errands: Errands::default(),
            invited_only: settings.invited_only,
            ids: Arc::clone(&self.ids),
            clock,
        };
        Ok(Desk { reception, admission: Arc::new(admitting) })
    }

    /// Puts classes together, whose teachers have accounts, and the look at access tokens; no service is called but for the secret of
    /// accounts. What proves who people are is nothing to it.
    pub async fn members(&self, tokens: &Tokens) -> anyhow::Result<Members> {
        let people = self.people(&tokens.secret).await?;
        let vouching = self.vouched(&tokens.issuer, &people);
        let People { store, secrets, accounts } = people;
        let sharing = Sharing {
            library: Arc::clone(&self.library),
            accounts,
            limits: Arc::new(store),
            secrets,
            connections: Arc::clone(&self.connections),
            audience: Arc::clone(&self.audience),
            ids: Arc::clone(&self.ids),
            clock: Arc::clone(&self.clock),
        };
        Ok(Members { sharing, vouching })
    }

    /// The look at access tokens alone.
    pub async fn vouching(&self, tokens: &Tokens) -> anyhow::Result<Vouching> {
        Ok(self.vouched(&tokens.issuer, &self.people(&tokens.secret).await?))
    }

    fn vouched(&self, issuer: &str, people: &People) -> Vouching {
        let (_, admitting) = self.admitting(issuer, people);
        Vouching::new(Arc::new(admitting), Arc::clone(&self.clock))
    }

    /// What makes access tokens, and the one check of them.
    fn admitting(&self, issuer: &str, people: &People) -> (Arc<Signer>, Admitting) {
        let (records, clock) = (Arc::new(people.store.clone()), &self.clock);
        let tokens = Arc::new(Signer::new(Arc::clone(&records) as _, Arc::clone(clock), issuer, Terms::default()));
        let accounts = Arc::clone(&people.accounts);
        let admitting = Admitting::new(Arc::clone(&tokens) as _, records, accounts, Arc::clone(clock));
        (tokens, admitting)
    }

    /// The database that knows people, and what makes and digests their codes, by the name of its secret.
    async fn people(&self, secret: &str) -> anyhow::Result<People> {
        let Some(store) = self.shared.clone() else {
            bail!("accounts are kept in PostgreSQL; name a server in SYNAPSCRIBE_DATABASE");
        };
        let secret = secrets::read(&self.config, secret).await?;
        let secrets = Arc::new(PepperedSecrets::new(pepper(secret.reveal())?));
        let accounts = Arc::new(PostgresAccounts::new(store.clone(), Arc::clone(&secrets) as _));
        Ok(People { store, secrets, accounts })
    }
}

/// The key of codes and tokens, from a secret of at least as many letters, as Secrets Manager makes one up.
fn pepper(text: &str) -> anyhow::Result<[u8; 32]> {
    let first = text.as_bytes().first_chunk::<32>();
    first.copied().context("the secret of accounts has fewer than 32 letters; let Secrets Manager make one up")
}
