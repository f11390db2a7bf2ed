//! Items of DynamoDB: making them, reading them, and telling a condition that did not hold from a fault.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use synapscribe_domain::Timestamp;
use synapscribe_ports::{StoreError, StoreResult};

/// One item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An item from its attributes.
pub(crate) fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Text.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub(crate) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A record as JSON.
pub(crate) fn record(value: &impl Serialize) -> StoreResult<AttributeValue> {
    serde_json::to_string(value).map(AttributeValue::S).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The text of an attribute that every such item has.
pub(crate) fn read_text<'a>(item: &'a Item, name: &str) -> StoreResult<&'a str> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).ok_or_else(|| StoreError::Corrupt(format!("an item has no text `{name}`")))
}

/// The number of an attribute that every such item has.
pub(crate) fn read_number(item: &Item, name: &str) -> StoreResult<i64> {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    value.and_then(|n| n.parse().ok()).ok_or_else(|| StoreError::Corrupt(format!("an item has no number `{name}`")))
}

/// The record of an item.
pub(crate) fn read_record<T: DeserializeOwned>(item: &Item) -> StoreResult<T> {
    serde_json::from_str(read_text(item, "record")?).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A moment in whole seconds, not before it, as the time to live wants it.
pub(crate) fn seconds(moment: Timestamp) -> AttributeValue {
    number(whole_seconds(moment))
}

/// The same as a number.
pub(crate) fn whole_seconds(moment: Timestamp) -> i64 {
    moment.0.div_euclid(1_000) + i64::from(moment.0.rem_euclid(1_000) > 0)
}

/// Whether a write was refused because its condition did not hold.
pub(crate) fn condition_failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(|error| error.code()) == Some("ConditionalCheckFailedException")
}

/// `Ok(true)` when the write was made, `Ok(false)` when its condition did not hold.
pub(crate) fn held<T, E, R>(outcome: Result<T, SdkError<E, R>>) -> StoreResult<bool>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match outcome {
        Ok(_) => Ok(true),
        Err(error) if condition_failed(&error) => Ok(false),
        Err(error) => Err(crate::fault::fault(error)),
    }
}
