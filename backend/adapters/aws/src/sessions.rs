//! Sessions in DynamoDB: a record is changed by comparing its version. It knows nothing of how a question is answered.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use futures::{StreamExt, TryStreamExt, stream};
use synapscribe_domain::time::DAY_MS;
use synapscribe_domain::{About, PersonId, Session, SessionId, SessionSummary, Source, Timestamp, Turn};
use synapscribe_ports::{SessionChange, Sessions, StoreError, StoreResult};

use crate::SdkConfig;
use crate::fault::fault;
use crate::items::{Item, held, item, number, read_number, read_record, record, seconds, text, whole_seconds};
use crate::tables::{SESSIONS, TURNS, Tables};

/// A change is tried so often on what others stored in between.
const TRIES: u32 = 20;
/// Turns outlive the last moment they were renewed for by this, so that they need not be renewed at every question.
const SPARE_MS: i64 = DAY_MS;
/// Sessions whose turns are read at once.
const AT_ONCE: usize = 8;

/// Sessions and turns in two tables.
#[derive(Debug, Clone)]
pub struct DynamoSessions {
    pub(crate) client: Client,
    pub(crate) table: String,
    pub(crate) turns: String,
}

/// A record as it is stored.
pub(crate) struct Stored {
    pub(crate) session: Session,
    version: i64,
    /// Until when its turns are kept, in seconds.
    pub(crate) turns_until: i64,
}

impl DynamoSessions {
    /// The sessions of a deployment.
    pub fn new(config: &SdkConfig, tables: &Tables) -> Self {
        Self { client: Client::new(config), table: tables.name(&SESSIONS), turns: tables.name(&TURNS) }
    }

    /// The record under a name. Two people who chose the same name at the same moment may have stored two until one lets go; the first
    /// counts.
    async fn find(&self, id: &SessionId) -> StoreResult<Option<Stored>> {
        Ok(self.under(id, 1).await?.pop())
    }

    /// At most so many of the records under a name.
    async fn under(&self, id: &SessionId, most: i32) -> StoreResult<Vec<Stored>> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("sessionId = :id")
            .expression_attribute_values(":id", text(id.as_str()))
            .limit(most)
            .send()
            .await
            .map_err(fault)?;
        found.items().iter().map(read).collect()
    }

    /// Stores a record unless the one that stands there is not `version`; none has version 0.
    async fn put(&self, stored: &Stored) -> StoreResult<bool> {
        let session = &stored.session;
        let item = item([
            ("sessionId", text(session.id.as_str())),
            ("lectureId", text(session.about.name())),
            ("ownerId", text(session.owner.as_str())),
            ("activeAt", number(session.active.0)),
            ("endsAt", number(session.expires.0)),
            ("expiresAt", seconds(session.expires)),
            ("turnsUntil", number(stored.turns_until)),
            ("version", number(stored.version + 1)),
            ("record", record(session)?),
        ]);
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = match stored.version {
            0 => put.condition_expression("attribute_not_exists(sessionId)"),
            version => put
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":version", number(version)),
        };
        held(put.send().await)
    }

    /// Removes a record as it stands, and says whether it was still that one.
    async fn remove(&self, stored: &Stored) -> StoreResult<bool> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("sessionId", text(stored.session.id.as_str()))
            .key("lectureId", text(stored.session.about.name()))
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", number(stored.version));
        held(delete.send().await)
    }

    /// A person's sessions from the index, which may be a moment old.
    async fn listed(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<Session>> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byOwner")
            .key_condition_expression("ownerId = :owner")
            .filter_expression("endsAt > :now")
            .expression_attribute_values(":owner", text(person.as_str()))
            .expression_attribute_values(":now", number(now.0))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let mut sessions = Vec::new();
        while let Some(found) = pages.next().await {
            let session = read(&found.map_err(fault)?)?.session;
            if of.is_none_or(|source| session.about == About::from(source.clone())) {
                sessions.push(session);
            }
        }
        Ok(sessions)
    }
}

