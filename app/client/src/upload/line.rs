//! Tells when the server goes away in the middle of an upload, and when it is back. Tries nothing again itself: whoever talks
//! to the server does.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::{UploadEvent, tell};
use crate::client::Client;
use crate::error::ClientError;
use crate::socket::Connection;

/// A connection that is made again within this time was hardly gone.
const BLINK: Duration = Duration::from_secs(1);

/// Runs `work`, and tells how the connection to the server stands meanwhile.
pub(super) async fn watched<T>(
    client: &Client,
    lecture: &OnceLock<String>,
    events: &mpsc::Sender<UploadEvent>,
    work: impl Future<Output = T>,
) -> T {
    let away = || UploadEvent::Unreachable {
        lecture_id: lecture.get().cloned(),
        error: ClientError::unreachable(client.server()).to_dto(),
    };
    follow(client.connection(), BLINK, away, events, work).await
}

async fn follow<T>(
    mut connection: watch::Receiver<Connection>,
    blink: Duration,
    away: impl Fn() -> UploadEvent,
    events: &mpsc::Sender<UploadEvent>,
    work: impl Future<Output = T>,
) -> T {
    let mut broken: Option<Instant> = None;
    let mut told = false;
    tokio::pin!(work);
    loop {
        let due = broken.filter(|_| !told).map(|since| since + blink);
        tokio::select! {
            outcome = &mut work => return outcome,
            changed = connection.changed() => {
                if changed.is_err() {
                    return work.await;
                }
                let stands = *connection.borrow_and_update();
                match stands {
                    Connection::Waiting => {
                        broken.get_or_insert_with(Instant::now);
                    }
                    Connection::Open => {
                        broken = None;
                        if std::mem::take(&mut told) {
                            tell(events, UploadEvent::Reachable {}).await;
                        }
                    }
                    Connection::Idle | Connection::Connecting => {}
                }
            }
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                told = true;
                tell(events, away()).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> UploadEvent {
        UploadEvent::Unreachable { lecture_id: Some("l".into()), error: ClientError::unreachable("http://h:1").to_dto() }
    }

    #[tokio::test]
    async fn a_server_that_goes_away_is_told_of_and_so_is_its_return() {
        let (state, connection) = watch::channel(Connection::Open);
        let (sender, mut events) = mpsc::channel(16);
        let work = async {
            state.send_replace(Connection::Waiting);
            let told = events.recv().await;
            assert!(matches!(told, Some(UploadEvent::Unreachable { .. })), "{told:?}");
            state.send_replace(Connection::Connecting);
            state.send_replace(Connection::Waiting);
            tokio::task::yield_now().await;
            state.send_replace(Connection::Open);
            // It is told of once, however often the connection is tried.
            assert_eq!(events.recv().await, Some(UploadEvent::Reachable {}));
            7
        };
        assert_eq!(follow(connection, Duration::ZERO, away, &sender, work).await, 7);
    }

    #[tokio::test]
    async fn a_connection_that_is_made_again_at_once_was_not_gone() {
        let (state, connection) = watch::channel(Connection::Open);
        let (sender, mut events) = mpsc::channel(16);
        let work = async {
            for stands in [Connection::Waiting, Connection::Connecting, Connection::Open] {
                state.send_replace(stands);
                tokio::task::yield_now().await;
            }
        };
        follow(connection, Duration::from_secs(3600), away, &sender, work).await;
        drop(sender);
        assert_eq!(events.recv().await, None);
    }
}
