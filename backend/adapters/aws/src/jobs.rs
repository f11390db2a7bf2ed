//! The durable queue: DynamoDB holds every job, and bells ring for those who wait. Knows nothing of what jobs do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, Select, TransactWriteItem, Update};
use synapscribe_domain::Timestamp;
use synapscribe_domain::time::DAY_MS;
use synapscribe_ports::jobs::rest_ms;
use synapscribe_ports::{Buried, Clock, Job, Jobs, Lane, Leased, StoreError, StoreResult, SystemClock};

use crate::SdkConfig;
use crate::bells::{Bells, Queues};
use crate::fault::fault;
use crate::items::{Item, held, item, number, read_number, read_text, seconds, text};
use crate::tables::{JOBS, Tables};
use crate::turns::{Outcome, transact, unbuilt};

/// Where buried jobs lie.
const BURIED: &str = "buried";
/// A job that failed for good is kept this long.
const BURIED_MS: i64 = 7 * DAY_MS;
/// What others change meanwhile is looked at anew so often.
const TRIES: u32 = 10;
/// Due since ever.
const LONG_AGO: i64 = i64::MIN / 2;

/// Jobs in a table, with bells.
#[derive(Clone)]
pub struct QueuedJobs {
    client: Client,
    table: String,
    bells: Bells,
    clock: Arc<dyn Clock>,
    last: Arc<AtomicI64>,
}

impl QueuedJobs {
    /// The queue of a deployment.
    pub fn new(config: &SdkConfig, tables: &Tables, queues: Queues) -> Self {
        let last = Arc::new(AtomicI64::new(0));
        Self {
            client: Client::new(config),
            table: tables.name(&JOBS),
            bells: Bells::new(config, queues),
            clock: Arc::new(SystemClock),
            last,
        }
    }

    /// Makes the connection that the first ring would wait for.
    pub async fn reach(&self) -> StoreResult<()> {
        self.bells.reach().await
    }

