//! Operations over the real store and folder, with engines that follow a test's script.

mod arriving;
mod correcting;
mod ingesting;
mod world;
