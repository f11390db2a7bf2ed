//! The student's side without a screen: discovery, guest credentials, uploads, the WebSocket session, microphone and
//! loudspeaker. Knows the wire and nothing behind it, and no user interface.

pub mod account;
mod ask;
pub mod audio;
mod classes;
mod client;
mod discovery;
mod error;
mod guest;
mod home;
mod naming;
mod net;
mod packs;
mod playing;
mod reading;
mod rest;
mod search;
mod server_time;
mod shelf;
mod sign;
mod sniff;
mod socket;
mod storage;
mod tray;
mod upload;

pub use ask::{Answer, Ask, Assembled, Done, Question, Scope, new_session_id};
pub use client::Client;
pub use discovery::{PROTOCOL_MAJOR, believed};
pub use error::{ClientError, Result, code};
pub use home::Home;
pub use naming::check_session_name;
pub use net::Address;
pub use playing::{Recordings, Stretch};
pub use reading::{clock, day};
pub use search::Search;
pub use shelf::{Books, Listed, Live, LiveBooks, LiveShelf, Shelf, Windows};
pub use sniff::{Checked, Format, check};
pub use socket::{Connection, Pace};
pub use synapscribe_protocol as protocol;
pub use tray::{Item, ItemState, Tray};
pub use upload::{UploadEvent, UploadOptions, is_captions, xml_field};