    /// A name that sorts by the moment it was made, and tells the lane: milliseconds, 18 bits of chance, 2 bits of lane.
    fn fresh(&self, lane: Lane) -> i64 {
        let moment = self.clock.now().0 << 18 | i64::from(rand::random::<u32>() >> 14);
        let next = |last: i64| moment.max(last + 1);
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last))).unwrap_or_else(|l| l);
        next(last) << 2 | place(lane)
    }

    fn key(&self, id: i64) -> StoreResult<Item> {
        Ok(item([("lane", text(lane(id)?.name())), ("id", number(id))]))
    }

    /// A change of a job that somebody holds; any other stays.
    fn change_leased(&self, id: i64) -> StoreResult<UpdateItemFluentBuilder> {
        let update = self.client.update_item().table_name(&self.table).set_key(Some(self.key(id)?));
        Ok(update.condition_expression("held = :leased").expression_attribute_values(":leased", AttributeValue::Bool(true)))
    }

    async fn again(&self, id: i64, at: Timestamp, reason: &str, untried: i64) -> StoreResult<()> {
        let update = self
            .change_leased(id)?
            .update_expression("SET held = :waiting, due = :at, reason = :reason, attempt = attempt - :untried")
            .expression_attribute_values(":waiting", AttributeValue::Bool(false))
            .expression_attribute_values(":at", number(at.0))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":untried", number(untried));
        if held(update.send().await)? {
            self.bells.ring(lane(id)?, at.0.saturating_sub(self.clock.now().0)).await?;
        }
        Ok(())
    }

    /// The jobs of a lane, oldest first, as they stand now.
    fn jobs_of(&self, lane: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("lane = :lane")
            .expression_attribute_values(":lane", text(lane))
    }

    /// Takes a job, unless somebody else was faster. One that is held was held by a process that ended.
    async fn take(&self, found: &Item, until: Timestamp) -> StoreResult<Option<Leased>> {
        let id = read_number(found, "id")?;
        let counted = if is_held(found) { "interrupted" } else { "attempt" };
        let update = self
            .change_seen(found)?
            .update_expression(format!("SET held = :leased, due = :until, {counted} = {counted} + :one REMOVE again"))
            .expression_attribute_values(":leased", AttributeValue::Bool(true))
            .expression_attribute_values(":until", number(until.0))
            .expression_attribute_values(":one", number(1));
        if !held(update.send().await)? {
            return Ok(None);
        }
        let count = |name: &str| Ok::<_, StoreError>(read_number(found, name)? as u32 + u32::from(name == counted));
        match job_of(found) {
            Ok(job) => Ok(Some(Leased { id, job, attempt: count("attempt")?, interrupted: count("interrupted")? })),
            // A job that nobody can read would come back for ever and hold up those behind it.
            Err(error) => {
                tracing::error!(job.id = id, %error, "a stored job cannot be read and was set aside");
                self.bury(id, &error.to_string()).await?;
                Ok(None)
            }
        }
    }

    /// A change of a job that is still as it was found.
    fn change_seen(&self, found: &Item) -> StoreResult<UpdateItemFluentBuilder> {
        let mut update = self.client.update_item().table_name(&self.table).set_key(Some(self.key(read_number(found, "id")?)?));
        update = update.condition_expression(
            "due = :seenDue AND attempt = :seenAttempt AND interrupted = :seenInterrupted AND held = :seenHeld",
        );
        for (value, name) in [(":seenDue", "due"), (":seenAttempt", "attempt"), (":seenInterrupted", "interrupted")] {
            update = update.expression_attribute_values(value, number(read_number(found, name)?));
        }
        Ok(update.expression_attribute_values(":seenHeld", AttributeValue::Bool(is_held(found))))
    }

    /// A job that waits or runs, as it stands now.
    async fn read(&self, id: i64) -> StoreResult<Option<Item>> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(self.key(id)?)).consistent_read(true);
        Ok(get.send().await.map_err(fault)?.item)
    }

    /// Ends a job, and keeps it for an operator where there is a reason. One that came under its key while it ran waits from now
    /// on.
    async fn end(&self, id: i64, reason: Option<&str>) -> StoreResult<()> {
        for _ in 0..TRIES {
            let Some(mut job) = self.read(id).await? else { return Ok(()) };
            let again = job.remove("again");
            let mut writes = Vec::new();
            match &again {
                Some(again) => {
                    let (work, next) = (read_text(&job, "work")?, self.fresh(lane(id)?));
                    writes.push(self.pass_on(&job, next)?);
                    writes.push(self.remove(id, Some(again))?);
                    writes.push(self.put(entry(work, next, again.clone(), LONG_AGO)?, false)?);
                }
                None => writes.extend([self.free(&job)?, self.remove(id, None)?]),
            }
            if let Some(reason) = reason {
                job.insert("lane".into(), text(BURIED));
                job.insert("reason".into(), text(reason));
                // A question's words are in it, and nobody sweeps this table.
                job.insert("expiresAt".into(), seconds(self.clock.now().plus(BURIED_MS)));
                writes.push(self.put(job, false)?);
            }
            match transact(&self.client, writes).await? {
                // Another came meanwhile.
                Outcome::Refused(1) => {}
                Outcome::Written if again.is_some() => return self.bells.ring(lane(id)?, 0).await,
                // Where the key is not this job's any more, the job was ended meanwhile.
                Outcome::Written | Outcome::Refused(_) => return Ok(()),
            }
        }
        Err(StoreError::Conflict)
    }

    fn put(&self, fresh: Item, first: bool) -> StoreResult<TransactWriteItem> {
        let mut put = Put::builder().table_name(&self.table).set_item(Some(fresh));
        if first {
            put = put.condition_expression("attribute_not_exists(lane)");
        }
        Ok(TransactWriteItem::builder().put(put.build().map_err(unbuilt)?).build())
    }

    /// Removes a job if what came while it ran is still this.
    fn remove(&self, id: i64, again: Option<&AttributeValue>) -> StoreResult<TransactWriteItem> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(self.key(id)?));
        let delete = match again {
            Some(again) => delete.condition_expression("again = :seen").expression_attribute_values(":seen", again.clone()),
            None => delete.condition_expression("attribute_not_exists(again)"),
        };
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(unbuilt)?).build())
    }

    /// Frees the key of a job, if it is still this one's.
    fn free(&self, job: &Item) -> StoreResult<TransactWriteItem> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key_of(read_text(job, "work")?)))
            .condition_expression("job = :id")
            .expression_attribute_values(":id", number(read_number(job, "id")?))
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Gives the key of a job to another, if it is still this one's.
    fn pass_on(&self, job: &Item, next: i64) -> StoreResult<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_of(read_text(job, "work")?)))
            .update_expression("SET job = :next")
            .condition_expression("job = :id")
            .expression_attribute_values(":id", number(read_number(job, "id")?))
            .expression_attribute_values(":next", number(next))
            .build()
            .map_err(unbuilt)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Notes a job that came under a key that is taken, and says whether it will be done: after the one that runs, or with the one
    /// that waits.
    async fn note(&self, key: &str, json: &str) -> StoreResult<bool> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key_of(key))).consistent_read(true);
        let Some(hold) = get.send().await.map_err(fault)?.item else { return Ok(false) };
        let id = read_number(&hold, "job")?;
        let update = self.change_leased(id)?.update_expression("SET again = :again");
        if held(update.expression_attribute_values(":again", text(json)).send().await)? {
            return Ok(true);
        }
        Ok(self.read(id).await?.is_some_and(|job| !is_held(&job)))
    }

    async fn count(&self, lane: &str, held: Option<bool>) -> StoreResult<u64> {
        let mut query = self.jobs_of(lane).select(Select::Count);
        if let Some(held) = held {
            query = query.filter_expression("held = :held").expression_attribute_values(":held", AttributeValue::Bool(held));
        }
        let mut pages = query.into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += page.map_err(fault)?.count().max(0) as u64;
        }
        Ok(count)
    }
}

