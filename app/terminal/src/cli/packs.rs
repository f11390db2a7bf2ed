//! What can be asked for about packs, as data; does nothing.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};

/// `packs`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Packs {
    /// List your packs, and those you are shown.
    List,
    /// Show a pack with its cards.
    Show {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
    },
    /// Make a pack.
    Make {
        /// What it is called.
        title: String,
    },
    /// Give a pack of yours another title.
    Rename {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
        /// The title it gets.
        title: String,
    },
    /// Keep an answer in a pack of yours with what it cites; the last, if none is named.
    Keep {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
        /// The session: its ID, its title, or the first characters of its ID; left out, the latest.
        #[arg(long, value_name = "ID")]
        session: Option<String>,
        /// Which of the session's questions, counted from 1; left out, the last that is answered.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        turn: Option<u32>,
    },
    /// Add a card in your own words to a pack of yours.
    Add {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
        /// What is asked.
        question: String,
        /// What is to be known.
        answer: String,
    },
    /// Put a card of a pack of yours into other words; what it cites stays.
    Edit {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
        /// The card: its ID, its question, or the first characters of its ID.
        card: String,
        /// What is asked; left out, it stays.
        #[arg(long, required_unless_present = "answer")]
        question: Option<String>,
        /// What is to be known; left out, it stays.
        #[arg(long)]
        answer: Option<String>,
    },
    /// Remove a card from a pack of yours.
    Remove {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
        /// The card: its ID, its question, or the first characters of its ID.
        card: String,
    },
    /// Delete a pack of yours with all its cards.
    Delete {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
    },
    /// Show a pack of yours to everybody on the server; lecturers can.
    Publish {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
    },
    /// Show it to nobody any more but yourself and the classes it is shared with.
    Unpublish {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
    },
    /// Share a pack of yours with a class; lecturers can.
    Share {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
    },
    /// Stop sharing it; what was shared with a class of yours, too.
    Unshare {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
    },
    /// Write a pack as a text that Anki imports.
    Anki {
        /// The pack: its ID, its title, or the first characters of its ID.
        pack: String,
        /// The file to write; left out, it is printed.
        #[arg(value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
        /// Replace the file when it is there already.
        #[arg(long, requires = "file")]
        replace: bool,
    },
}
