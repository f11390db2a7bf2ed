//! The durable queue. It knows nothing of what a job does.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use synapscribe_domain::Timestamp;
use synapscribe_ports::jobs::{AT_ONCE, DOUBLINGS, REST_MS};
use synapscribe_ports::{Buried, Job, Jobs, Lane, Leased, StoreResult};

use crate::sqlite::{fault, wait_for_disk};
use crate::store::{Store, from_json, to_json};

/// Nobody rings for jobs of other processes, for ended leases or for retries that come due, so a worker looks this often.
const GLANCE: Duration = Duration::from_secs(1);
/// Due since ever.
const NOW: i64 = i64::MIN;

#[async_trait]
impl Jobs for Store {
    async fn enqueue(&self, key: &str, job: &Job, now: Timestamp) -> StoreResult<()> {
        let mut writer = self.writer().acquire().await.map_err(fault)?;
        // Whoever hears that a job was taken relies on it, so this one write waits for the disk, and with it all before it.
        wait_for_disk(&mut writer, true).await?;
        let stored = sqlx::query(
            "INSERT INTO jobs (key, job, due, lane) VALUES ($1, $2, $3, $4)
             ON CONFLICT (key) WHERE state <> 'buried' DO UPDATE SET again = excluded.job WHERE state = 'leased'",
        )
        .bind(key)
        .bind(to_json(job)?)
        .bind(now.0)
        .bind(job.lane().name())
        .execute(&mut *writer)
        .await;
        wait_for_disk(&mut writer, false).await?;
        stored.map_err(fault)?;
        self.bell(job.lane()).notify_one();
        Ok(())
    }

    async fn lease(&self, lane: Lane, now: Timestamp, until: Timestamp) -> StoreResult<Option<Leased>> {
        loop {
            // A lease that ended was not given back: whoever held it has ended, which is no attempt.
            let taken: Option<(i64, String, u32, u32)> = sqlx::query_as(
                "UPDATE jobs SET state = 'leased', due = $2, attempt = attempt + (state = 'waiting'),
                        interrupted = interrupted + (state = 'leased'), again = NULL
                 WHERE id = (SELECT id FROM jobs WHERE state <> 'buried' AND lane = $3 AND due <= $1 ORDER BY id LIMIT 1)
                 RETURNING id, job, attempt, interrupted",
            )
            .bind(now.0)
            .bind(until.0)
            .bind(lane.name())
            .fetch_optional(self.writer())
            .await
            .map_err(fault)?;
            let Some((id, job, attempt, interrupted)) = taken else { return Ok(None) };
            // The bell wakes one worker; where there was one job there may be another for the next worker.
            self.bell(lane).notify_one();
            match from_json(&job) {
                Ok(job) => return Ok(Some(Leased { id, job, attempt, interrupted })),
                // A job that nobody can read would come back for ever and hold up those behind it.
                Err(error) => {
                    tracing::error!(job.id = id, %error, "a stored job cannot be read and was set aside");
                    self.bury(id, &error.to_string()).await?;
                }
            }
        }
    }

