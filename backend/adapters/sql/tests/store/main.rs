//! The store as its users see it: what every such store must do, and what this one does as a file.

mod accounts;
mod common;
mod common_words;
mod conformance;
mod file;
mod processes;
mod words;
