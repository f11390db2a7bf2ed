//! What the product needs from the world, in its own language. Ports know no vendor, no protocol and no operation.

pub mod accounts;
pub mod agent;
pub mod audience;
pub mod classes;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod connections;
pub mod documents;
pub mod embedder;
pub mod engine;
#[cfg(feature = "conformance")]
pub mod fakes;
pub mod herald;
pub mod jobs;
pub mod ledger;
pub mod library;
pub mod media;
pub mod narrator;
pub mod objects;
pub mod packs;
pub mod page_recogniser;
pub mod reader;
pub mod schema;
pub mod sessions;
pub mod transcriber;
pub mod tutor;
pub mod world;

pub use agent::{Agent, AgentEvent, AgentRequest, Summary};
pub use audience::{Audience, Notice};
pub use classes::{ClassChange, Classes, Joined, Listed};
pub use connections::{Connections, SendError};
pub use documents::{DocumentChange, Documents};
pub use embedder::{Beside, EmbedKind, Embedder, Meaning, Nearness, Parted};
pub use engine::{EngineCard, Models, Reached, Role};
pub use herald::{Bus, BusError, Happening, Herald, Unheard};
pub use jobs::{AnswerOrder, Buried, Job, Jobs, Lane, Leased, ObjectCreated};
pub use ledger::{Claim, Ledger};
pub use library::{LectureChange, Library, Scope, Window};
pub use media::{AudioFiles, DecodeReport, SpeechMap};
pub use narrator::{Narrator, Speech, SpokenWord, Style, VoiceCard};
pub use objects::{ObjectInfo, Objects};
pub use packs::{CardChange, Kept, PackChange, Packs};
pub use page_recogniser::PageRecogniser;
pub use reader::{PageRead, Reader};
pub use schema::{Schema, Upgrade, UpgradeError};
pub use sessions::{SessionChange, Sessions};
pub use transcriber::{Bias, Listening, Transcriber, Transcript};
pub use tutor::{AnswerPiece, AnswerRequest, AnswerStream, Compared, Exchange, Tutor};
pub use world::{Clock, Ids, StoreError, StoreResult, SystemClock, UuidIds};
