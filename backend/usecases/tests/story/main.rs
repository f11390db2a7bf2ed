//! Operations over the real store and folder, with engines that follow a test's script.

mod arriving;
mod correcting;
mod cut_off;
mod ingesting;
mod world;
