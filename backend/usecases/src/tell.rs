//! Telling everyone who is interested in a lecture.

use synapscribe_domain::{Lecture, PersonId};
use synapscribe_ports::{Audience, Connections, Notice};

/// Tells the owner's connections; somebody who went away is no error.
pub(crate) async fn owner(connections: &dyn Connections, audience: &dyn Audience, lecture: &Lecture, notice: &Notice) {
    person(connections, audience, &lecture.owner, notice).await;
}

/// Tells all of a person's connections.
pub(crate) async fn person(connections: &dyn Connections, audience: &dyn Audience, person: &PersonId, notice: &Notice) {
    match connections.of(person).await {
        Ok(open) => {
            for connection in open {
                if let Err(error) = audience.tell(&connection, notice).await {
                    tracing::debug!(%connection, %error, "a notice was not delivered");
                }
            }
        }
        Err(error) => tracing::warn!(%error, "connections could not be read"),
    }
}