#[async_trait]
impl Jobs for QueuedJobs {
    async fn enqueue(&self, key: &str, job: &Job, now: Timestamp) -> StoreResult<()> {
        let json = serde_json::to_string(job).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        for _ in 0..TRIES {
            let id = self.fresh(job.lane());
            let mut hold = key_of(key);
            hold.insert("job".into(), number(id));
            let writes = vec![self.put(hold, true)?, self.put(entry(key, id, text(json.as_str()), now.0)?, true)?];
            match transact(&self.client, writes).await? {
                Outcome::Refused(0) if !self.note(key, &json).await? => {}
                // Whoever stored the first may have died before ringing, so the bell is rung for a second one as well.
                Outcome::Written | Outcome::Refused(0) => return self.bells.ring(job.lane(), 0).await,
                Outcome::Refused(_) => break,
            }
        }
        Err(StoreError::Conflict)
    }

    async fn lease(&self, lane: Lane, now: Timestamp, until: Timestamp) -> StoreResult<Option<Leased>> {
        let due = self.jobs_of(lane.name()).filter_expression("due <= :now").expression_attribute_values(":now", number(now.0));
        let mut found = due.into_paginator().items().send();
        while let Some(job) = found.next().await {
            if let Some(leased) = self.take(&job.map_err(fault)?, until).await? {
                return Ok(Some(leased));
            }
        }
        Ok(None)
    }

    async fn extend(&self, id: i64, until: Timestamp) -> StoreResult<()> {
        let update = self.change_leased(id)?.update_expression("SET due = :until");
        held(update.expression_attribute_values(":until", number(until.0)).send().await).map(drop)
    }

    async fn complete(&self, id: i64) -> StoreResult<()> {
        self.end(id, None).await
    }

    async fn retry(&self, id: i64, at: Timestamp, reason: &str) -> StoreResult<()> {
        self.again(id, at, reason, 0).await
    }

    async fn put_off(&self, id: i64, at: Timestamp, reason: &str) -> StoreResult<()> {
        self.again(id, at, reason, 1).await
    }

