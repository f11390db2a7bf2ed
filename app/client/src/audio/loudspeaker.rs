//! The loudspeaker of a face that stays open: opened when it is first needed, opened anew when it was unplugged, and an
//! answer played on it as it comes. Knows nothing of where answers come from.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use synapscribe_protocol::ServerMessage;

use super::player::Player;
use crate::ask::Assembled;
use crate::error::{ClientError, Result, code};

/// Speech that waited for a loudspeaker for so long is not worth being heard any more.
const WORTH: Duration = Duration::from_secs(10);
/// After so long nothing is on its way to the device any more, and no answer is in the middle.
const QUIET: Duration = Duration::from_secs(5);

/// A loudspeaker that may be missing.
#[derive(Clone, Default)]
pub struct Loudspeaker {
    inner: Arc<Mutex<Inner>>,
    /// Two that open it at once would take it from each other.
    opening: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Inner {
    device: String,
    player: Option<Arc<Player>>,
    /// Counts how often it fell silent, so that what comes late of an answer is not played.
    turn: u64,
    /// Whether another device was chosen than the one it plays on.
    moved: bool,
    /// Since when there is none for what is being said.
    lost: Option<Instant>,
    /// Since when nothing is said.
    quiet: Option<Instant>,
}

impl Loudspeaker {
    /// Chooses a device, empty for the system's choice.
    pub fn choose(&self, device: &str) {
        let mut inner = self.inner();
        if inner.device != device {
            // What is being said goes on there.
            (inner.device, inner.moved) = (device.to_owned(), inner.player.is_some());
        }
    }

    /// Opens it, or says why it cannot be.
    pub async fn open(&self) -> Result<Arc<Player>> {
        let _alone = self.opening.lock().await;
        let (player, device, moved) = {
            let inner = self.inner();
            (inner.player.clone(), inner.device.clone(), inner.moved)
        };
        match player {
            Some(player) if !moved && !player.is_broken() => return Ok(player),
            // What is left to say on it is said on the next one.
            Some(player) => return self.again(player, device).await,
            None => {}
        }
        let chosen = device.clone();
        let player = Arc::new(opened(move || Player::open_on(&device)).await?);
        let mut inner = self.inner();
        // Another may have been chosen meanwhile.
        inner.moved = inner.device != chosen;
        inner.player = Some(Arc::clone(&player));
        Ok(player)
    }

    /// Falls silent at once, and for the rest of the answer that is being said.
    pub fn hush(&self) {
        let mut inner = self.inner();
        inner.turn += 1;
        if let Some(player) = &inner.player {
            player.stop();
        }
    }

    /// An answer that will be said from now on, until it falls silent.
    pub fn speech(&self) -> Speech {
        let inner = self.inner();
        Speech { loudspeaker: self.clone(), turn: inner.turn, player: inner.player.clone(), playback: Playback::default() }
    }

    /// Whether something is heard now, or will be as soon as there is a loudspeaker again.
    pub fn is_speaking(&self) -> bool {
        self.inner().player.as_ref().is_some_and(|player| !player.is_idle())
    }

    /// Looks after it, about every second: what is being said when the device is unplugged goes on where it stopped, and one that
    /// was given longer buffers on a busy machine is quick again.
    pub async fn look_after(&self) {
        let (player, device, moved) = {
            let inner = self.inner();
            (inner.player.clone(), inner.device.clone(), inner.moved)
        };
        let Some(player) = player else { return };
        let lost = (moved || player.is_broken()) && !player.is_idle();
        let (since, quiet) = {
            let mut inner = self.inner();
            inner.lost = lost.then(|| inner.lost.unwrap_or_else(Instant::now));
            inner.quiet = player.is_idle().then(|| inner.quiet.unwrap_or_else(Instant::now));
            (inner.lost, inner.quiet)
        };
        let slow = quiet.is_some_and(|quiet| quiet.elapsed() > QUIET) && player.is_slow();
        if !lost && !slow {
            return;
        }
        let _alone = self.opening.lock().await;
        // Whoever opened it meanwhile may have mended it, and may be speaking.
        let needed = if lost { self.inner().moved || player.is_broken() } else { player.is_idle() };
        if !needed {
            return;
        }
        let opened = self.again(Arc::clone(&player), device).await;
        if opened.is_err() && since.is_some_and(|since| since.elapsed() > WORTH) {
            player.stop();
        }
    }

    /// The same player on a loudspeaker that is there.
    async fn again(&self, player: Arc<Player>, device: String) -> Result<Arc<Player>> {
        let chosen = device.clone();
        let player = opened(move || player.open_again(&device).map(|()| player)).await?;
        let mut inner = self.inner();
        inner.moved = inner.device != chosen;
        Ok(player)
    }

    /// One that plays on what is open already.
    #[cfg(test)]
    pub(super) fn of(player: Arc<Player>) -> Self {
        let loudspeaker = Self::default();
        loudspeaker.inner().player = Some(player);
        loudspeaker
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Plain fields are good to use after a panic elsewhere.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opening takes up to a tenth of a second.
async fn opened<T: Send + 'static>(open: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let opened = tokio::task::spawn_blocking(open).await;
    opened.unwrap_or_else(|_| Err(ClientError::passing(code::NO_SPEAKER, "the loudspeaker cannot be opened")))
}

/// An answer on a loudspeaker, over once that fell silent.
pub struct Speech {
    loudspeaker: Loudspeaker,
    turn: u64,
    player: Option<Arc<Player>>,
    playback: Playback,
}

impl Speech {
    /// Opens the loudspeaker for it, or says why it will not be heard. Without one the answer can still be read.
    pub async fn open(&mut self) -> Result<()> {
        let opened = self.loudspeaker.open().await;
        self.player = opened.as_ref().ok().cloned();
        opened.map(drop)
    }

    /// How long it takes until what comes next is heard; nothing without a loudspeaker.
    pub fn left(&self) -> Option<Duration> {
        self.player.as_ref().map(|player| player.left())
    }

    /// Takes a message and the answer so far; says whether this was the first sound.
    pub fn take(&mut self, message: &ServerMessage, so_far: &Assembled) -> bool {
        // Whoever hushes it meanwhile waits, and then stops what was added here.
        let inner = self.loudspeaker.inner();
        match &self.player {
            Some(player) if inner.turn == self.turn => self.playback.take(message, so_far, player),
            _ => false,
        }
    }
}

/// Plays an answer as its messages come.
#[derive(Default)]
pub struct Playback {
    played: usize,
}

impl Playback {
    /// Takes a message and the answer so far; says whether this was the first sound.
    pub fn take(&mut self, message: &ServerMessage, so_far: &Assembled, player: &Player) -> bool {
        match message {
            ServerMessage::AudioChunk { .. } => {
                let first = self.played == 0;
                player.play(so_far.audio_from(self.played), so_far.rate);
                self.played = so_far.audio.len();
                first
            }
            ServerMessage::AudioComplete { .. } | ServerMessage::AnswerDone { .. } => {
                player.finish();
                false
            }
            _ => false,
        }
    }
}
