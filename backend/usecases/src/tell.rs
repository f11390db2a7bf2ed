//! Telling everyone who is interested in a lecture or a document, and other systems.

use std::time::Duration;

use synapscribe_domain::document::Document;
use synapscribe_domain::{ConnectionId, Lecture, PersonId, Source, Visibility};
use synapscribe_ports::{Audience, Classes, Connections, Happening, Herald, Notice, StoreResult};

/// Work whose end other systems are told of waits no longer for that.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells all connections of those who see a lecture; somebody who went away is no error.
pub async fn viewers(
    classes: &dyn Classes,
    connections: &dyn Connections,
    audience: &dyn Audience,
    lecture: &Lecture,
    notice: &Notice,
) {
    all(audience, &of_lecture(classes, connections, lecture).await, notice).await;
}

/// The connections of those who see a lecture.
pub(crate) async fn of_lecture(classes: &dyn Classes, connections: &dyn Connections, lecture: &Lecture) -> Vec<ConnectionId> {
    interested(classes, connections, &(&lecture.id).into(), &lecture.owner, lecture.visibility).await
}

/// The connections of those who see a document.
pub(crate) async fn of_document(classes: &dyn Classes, connections: &dyn Connections, document: &Document) -> Vec<ConnectionId> {
    interested(classes, connections, &(&document.id).into(), &document.owner, document.visibility).await
}

/// Tells these connections; somebody who went away is no error.
pub(crate) async fn all(audience: &dyn Audience, connections: &[ConnectionId], notice: &Notice) {
    for connection in connections {
        if let Err(error) = audience.tell(connection, notice).await {
            tracing::debug!(%connection, %error, "a notice was not delivered");
        }
    }
}

/// Tells other systems. What happened stays so when they cannot be told, and the work goes on.
pub(crate) async fn systems(herald: &dyn Herald, happening: Happening) {
    let error = match tokio::time::timeout(PATIENCE, herald.tell(&happening)).await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it took too long".to_owned(),
    };
    tracing::error!(correlation = happening.name(), kind = happening.kind(), error, "other systems were not told what happened");
}

async fn interested(
    classes: &dyn Classes,
    connections: &dyn Connections,
    source: &Source,
    owner: &PersonId,
    visibility: Visibility,
) -> Vec<ConnectionId> {
    let open = match visibility {
        Visibility::Private => theirs(classes, connections, source, owner).await,
        Visibility::Public => connections.everyone().await,
    };
    open.unwrap_or_else(|error| {
        tracing::warn!(%error, "connections could not be read");
        Vec::new()
    })
}

/// Those of its owner, and of everybody whose class is shown it.
async fn theirs(
    classes: &dyn Classes,
    connections: &dyn Connections,
    source: &Source,
    owner: &PersonId,
) -> StoreResult<Vec<ConnectionId>> {
    let mut open = connections.of(owner).await?;
    for person in classes.shown_to(source).await?.iter().filter(|person| *person != owner) {
        open.extend(connections.of(person).await?);
    }
    Ok(open)
}