#[async_trait]
impl Sessions for DynamoSessions {
    async fn add_session(&self, session: &Session) -> StoreResult<()> {
        if let Some(old) = self.find(&session.id).await?
            && (old.session.expires > session.active || !self.remove(&old).await?)
        {
            return Err(StoreError::Conflict);
        }
        // Whoever takes a name must not get the turns of whoever had it.
        self.remove_turns(&session.id).await?;
        let fresh = Stored { session: session.clone(), version: 0, turns_until: spare(session) };
        if !self.put(&fresh).await? {
            return Err(StoreError::Conflict);
        }
        // The key holds what it is about as well, so another may have taken the name for something else meanwhile. Whoever sees
        // another's beside their own lets go: the one whose record came later always does, and at worst both do.
        match self.under(&session.id, 2).await?.as_slice() {
            [only] if only.session.about == session.about => Ok(()),
            _ => {
                self.remove(&Stored { version: 1, ..fresh }).await?;
                Err(StoreError::Conflict)
            }
        }
    }

    async fn change_session(&self, id: &SessionId, change: &SessionChange<'_>) -> StoreResult<Session> {
        for _ in 0..TRIES {
            let mut stored = self.find(id).await?.ok_or(StoreError::Gone)?;
            change(&mut stored.session);
            let renewed = whole_seconds(stored.session.expires) > stored.turns_until;
            if renewed {
                stored.turns_until = spare(&stored.session);
            }
            if self.put(&stored).await? {
                if renewed {
                    self.renew_turns(id, stored.turns_until).await?;
                }
                return Ok(stored.session);
            }
        }
        Err(StoreError::Conflict)
    }

    async fn session(&self, id: &SessionId, now: Timestamp) -> StoreResult<Option<Session>> {
        Ok(self.find(id).await?.map(|stored| stored.session).filter(|session| now < session.expires))
    }

    async fn sessions(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<Session>> {
        self.listed(person, of, now).await
    }

    async fn summaries(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<SessionSummary>> {
        let sessions = self.listed(person, of, now).await?;
        let summed = |session: Session| async move {
            let turns = self.turns(&session.id).await?;
            Ok(SessionSummary::of(session, &turns))
        };
        stream::iter(sessions).map(summed).buffered(AT_ONCE).try_collect().await
    }

    async fn delete_session(&self, id: &SessionId) -> StoreResult<()> {
        // The record goes first: without it no turn is stored any more.
        for _ in 0..TRIES {
            match self.find(id).await? {
                Some(stored) => drop(self.remove(&stored).await?),
                None => return self.remove_turns(id).await,
            }
        }
        Err(StoreError::Conflict)
    }

    async fn save_turn(&self, turn: &Turn) -> StoreResult<()> {
        let stored = self.find(&turn.session).await?.ok_or(StoreError::Gone)?;
        self.store_turn(turn, &stored).await
    }

    async fn turns(&self, id: &SessionId) -> StoreResult<Vec<Turn>> {
        self.stored_turns(id).await
    }

    async fn expire(&self, now: Timestamp) -> StoreResult<u64> {
        // The time to live does this in a deployment; a whole table is only read where somebody asks for it.
        let mut pages = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression("endsAt <= :now")
            .expression_attribute_values(":now", number(now.0))
            .into_paginator()
            .items()
            .send();
        let mut gone = 0;
        while let Some(found) = pages.next().await {
            let stored = read(&found.map_err(fault)?)?;
            if self.remove(&stored).await? {
                self.remove_turns(&stored.session.id).await?;
                gone += 1;
            }
        }
        Ok(gone)
    }
}

/// Until when turns are kept that are stored or renewed now, in seconds.
fn spare(session: &Session) -> i64 {
    whole_seconds(session.expires.plus(SPARE_MS))
}

fn read(item: &Item) -> StoreResult<Stored> {
    Ok(Stored {
        session: read_record(item)?,
        version: read_number(item, "version")?,
        turns_until: read_number(item, "turnsUntil")?,
    })
}
