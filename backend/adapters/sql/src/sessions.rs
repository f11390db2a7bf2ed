//! Sessions and their turns. It knows nothing of how a turn goes on, only whether it has ended.

use async_trait::async_trait;
use synapscribe_domain::{PersonId, Session, SessionId, SessionSummary, Source, Timestamp, Turn};
use synapscribe_ports::{SessionChange, Sessions, StoreError, StoreResult};

use crate::sqlite::fault;
use crate::store::{Store, from_json, to_json};

#[async_trait]
impl Sessions for Store {
    async fn add_session(&self, session: &Session) -> StoreResult<()> {
        let mut tx = self.begin().await?;
        // One that expired and was not swept yet is gone for everybody; whoever takes its name must not get its turns.
        sqlx::query("DELETE FROM sessions WHERE id = $1 AND expires <= $2")
            .bind(session.id.as_str())
            .bind(session.active.0)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        sqlx::query("INSERT INTO sessions (id, owner, about, active, expires, record) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(session.id.as_str())
            .bind(session.owner.as_str())
            .bind(session.about.name())
            .bind(session.active.0)
            .bind(session.expires.0)
            .bind(to_json(session)?)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)
    }

    async fn change_session(&self, id: &SessionId, change: &SessionChange<'_>) -> StoreResult<Session> {
        let mut tx = self.begin().await?;
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM sessions WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(fault)?;
        let mut session: Session = from_json(&record.ok_or(StoreError::Gone)?)?;
        change(&mut session);
        sqlx::query("UPDATE sessions SET owner = $2, about = $3, active = $4, expires = $5, record = $6 WHERE id = $1")
            .bind(id.as_str())
            .bind(session.owner.as_str())
            .bind(session.about.name())
            .bind(session.active.0)
            .bind(session.expires.0)
            .bind(to_json(&session)?)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(session)
    }

    async fn session(&self, id: &SessionId, now: Timestamp) -> StoreResult<Option<Session>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM sessions WHERE id = $1 AND expires > $2")
            .bind(id.as_str())
            .bind(now.0)
            .fetch_optional(self.reader())
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn sessions(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<Session>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM sessions WHERE owner = $1 AND expires > $2 AND ($3 IS NULL OR about = $3)
             ORDER BY active DESC, id DESC",
        )
        .bind(person.as_str())
        .bind(now.0)
        .bind(of.map(Source::name))
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn summaries(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<SessionSummary>> {
        let rows: Vec<(String, u32, Option<String>)> = sqlx::query_as(
            "SELECT s.record, (SELECT count(*) FROM turns t WHERE t.session = s.id),
                    (SELECT t.record FROM turns t WHERE t.session = s.id AND t.record ->> '$.question' <> ''
                     ORDER BY t.asked, t.n LIMIT 1)
             FROM sessions s WHERE s.owner = $1 AND s.expires > $2 AND ($3 IS NULL OR s.about = $3)
             ORDER BY s.active DESC, s.id DESC",
        )
        .bind(person.as_str())
        .bind(now.0)
        .bind(of.map(Source::name))
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        let summary = |(session, turns, first): (String, u32, Option<String>)| {
            let first = first.as_deref().map(from_json::<Turn>).transpose()?;
            Ok(SessionSummary { session: from_json(&session)?, turns, first_question: first.map(|turn| turn.question) })
        };
        rows.into_iter().map(summary).collect()
    }

    async fn delete_session(&self, id: &SessionId) -> StoreResult<()> {
        sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id.as_str()).execute(self.writer()).await.map_err(fault)?;
        Ok(())
    }

    /// A turn of a session that is gone is refused, so that a late answer leaves no trace.
    async fn save_turn(&self, turn: &Turn) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO turns (session, query, asked, final, record) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (session, query) DO UPDATE SET asked = excluded.asked, final = excluded.final, record = excluded.record
                 WHERE turns.final = 0 OR excluded.final = 1",
        )
        .bind(turn.session.as_str())
        .bind(turn.query.as_str())
        .bind(turn.asked.0)
        .bind(turn.state.is_final())
        .bind(to_json(turn)?)
        .execute(self.writer())
        .await
        .map_err(fault)?;
        Ok(())
    }

    async fn turns(&self, id: &SessionId) -> StoreResult<Vec<Turn>> {
        let records: Vec<String> = sqlx::query_scalar("SELECT record FROM turns WHERE session = $1 ORDER BY asked, n")
            .bind(id.as_str())
            .fetch_all(self.reader())
            .await
            .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn expire(&self, now: Timestamp) -> StoreResult<u64> {
        let gone =
            sqlx::query("DELETE FROM sessions WHERE expires <= $1").bind(now.0).execute(self.writer()).await.map_err(fault)?;
        Ok(gone.rows_affected())
    }
}
