//! The adapters against their services: an emulator of AWS where it does what AWS does, and a scripted peer where it does not.

mod cloud;
mod engines;
mod events;
mod faults;
mod gateway;
mod identities;
mod mail;
mod proofs;
mod stores;
mod template;
