//! People who remember what they were told, for as long as they are there.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use synapscribe_domain::ConnectionId;
use tokio::sync::Notify;

use super::open;
use crate::connections::MAX_MESSAGE;
use crate::{Audience, Notice, SendError};

/// An audience in memory.
#[derive(Debug, Default)]
pub struct Listeners {
    told: Mutex<HashMap<ConnectionId, (bool, Vec<Notice>)>>,
    news: Notify,
}

impl Listeners {
    /// Somebody is there from now on.
    pub fn arrive(&self, connection: &ConnectionId) {
        open(&self.told).entry(connection.clone()).or_default().0 = true;
    }

    /// Somebody is not there any more.
    pub fn leave(&self, connection: &ConnectionId) {
        open(&self.told).entry(connection.clone()).or_default().0 = false;
    }

    /// All that a connection was told so far.
    pub fn told(&self, connection: &ConnectionId) -> Vec<Notice> {
        open(&self.told).get(connection).map(|(_, told)| told.clone()).unwrap_or_default()
    }

    /// Waits until a connection was told something that fits.
    pub async fn hear(&self, connection: &ConnectionId, fits: impl Fn(&Notice) -> bool) -> Notice {
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            // Registered before looking, so that nothing is told unnoticed in between.
            news.as_mut().enable();
            if let Some(notice) = self.told(connection).into_iter().find(|notice| fits(notice)) {
                return notice;
            }
            news.await;
        }
    }
}

#[async_trait]
impl Audience for Listeners {
    async fn tell(&self, to: &ConnectionId, notice: &Notice) -> Result<(), SendError> {
        if format!("{notice:?}").len() > MAX_MESSAGE {
            return Err(SendError::TooLarge);
        }
        match open(&self.told).get_mut(to) {
            Some((true, told)) => told.push(notice.clone()),
            _ => return Err(SendError::Gone),
        }
        self.news.notify_waiters();
        Ok(())
    }
}
