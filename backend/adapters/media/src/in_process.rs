//! Reads recordings inside the calling process: for tools and tests that have no program to run again, and trusted files.

use std::ops::ControlFlow;
use std::path::Path;

use async_trait::async_trait;
use synapscribe_domain::{Failure, MediaFacts};
use synapscribe_ports::{AudioFiles, DecodeReport, SpeechMap};
use tokio::sync::mpsc;

use crate::sandbox::open;
use crate::worker::guarded;
use crate::{WorkLimits, decode, inspect};

/// The same reading as [`crate::SandboxedMedia`] without its limits: never give it what a stranger sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct InProcessMedia;

#[async_trait]
impl AudioFiles for InProcessMedia {
    async fn inspect(&self, path: &Path) -> Result<MediaFacts, Failure> {
        let file = open(path).await?;
        let work = move || guarded(|| inspect::inspect(Box::new(file)));
        tokio::task::spawn_blocking(work).await.map_err(|_| Failure::internal())?
    }

    async fn speech(&self, path: &Path) -> Result<SpeechMap, Failure> {
        let file = open(path).await?;
        let work = move || guarded(|| decode::hear(Box::new(file), WorkLimits::DECODE.output_seconds));
        tokio::task::spawn_blocking(work).await.map_err(|_| Failure::internal())?
    }

    async fn decode(&self, path: &Path, sink: mpsc::Sender<Vec<f32>>) -> Result<DecodeReport, Failure> {
        let file = open(path).await?;
        let work = move || {
            let mut emit = |block: &[f32]| match sink.blocking_send(block.to_vec()) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            guarded(|| decode::decode(Box::new(file), &mut emit))
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Failure::internal())?
    }
}
