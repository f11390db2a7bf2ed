//! The Lambda processes as AWS runs them: each a process of its own behind the Runtime API, over an emulated AWS.

mod agent;
mod answering;
mod arriving;
mod killed;
mod shared;
mod story;
mod streamed;
mod traced;
