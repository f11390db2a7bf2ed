//! How every registry of connections behaves. It knows nothing of sockets: the adapter's test brings the receiving end.

use async_trait::async_trait;
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{ConnectionId, PersonId, Timestamp};

use crate::connections::{Connections, Holder, MAX_MESSAGE, SendError};

/// The receiving end of one connection.
#[async_trait]
pub trait Peer: Send {
    /// The next message that arrived, `None` after the connection was closed.
    async fn next(&mut self) -> Option<String>;
}

/// Runs every check; `connect` opens the transport of a connection, which closes when the peer is dropped.
pub async fn suite(connections: &dyn Connections, connect: impl Fn(&ConnectionId) -> Box<dyn Peer>) {
    a_person_has_connections_oldest_first(connections, &connect).await;
    messages_arrive_whole_and_in_order(connections, &connect).await;
    what_is_too_large_is_refused_and_the_connection_lives_on(connections, &connect).await;
    a_connection_that_went_away_is_gone_and_forgotten(connections, &connect).await;
    a_connection_that_is_hung_up_ends_after_what_was_said(connections, &connect).await;
}

async fn a_person_has_connections_oldest_first(connections: &dyn Connections, connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>) {
    let (ada, bob) = (person("ada"), person("bob"));
    let names = ["first", "second", "third"].map(connection);
    let _peers: Vec<_> = names.iter().map(connect).collect();
    // Told out of order, as concurrent connects may be.
    let signed_in = Holder { person: bob.clone(), sign_in: Some(SignInId::parse("s1").expect("a plain name")) };
    connections.opened(&names[1], &ada.clone().into(), Timestamp(2_000)).await.unwrap();
    connections.opened(&names[0], &ada.clone().into(), Timestamp(1_000)).await.unwrap();
    connections.opened(&names[2], &signed_in, Timestamp(1_500)).await.unwrap();
    assert_eq!(connections.of(&ada).await.unwrap(), names[..2]);
    assert_eq!(connections.of(&bob).await.unwrap(), names[2..]);
    assert_eq!(connections.holder(&names[0]).await.unwrap(), Some(Holder::from(ada.clone())));
    assert_eq!(connections.holder(&names[2]).await.unwrap(), Some(signed_in.clone()));
    let as_ada = |name: &ConnectionId| (name.clone(), Holder::from(ada.clone()));
    assert_eq!(connections.held_by(&ada).await.unwrap(), [as_ada(&names[0]), as_ada(&names[1])]);
    assert_eq!(connections.held_by(&bob).await.unwrap(), [(names[2].clone(), signed_in)]);
    let everyone = connections.everyone().await.unwrap();
    assert!(names.iter().all(|name| everyone.iter().filter(|known| *known == name).count() == 1), "{everyone:?}");

    connections.opened(&names[0], &ada.clone().into(), Timestamp(1_000)).await.unwrap();
    assert_eq!(connections.of(&ada).await.unwrap(), names[..2], "telling it twice changes nothing");

    for name in &names {
        connections.closed(name).await.unwrap();
        connections.closed(name).await.unwrap();
    }
    assert_eq!(connections.of(&ada).await.unwrap(), []);
    assert!(connections.held_by(&bob).await.unwrap().is_empty());
    assert_eq!(connections.holder(&names[0]).await.unwrap(), None);
    assert!(!connections.everyone().await.unwrap().iter().any(|known| names.contains(known)));
}

async fn messages_arrive_whole_and_in_order(connections: &dyn Connections, connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>) {
    let (name, other) = (connection("line"), connection("other-line"));
    let (mut peer, mut bystander) = (connect(&name), connect(&other));
    connections.opened(&name, &person("ada").into(), Timestamp(0)).await.unwrap();
    connections.opened(&other, &person("ada").into(), Timestamp(1)).await.unwrap();
    let messages = ["one", "zwei ✓ три", ""];
    for message in messages {
        connections.send(&name, message).await.unwrap();
    }
    connections.send(&other, "for the other").await.unwrap();
    for message in messages {
        assert_eq!(peer.next().await.as_deref(), Some(message));
    }
    assert_eq!(bystander.next().await.as_deref(), Some("for the other"));
    connections.closed(&name).await.unwrap();
    assert_eq!(connections.send(&name, "late").await, Err(SendError::Gone));
    assert_eq!(peer.next().await, None);
    connections.closed(&other).await.unwrap();
}

async fn what_is_too_large_is_refused_and_the_connection_lives_on(
    connections: &dyn Connections,
    connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>,
) {
    let name = connection("large");
    let mut peer = connect(&name);
    connections.opened(&name, &person("ada").into(), Timestamp(0)).await.unwrap();
    assert_eq!(connections.send(&name, &"x".repeat(MAX_MESSAGE + 1)).await, Err(SendError::TooLarge));
    connections.send(&name, &"x".repeat(MAX_MESSAGE)).await.unwrap();
    assert_eq!(peer.next().await.map(|message| message.len()), Some(MAX_MESSAGE));
    connections.closed(&name).await.unwrap();
}

async fn a_connection_that_went_away_is_gone_and_forgotten(
    connections: &dyn Connections,
    connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>,
) {
    let name = connection("leaving");
    let peer = connect(&name);
    connections.opened(&name, &person("ada").into(), Timestamp(0)).await.unwrap();
    drop(peer);
    assert_eq!(connections.send(&name, "hello?").await, Err(SendError::Gone));
    assert_eq!(connections.holder(&name).await.unwrap(), None, "a connection that is gone is forgotten");
    assert_eq!(connections.of(&person("ada")).await.unwrap(), []);
    assert_eq!(connections.send(&connection("never-there"), "hello?").await, Err(SendError::Gone));
}

async fn a_connection_that_is_hung_up_ends_after_what_was_said(
    connections: &dyn Connections,
    connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>,
) {
    let name = connection("turned-away");
    let mut peer = connect(&name);
    connections.opened(&name, &person("ada").into(), Timestamp(0)).await.unwrap();
    connections.send(&name, "goodbye").await.unwrap();
    connections.hang_up(&name).await.unwrap();
    assert_eq!(peer.next().await.as_deref(), Some("goodbye"));
    assert_eq!(peer.next().await, None);
    assert_eq!(connections.holder(&name).await.unwrap(), None);
    assert_eq!(connections.of(&person("ada")).await.unwrap(), []);
    connections.hang_up(&name).await.unwrap();
}

fn person(name: &str) -> PersonId {
    PersonId::parse(name).expect("a plain name")
}

fn connection(name: &str) -> ConnectionId {
    ConnectionId::parse(name).expect("a plain name")
}
