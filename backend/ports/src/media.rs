//! Reading recordings that come from outside.

use std::path::Path;

use async_trait::async_trait;
use synapscribe_domain::{Failure, MediaFacts, Millis, Span, Waveform};
use tokio::sync::mpsc;

/// What decoding a whole recording told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DecodeReport {
    /// Packets that could not be decoded and were replaced by nothing.
    pub damaged_packets: u32,
    /// Samples handed over, at the speech rate.
    pub samples: u64,
}

/// Where a recording holds speech.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpeechMap {
    /// The stretches of speech, in order.
    pub spans: Vec<Span>,
    /// The loudest root mean square of any stretch.
    pub loudest_rms: f32,
    /// The decoded length.
    pub length: Millis,
    /// The outline of the whole.
    pub waveform: Waveform,
    /// Packets that could not be decoded.
    pub damaged_packets: u32,
}

/// Measures and decodes recordings; implementations must survive any content.
#[async_trait]
pub trait AudioFiles: Send + Sync {
    /// Measures a recording without decoding it.
    async fn inspect(&self, path: &Path) -> Result<MediaFacts, Failure>;

    /// Decodes once to find where speech is, and to draw the outline.
    async fn speech(&self, path: &Path) -> Result<SpeechMap, Failure>;

    /// Decodes to mono speech at the speech rate, in blocks of at most a second, waiting for the receiver.
    /// A receiver that goes away ends the work early without an error.
    async fn decode(&self, path: &Path, sink: mpsc::Sender<Vec<f32>>) -> Result<DecodeReport, Failure>;
}
