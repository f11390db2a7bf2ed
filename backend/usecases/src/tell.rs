//! Telling everyone who is interested in a lecture or a document.

use synapscribe_domain::{Lecture, PersonId, Visibility};
use synapscribe_ports::{Audience, Connections, Notice};

/// Tells all connections of those who see a lecture; somebody who went away is no error.
pub async fn viewers(connections: &dyn Connections, audience: &dyn Audience, lecture: &Lecture, notice: &Notice) {
    those_who_see(connections, audience, &lecture.owner, lecture.visibility, notice).await;
}

/// The same of whatever has an owner.
pub(crate) async fn those_who_see(
    connections: &dyn Connections,
    audience: &dyn Audience,
    owner: &PersonId,
    visibility: Visibility,
    notice: &Notice,
) {
    let interested = match visibility {
        Visibility::Private => connections.of(owner).await,
        Visibility::Public => connections.everyone().await,
    };
    match interested {
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
