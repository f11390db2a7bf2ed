//! What live lines stand on in this host: its door, queues in its hub, and its meter of speech. Knows no message.

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::{HeaderMap, Method, Uri};
use synapscribe_agentcore::live::{Live, Porter, Seats, Speaker, Voice};
use synapscribe_agentcore::sockets::Terms;
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{AudioLimits, Failure};
use synapscribe_local::{Door, Entrant};
use synapscribe_media::SpeechMeter;
use synapscribe_ports::Ids;
use synapscribe_usecases::Conversing;
use tokio_util::sync::CancellationToken;

use crate::authorise::refused;
use crate::lines::HubLines;

/// The lines of this host; they end with `stop`.
pub(crate) fn live(
    conversing: Conversing,
    ids: Arc<dyn Ids>,
    door: Door,
    lines: Arc<HubLines>,
    stop: CancellationToken,
) -> Arc<Live> {
    Arc::new(Live {
        conversing,
        ids,
        porter: Arc::new(AtDoor(door)),
        open: Arc::new(move || lambda_library::Lines::open(&*lines)),
        voice: || -> Box<dyn Voice> { Box::new(Meter(SpeechMeter::new())) },
        limits: AudioLimits::QUESTION,
        terms: Terms::default(),
        seats: Seats::default(),
        stop,
    })
}

/// The one door.
struct AtDoor(Door);

#[async_trait]
impl Porter for AtDoor {
    async fn who(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Speaker, Failure> {
        let Entrant { person, sign_in, .. } = self.0.who(method, uri, headers, b"").await.map_err(refused)?;
        Ok(Speaker { person, sign_in })
    }

    async fn may_stay(&self, sign_in: &SignInId) -> bool {
        self.0.may_stay(sign_in).await
    }
}

/// The meter that listens to lectures.
struct Meter(SpeechMeter);

impl Voice for Meter {
    fn push(&mut self, samples: &[f32]) {
        self.0.push(samples);
    }

    fn speaking(&self) -> bool {
        self.0.speaking()
    }
}

#[cfg(test)]
mod tests;