    async fn bury(&self, id: i64, reason: &str) -> StoreResult<()> {
        self.end(id, Some(reason)).await
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let old =
            self.jobs_of(BURIED).filter_expression("due < :before").expression_attribute_values(":before", number(before.0));
        let mut found = old.into_paginator().items().send();
        let mut gone = 0;
        while let Some(job) = found.next().await {
            let id = read_number(&job.map_err(fault)?, "id")?;
            let key = item([("lane", text(BURIED)), ("id", number(id))]);
            self.client.delete_item().table_name(&self.table).set_key(Some(key)).send().await.map_err(fault)?;
            gone += 1;
        }
        Ok(gone)
    }

    async fn buried(&self, most: u32) -> StoreResult<Vec<Buried>> {
        let mut found = self.jobs_of(BURIED).into_paginator().items().send();
        let mut buried = Vec::new();
        while let Some(job) = found.next().await {
            let job = job.map_err(fault)?;
            // One that cannot be read was buried for that; its row stays for an operator.
            let Ok(work) = job_of(&job) else { continue };
            let (reason, due) = (read_text(&job, "reason")?.to_owned(), Timestamp(read_number(&job, "due")?));
            buried.push(Buried { job: work, reason, due });
        }
        buried.sort_by_key(|one| std::cmp::Reverse(one.due));
        buried.truncate(most as usize);
        Ok(buried)
    }

    async fn recover(&self, now: Timestamp) -> StoreResult<u64> {
        let mut freed = 0;
        for lane in Lane::ALL {
            let held_now = self.jobs_of(lane.name()).filter_expression("held = :leased");
            let held_now = held_now.expression_attribute_values(":leased", AttributeValue::Bool(true));
            let mut found = held_now.into_paginator().items().send();
            while let Some(job) = found.next().await {
                let job = job.map_err(fault)?;
                let rest = rest_ms(read_number(&job, "interrupted")? as u32 + 1);
                let update = self
                    .change_seen(&job)?
                    .update_expression(
                        "SET held = :waiting, due = :due, attempt = attempt - :one, interrupted = interrupted + :one",
                    )
                    .expression_attribute_values(":waiting", AttributeValue::Bool(false))
                    .expression_attribute_values(":due", number(if rest == 0 { LONG_AGO } else { now.plus(rest).0 }))
                    .expression_attribute_values(":one", number(1));
                if held(update.send().await)? {
                    freed += 1;
                    self.bells.ring(lane, rest).await?;
                }
            }
        }
        Ok(freed)
    }

    async fn wait(&self, lane: Lane) {
        self.bells.hear(lane).await;
    }

    async fn depth(&self) -> StoreResult<(u64, u64, u64)> {
        let (mut waiting, mut leased) = (0, 0);
        for lane in Lane::ALL {
            waiting += self.count(lane.name(), Some(false)).await?;
            leased += self.count(lane.name(), Some(true)).await?;
        }
        Ok((waiting, leased, self.count(BURIED, None).await?))
    }
}

/// A job that waits.
fn entry(work: &str, id: i64, job: AttributeValue, due: i64) -> StoreResult<Item> {
    Ok(item([
        ("lane", text(lane(id)?.name())),
        ("id", number(id)),
        ("work", text(work)),
        ("job", job),
        ("due", number(due)),
        ("held", AttributeValue::Bool(false)),
        ("attempt", number(0)),
        ("interrupted", number(0)),
    ]))
}

/// The item that holds a key while its job waits or runs.
fn key_of(work: &str) -> Item {
    item([("lane", text(format!("key/{work}"))), ("id", number(0))])
}

/// The work of a stored job.
fn job_of(stored: &Item) -> StoreResult<Job> {
    serde_json::from_str(read_text(stored, "job")?).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn is_held(job: &Item) -> bool {
    job.get("held").and_then(|held| held.as_bool().ok()).copied().unwrap_or(false)
}

fn place(lane: Lane) -> i64 {
    Lane::ALL.iter().position(|known| *known == lane).map_or(0, |at| at as i64)
}

/// The lane that a job's name tells.
fn lane(id: i64) -> StoreResult<Lane> {
    let known = usize::try_from(id & 3).ok().and_then(|at| Lane::ALL.get(at).copied());
    known.ok_or_else(|| StoreError::Corrupt(format!("no lane has a job {id}")))
}
