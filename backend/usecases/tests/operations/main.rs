//! The operations over ports in memory: what a student, a lecturer or an operator would notice of them, and nothing else.

mod admitting;
mod apart;
mod ask;
mod complaints;
mod converse;
mod documents;
mod ending;
mod ingest;
mod library;
mod packs;
mod recognising;
mod retries;
mod scene;
mod searching;
mod told_elsewhere;
mod uploads;
mod validate;
mod vouching;
mod world;
