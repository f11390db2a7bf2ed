//! The turns of sessions: each is stored in one transaction with the check that its session is there.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem};
use futures::{StreamExt, TryStreamExt, stream};
use synapscribe_domain::{SessionId, Turn};
use synapscribe_ports::{StoreError, StoreResult};

use crate::fault::fault;
use crate::items::{Item, held, item, number, read_record, record, text};
use crate::sessions::{DynamoSessions, Stored};

/// Writes of turns that are under way at once.
const AT_ONCE: usize = 8;
/// A transaction that met another is tried again so often.
const TRIES: u32 = 10;

impl DynamoSessions {
    /// Stores a turn of a session unless that is gone by now, or the turn has ended and this one has not.
    pub(crate) async fn store_turn(&self, turn: &Turn, of: &Stored) -> StoreResult<()> {
        let there = ConditionCheck::builder()
            .table_name(&self.table)
            .key("sessionId", text(turn.session.as_str()))
            .key("lectureId", text(of.session.about.name()))
            .condition_expression("attribute_exists(sessionId)")
            .build()
            .map_err(unbuilt)?;
        let ended = turn.state.is_final();
        let item = item([
            ("sessionId", text(turn.session.as_str())),
            ("queryId", text(turn.query.as_str())),
            ("askedAt", number(turn.asked.0)),
            ("ended", AttributeValue::Bool(ended)),
            ("expiresAt", number(of.turns_until)),
            ("record", record(turn)?),
        ]);
        let mut put = Put::builder().table_name(&self.turns).set_item(Some(item));
        if !ended {
            put = put
                .condition_expression("attribute_not_exists(sessionId) OR ended = :open")
                .expression_attribute_values(":open", AttributeValue::Bool(false));
        }
        let put = put.build().map_err(unbuilt)?;
        let writes = [TransactWriteItem::builder().condition_check(there).build(), TransactWriteItem::builder().put(put).build()];
        match self.transact(writes.to_vec()).await? {
            Outcome::Written | Outcome::Refused(1) => Ok(()),
            Outcome::Refused(_) => Err(StoreError::Gone),
        }
    }

    /// A session's turns, oldest first.
    pub(crate) async fn stored_turns(&self, id: &SessionId) -> StoreResult<Vec<Turn>> {
        let mut turns: Vec<Turn> = self.turn_items(id, None).await?.iter().map(read_record).collect::<StoreResult<_>>()?;
        turns.sort_by(|a, b| (a.asked, a.query.as_str()).cmp(&(b.asked, b.query.as_str())));
        Ok(turns)
    }

    /// Removes every turn of a session.
    pub(crate) async fn remove_turns(&self, id: &SessionId) -> StoreResult<()> {
        let keys = self.turn_items(id, Some("sessionId, queryId")).await?;
        let remove = |key: Item| async move {
            let gone = self.client.delete_item().table_name(&self.turns).set_key(Some(key)).send().await;
            gone.map(drop).map_err(fault)
        };
        stream::iter(keys).map(remove).buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Keeps the turns that are there until then, in seconds.
    pub(crate) async fn renew_turns(&self, id: &SessionId, until: i64) -> StoreResult<()> {
        let keys = self.turn_items(id, Some("sessionId, queryId")).await?;
        let renew = |key: Item| async move {
            let renewed = self
                .client
                .update_item()
                .table_name(&self.turns)
                .set_key(Some(key))
                .update_expression("SET expiresAt = :until")
                .condition_expression("attribute_exists(sessionId)")
                .expression_attribute_values(":until", number(until));
            held(renewed.send().await).map(drop)
        };
        stream::iter(keys).map(renew).buffer_unordered(AT_ONCE).try_collect().await
    }

    async fn turn_items(&self, id: &SessionId, only: Option<&str>) -> StoreResult<Vec<Item>> {
        let query = self
            .client
            .query()
            .table_name(&self.turns)
            .consistent_read(true)
            .key_condition_expression("sessionId = :id")
            .expression_attribute_values(":id", text(id.as_str()))
            .set_projection_expression(only.map(str::to_owned));
        query.into_paginator().items().send().try_collect().await.map_err(fault)
    }

    async fn transact(&self, writes: Vec<TransactWriteItem>) -> StoreResult<Outcome> {
        transact(&self.client, writes).await
    }
}

/// What became of a transaction.
pub(crate) enum Outcome {
    /// All of it was written.
    Written,
    /// Nothing was written, because this condition, counted from 0, did not hold.
    Refused(usize),
}

/// Writes all or nothing, again while others write the same items.
pub(crate) async fn transact(client: &aws_sdk_dynamodb::Client, writes: Vec<TransactWriteItem>) -> StoreResult<Outcome> {
    for _ in 0..TRIES {
        let error = match client.transact_write_items().set_transact_items(Some(writes.clone())).send().await {
            Ok(_) => return Ok(Outcome::Written),
            Err(error) => error,
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
            return Err(fault(error));
        };
        let codes: Vec<&str> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None")).collect();
        if let Some(at) = codes.iter().position(|code| *code == "ConditionalCheckFailed") {
            return Ok(Outcome::Refused(at));
        }
        if !codes.contains(&"TransactionConflict") {
            return Err(fault(error));
        }
    }
    Err(StoreError::Conflict)
}

/// A request that was put together without a part it needs.
pub(crate) fn unbuilt(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
