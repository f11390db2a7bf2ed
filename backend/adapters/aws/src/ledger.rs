//! Claims of work in DynamoDB: each is one conditional write. It knows nothing of the work.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use synapscribe_domain::Timestamp;
use synapscribe_domain::time::DAY_MS;
use synapscribe_ports::{Claim, Ledger, StoreResult};

use crate::SdkConfig;
use crate::fault::fault;
use crate::items::{Item, held, item, number, read_text, seconds, text};
use crate::tables::{LEDGER, Tables};

/// A claim is remembered for longer than any event may come again.
const REMEMBERED_MS: i64 = 30 * DAY_MS;
const CLAIMED: &str = "claimed";
const RELEASED: &str = "released";
const DONE: &str = "done";

/// Claims in a table.
#[derive(Debug, Clone)]
pub struct DynamoLedger {
    client: Client,
    table: String,
}

impl DynamoLedger {
    /// The ledger of a deployment.
    pub fn new(config: &SdkConfig, tables: &Tables) -> Self {
        Self { client: Client::new(config), table: tables.name(&LEDGER) }
    }

    /// Ends a claim that is held; any other stays.
    async fn settle(&self, key: &str, order: &str, stage: &str, note: &str) -> StoreResult<()> {
        let settled = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("work", text(key))
            .update_expression("SET #stage = :stage, #note = :note")
            .condition_expression("#stage = :claimed AND #sequence = :order")
            .expression_attribute_names("#stage", "stage")
            .expression_attribute_names("#note", "note")
            .expression_attribute_names("#sequence", "sequence")
            .expression_attribute_values(":stage", text(stage))
            .expression_attribute_values(":note", text(note))
            .expression_attribute_values(":claimed", text(CLAIMED))
            .expression_attribute_values(":order", text(order));
        held(settled.send().await).map(drop)
    }
}

#[async_trait]
impl Ledger for DynamoLedger {
    async fn claim(&self, key: &str, order: &str, now: Timestamp, until: Timestamp) -> StoreResult<Claim> {
        let claim = item([
            ("work", text(key)),
            ("sequence", text(order)),
            ("stage", text(CLAIMED)),
            ("claimedAt", number(now.0)),
            ("heldUntil", number(until.0)),
            ("note", text("")),
            ("expiresAt", seconds(until.plus(REMEMBERED_MS))),
        ]);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(claim))
            .condition_expression(
                "attribute_not_exists(#work) OR #sequence < :order OR \
                 (#sequence = :order AND (#stage = :released OR (#stage = :claimed AND #heldUntil <= :now)))",
            )
            .expression_attribute_names("#work", "work")
            .expression_attribute_names("#sequence", "sequence")
            .expression_attribute_names("#stage", "stage")
            .expression_attribute_names("#heldUntil", "heldUntil")
            .expression_attribute_values(":order", text(order))
            .expression_attribute_values(":released", text(RELEASED))
            .expression_attribute_values(":claimed", text(CLAIMED))
            .expression_attribute_values(":now", number(now.0))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Claim::Granted),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(lost)) => {
                    refused(lost.item().cloned().unwrap_or_default(), order)
                }
                _ => Err(fault(error)),
            },
        }
    }

    async fn finish(&self, key: &str, order: &str, note: &str) -> StoreResult<()> {
        self.settle(key, order, DONE, note).await
    }

    async fn release(&self, key: &str, order: &str) -> StoreResult<()> {
        self.settle(key, order, RELEASED, "").await
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        // The time to live does this in a deployment; a whole table is only read where somebody asks for it.
        let old = "#claimedAt < :before AND NOT (#stage = :claimed AND #heldUntil > :before)";
        let names = [("#claimedAt", "claimedAt"), ("#stage", "stage"), ("#heldUntil", "heldUntil")];
        let values = || [(":before", number(before.0)), (":claimed", text(CLAIMED))];
        let mut scan = self.client.scan().table_name(&self.table).consistent_read(true).filter_expression(old);
        for (name, attribute) in names {
            scan = scan.expression_attribute_names(name, attribute);
        }
        for (name, value) in values() {
            scan = scan.expression_attribute_values(name, value);
        }
        let mut pages = scan.into_paginator().items().send();
        let mut gone = 0;
        while let Some(found) = pages.next().await {
            let found = found.map_err(fault)?;
            let mut delete = self.client.delete_item().table_name(&self.table).key("work", text(read_text(&found, "work")?));
            delete = delete.condition_expression(format!("attribute_exists(#work) AND {old}"));
            delete = delete.expression_attribute_names("#work", "work");
            for (name, attribute) in names {
                delete = delete.expression_attribute_names(name, attribute);
            }
            for (name, value) in values() {
                delete = delete.expression_attribute_values(name, value);
            }
            gone += u64::from(held(delete.send().await)?);
        }
        Ok(gone)
    }
}

/// Why a claim was not granted, from what stands in its way.
fn refused(standing: Item, order: &str) -> StoreResult<Claim> {
    if read_text(&standing, "sequence")? > order {
        return Ok(Claim::Outdated);
    }
    let done = read_text(&standing, "stage")? == DONE;
    Ok(if done { Claim::Done(read_text(&standing, "note")?.to_owned()) } else { Claim::InProgress })
}
