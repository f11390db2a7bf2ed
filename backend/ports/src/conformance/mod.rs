//! The behaviour every adapter must show; each function takes a fresh adapter and panics where it differs.

pub mod connections;
pub mod objects;
