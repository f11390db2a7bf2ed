//! Sessions and their turns. It knows nothing of how a turn goes on, only whether it has ended.

use async_trait::async_trait;
use synapscribe_domain::{LectureId, PersonId, Session, SessionId, Timestamp, Turn};
use synapscribe_ports::{Sessions, StoreResult};

use crate::sqlite::fault;
use crate::store::{Store, from_json, to_json};

#[async_trait]
impl Sessions for Store {
    async fn save_session(&self, session: &Session) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO sessions (id, owner, lecture, active, expires, record) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, lecture = excluded.lecture, active = excluded.active,
                 expires = excluded.expires, record = excluded.record",
        )
        .bind(session.id.as_str())
        .bind(session.owner.as_str())
        .bind(session.lecture.as_str())
        .bind(session.active.0)
        .bind(session.expires.0)
        .bind(to_json(session)?)
        .execute(self.writer())
        .await
        .map_err(fault)?;
        Ok(())
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

    async fn sessions(&self, person: &PersonId, lecture: Option<&LectureId>, now: Timestamp) -> StoreResult<Vec<Session>> {
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM sessions WHERE owner = $1 AND expires > $2 AND ($3 IS NULL OR lecture = $3)
             ORDER BY active DESC, id DESC",
        )
        .bind(person.as_str())
        .bind(now.0)
        .bind(lecture.map(LectureId::as_str))
        .fetch_all(self.reader())
        .await
        .map_err(fault)?;
        records.iter().map(|record| from_json(record)).collect()
    }

    async fn delete_session(&self, id: &SessionId) -> StoreResult<()> {
        sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id.as_str()).execute(self.writer()).await.map_err(fault)?;
        Ok(())
    }

    /// A turn of a session that is gone is refused as a conflict, so that a late answer leaves no trace.
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
