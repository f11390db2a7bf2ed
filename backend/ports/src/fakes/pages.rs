//! Recognises pictures that are plain text: every line is one, and empty lines part paragraphs.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use synapscribe_domain::document::{Area, RecognisedLine};
use synapscribe_domain::{Code, Failure};

use super::{Manner, open};
use crate::{EngineCard, PageRecogniser};

/// Reads what stands on a picture; a picture that is no text is nonsense.
#[derive(Debug, Default)]
pub struct Eye {
    manners: Mutex<VecDeque<Manner>>,
    missing: Mutex<Option<String>>,
    looked: Mutex<usize>,
}

impl Eye {
    /// The next pictures are met in these manners, one after the other.
    pub fn behave(&self, manners: impl IntoIterator<Item = Manner>) {
        open(&self.manners).extend(manners);
    }

    /// How many pictures it was given.
    pub fn looked(&self) -> usize {
        *open(&self.looked)
    }

    /// From now on it is not there, and says what to do about it.
    pub fn vanish(&self, what_to_do: &str) {
        *open(&self.missing) = Some(what_to_do.to_owned());
    }
}

#[async_trait]
impl PageRecogniser for Eye {
    fn card(&self) -> EngineCard {
        EngineCard { missing: open(&self.missing).clone(), ..EngineCard::local("plain", "plain") }
    }

    async fn recognise(&self, picture: &[u8]) -> Result<Vec<RecognisedLine>, Failure> {
        *open(&self.looked) += 1;
        let manner = open(&self.manners).pop_front().unwrap_or_default();
        match manner {
            Manner::Hangs => std::future::pending().await,
            Manner::Fails | Manner::BreaksOff => return Err(Failure::new(Code::EngineFailed, "the eye broke down")),
            Manner::Well => {}
        }
        let text = std::str::from_utf8(picture);
        let text = text.map_err(|_| Failure::new(Code::EngineFailed, "the picture cannot be read"))?;
        let rows = text.lines().count().max(1) as f32;
        let mut paragraph = 0;
        let mut lines = Vec::new();
        for (row, text) in text.lines().enumerate() {
            if text.trim().is_empty() {
                paragraph += 1;
                continue;
            }
            let area = Area { left: 0.1, top: row as f32 / rows, right: 0.9, bottom: (row + 1) as f32 / rows };
            lines.push(RecognisedLine { text: text.to_owned(), area, height: 0.01, confidence: 0.9, paragraph });
        }
        Ok(lines)
    }
}
