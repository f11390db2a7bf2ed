//! What an operator does with a deployment: deploying it, what its stack says of itself, its logs, what was set aside, who may come,
//! what it costs, and the proof that it works. It is thin over AWS and over the client, and knows no backend crate and no screen.

pub mod costs;
pub mod deploy;
pub mod letters;
pub mod logs;
pub mod people;
pub mod proof;

mod cloud;
mod function;
mod stack;
mod tool;

pub use cloud::{Cloud, Site, code};
pub use stack::Stack;
