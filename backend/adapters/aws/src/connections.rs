//! Connections of API Gateway: who is connected stands in DynamoDB, and the gateway's management endpoint sends. Knows no message.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_apigatewaymanagement::operation::delete_connection::DeleteConnectionError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_sdk_dynamodb::Client;
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{ConnectionId, PersonId, Timestamp};
use synapscribe_ports::connections::{Holder, MAX_MESSAGE};
use synapscribe_ports::{Connections, SendError, StoreError, StoreResult};

use crate::SdkConfig;
use crate::fault::fault;
use crate::items::{Item, item, number, read_text, seconds, text};
use crate::tables::{CONNECTIONS, Tables};

/// The gateway closes every connection after two hours; what is still noted after that was never told to be closed.
const LONGEST_MS: i64 = 150 * 60 * 1000;

/// The index by persons follows the table a moment later, and cannot be read otherwise.
const INDEXED_AFTER: Duration = Duration::from_secs(1);

/// The attribute of the sign-in; guests have none.
const SIGN_IN: &str = "signIn";

/// A connection that nobody has.
const NOBODY: &str = "warming";

/// Connections of one deployment.
#[derive(Debug, Clone)]
pub struct GatewayConnections {
    client: Client,
    table: String,
    gateway: aws_sdk_apigatewaymanagement::Client,
}

impl GatewayConnections {
    /// `endpoint` is the gateway's management address: `https://API.execute-api.REGION.amazonaws.com/STAGE`.
    pub fn new(config: &SdkConfig, tables: &Tables, endpoint: &str) -> Self {
        let gateway = aws_sdk_apigatewaymanagement::config::Builder::from(config).endpoint_url(endpoint).build();
        Self {
            client: Client::new(config),
            table: tables.name(&CONNECTIONS),
            gateway: aws_sdk_apigatewaymanagement::Client::from_conf(gateway),
        }
    }

    /// Asks the table and the gateway for a connection that nobody has, so that the first message finds both reached.
    pub async fn reach(&self) -> StoreResult<()> {
        let get = self.client.get_item().table_name(&self.table).key("connectionId", text(NOBODY));
        let post = self.gateway.post_to_connection().connection_id(NOBODY).data(Blob::new(""));
        let (noted, told) = futures::future::join(get.send(), post.send()).await;
        noted.map_err(fault)?;
        match told {
            // It knows nobody of this name, or takes it for none.
            Err(error) if !matches!(error.raw_response().map(|response| response.status().as_u16()), Some(400 | 410)) => {
                Err(fault(error))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// What is noted of a person's connections, oldest first.
    async fn noted(&self, person: &PersonId) -> StoreResult<Vec<Item>> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byPerson")
            .key_condition_expression("personId = :person")
            .expression_attribute_values(":person", text(person.as_str()))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            found.push(item.map_err(fault)?);
        }
        Ok(found)
    }

    async fn post(&self, connection: &str, message: &str) -> Result<(), SendError> {
        let post = self.gateway.post_to_connection().connection_id(connection).data(Blob::new(message));
        let Err(error) = post.send().await else { return Ok(()) };
        // The status counts as well: whatever stands before the gateway may answer without the gateway's words.
        let status = error.raw_response().map(|response| response.status().as_u16());
        Err(match (error.as_service_error(), status) {
            (Some(PostToConnectionError::GoneException(_)), _) | (_, Some(410)) => SendError::Gone,
            (Some(PostToConnectionError::PayloadTooLargeException(_)), _) | (_, Some(413)) => SendError::TooLarge,
            _ => SendError::Unavailable(fault(error).to_string()),
        })
    }
}

#[async_trait]
impl Connections for GatewayConnections {
    async fn opened(&self, connection: &ConnectionId, holder: &Holder, now: Timestamp) -> StoreResult<()> {
        let mut item = item([
            ("connectionId", text(connection.as_str())),
            ("personId", text(holder.person.as_str())),
            ("openedAt", number(now.0)),
            ("expiresAt", seconds(now.plus(LONGEST_MS))),
        ]);
        if let Some(sign_in) = &holder.sign_in {
            item.insert(SIGN_IN.to_owned(), text(sign_in.as_str()));
        }
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await.map(drop).map_err(fault)
    }

    async fn closed(&self, connection: &ConnectionId) -> StoreResult<()> {
        let key = text(connection.as_str());
        self.client.delete_item().table_name(&self.table).key("connectionId", key).send().await.map(drop).map_err(fault)
    }

    async fn holder(&self, connection: &ConnectionId) -> StoreResult<Option<Holder>> {
        let get = self.client.get_item().table_name(&self.table).key("connectionId", text(connection.as_str()));
        let found = get.consistent_read(true).send().await.map_err(fault)?.item;
        found.map(|item| held(&item)).transpose()
    }

    async fn of(&self, person: &PersonId) -> StoreResult<Vec<ConnectionId>> {
        self.noted(person).await?.iter().map(named).collect()
    }

    async fn held_by(&self, person: &PersonId) -> StoreResult<Vec<(ConnectionId, Holder)>> {
        self.noted(person).await?.iter().map(|item| Ok((named(item)?, held(item)?))).collect()
    }

    fn lists_after(&self) -> Duration {
        INDEXED_AFTER
    }

    async fn everyone(&self) -> StoreResult<Vec<ConnectionId>> {
        let scan = self.client.scan().table_name(&self.table).consistent_read(true).projection_expression("connectionId");
        let mut pages = scan.into_paginator().items().send();
        let mut connections = Vec::new();
        while let Some(item) = pages.next().await {
            connections.push(named(&item.map_err(fault)?)?);
        }
        Ok(connections)
    }

    async fn send(&self, connection: &ConnectionId, message: &str) -> Result<(), SendError> {
        if message.len() > MAX_MESSAGE {
            return Err(SendError::TooLarge);
        }
        let sent = self.post(connection.as_str(), message).await;
        if sent == Err(SendError::Gone)
            && let Err(error) = self.closed(connection).await
        {
            tracing::warn!(%error, "a connection that is gone could not be forgotten");
        }
        sent
    }

    async fn hang_up(&self, connection: &ConnectionId) -> StoreResult<()> {
        let ended = self.gateway.delete_connection().connection_id(connection.as_str()).send().await;
        if let Err(error) = ended {
            let status = error.raw_response().map(|response| response.status().as_u16());
            let gone = matches!(error.as_service_error(), Some(DeleteConnectionError::GoneException(_))) || status == Some(410);
            if !gone {
                return Err(fault(error));
            }
        }
        // The gateway tells of it as well, a moment later.
        self.closed(connection).await
    }
}

fn held(item: &Item) -> StoreResult<Holder> {
    let person = PersonId::parse(read_text(item, "personId")?).map_err(corrupt)?;
    let sign_in = match item.contains_key(SIGN_IN) {
        true => Some(SignInId::parse(read_text(item, SIGN_IN)?).map_err(corrupt)?),
        false => None,
    };
    Ok(Holder { person, sign_in })
}

fn named(item: &Item) -> StoreResult<ConnectionId> {
    ConnectionId::parse(read_text(item, "connectionId")?).map_err(corrupt)
}

fn corrupt(error: synapscribe_domain::ids::InvalidId) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