    async fn extend(&self, id: i64, until: Timestamp) -> StoreResult<()> {
        sqlx::query("UPDATE jobs SET due = $2 WHERE id = $1 AND state = 'leased'")
            .bind(id)
            .bind(until.0)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn complete(&self, id: i64) -> StoreResult<()> {
        self.end(id, sqlx::query("DELETE FROM jobs WHERE id = $1 AND state <> 'buried'").bind(id)).await
    }

    async fn retry(&self, id: i64, at: Timestamp, reason: &str) -> StoreResult<()> {
        self.again(id, at, reason, 0).await
    }

    async fn put_off(&self, id: i64, at: Timestamp, reason: &str) -> StoreResult<()> {
        self.again(id, at, reason, 1).await
    }

    async fn bury(&self, id: i64, reason: &str) -> StoreResult<()> {
        let bury = "UPDATE jobs SET state = 'buried', reason = $2, again = NULL WHERE id = $1 AND state <> 'buried'";
        self.end(id, sqlx::query(bury).bind(id).bind(reason)).await
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let gone = sqlx::query("DELETE FROM jobs WHERE state = 'buried' AND due < $1")
            .bind(before.0)
            .execute(self.writer())
            .await
            .map_err(fault)?;
        Ok(gone.rows_affected())
    }

    async fn buried(&self, most: u32) -> StoreResult<Vec<Buried>> {
        let rows: Vec<(String, Option<String>, i64)> =
            sqlx::query_as("SELECT job, reason, due FROM jobs WHERE state = 'buried' ORDER BY due DESC, id DESC LIMIT $1")
                .bind(most)
                .fetch_all(self.reader())
                .await
                .map_err(fault)?;
        // One that cannot be read any more was told of when it was set aside.
        let read = |(job, reason, due): (String, Option<String>, i64)| {
            let job = from_json(&job).ok()?;
            Some(Buried { job, reason: reason.unwrap_or_default(), due: Timestamp(due) })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    async fn recover(&self, now: Timestamp) -> StoreResult<u64> {
        let freed = sqlx::query(
            "UPDATE jobs SET state = 'waiting', attempt = attempt - 1, interrupted = interrupted + 1,
                    due = CASE WHEN interrupted < $3 THEN $1 ELSE $2 + ($4 << MIN(interrupted - $3, $5)) END
             WHERE state = 'leased'",
        )
        .bind(NOW)
        .bind(now.0)
        .bind(AT_ONCE)
        .bind(REST_MS)
        .bind(DOUBLINGS)
        .execute(self.writer())
        .await
        .map_err(fault)?;
        self.ring_all();
        Ok(freed.rows_affected())
    }

    async fn wait(&self, lane: Lane) {
        tokio::select! {
            () = self.bell(lane).notified() => {}
            () = tokio::time::sleep(GLANCE) => {}
        }
    }

    async fn depth(&self) -> StoreResult<(u64, u64, u64)> {
        let (waiting, leased, buried): (i64, i64, i64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'leased'),
                    count(*) FILTER (WHERE state = 'buried') FROM jobs",
        )
        .fetch_one(self.reader())
        .await
        .map_err(fault)?;
        Ok((waiting as u64, leased as u64, buried as u64))
    }
}

impl Store {
    /// Ends a job. One that came under its key while it ran waits from now on.
    async fn end(&self, id: i64, ending: Query<'_, Sqlite, SqliteArguments>) -> StoreResult<()> {
        let mut tx = self.begin().await?;
        let again: Option<(String, String, String)> =
            sqlx::query_as("SELECT key, again, lane FROM jobs WHERE id = $1 AND again IS NOT NULL AND state = 'leased'")
                .bind(id)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fault)?;
        ending.execute(&mut *tx).await.map_err(fault)?;
        let waits = again.is_some();
        if let Some((key, job, lane)) = again {
            sqlx::query("INSERT INTO jobs (key, job, due, lane) VALUES ($1, $2, $3, $4)")
                .bind(key)
                .bind(job)
                .bind(NOW)
                .bind(lane)
                .execute(&mut *tx)
                .await
                .map_err(fault)?;
        }
        tx.commit().await.map_err(fault)?;
        if waits {
            self.ring_all();
        }
        Ok(())
    }

    /// Has a job wait again, with so many of its attempts taken back.
    async fn again(&self, id: i64, at: Timestamp, reason: &str, untried: u32) -> StoreResult<()> {
        sqlx::query(
            "UPDATE jobs SET state = 'waiting', due = $2, reason = $3, attempt = attempt - $4
             WHERE id = $1 AND state = 'leased'",
        )
        .bind(id)
        .bind(at.0)
        .bind(reason)
        .bind(untried)
        .execute(self.writer())
        .await
        .map_err(fault)?;
        self.ring_all();
        Ok(())
    }
}
