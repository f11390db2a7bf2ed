//! What can be asked for about classes, as data; does nothing.

use clap::Subcommand;

/// `class`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Class {
    /// List the classes you teach and are in.
    List,
    /// Show a class: what it is shown, and to its teacher who is in it.
    Show {
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
    },
    /// Come into a class by the code its teacher gave you; no account is needed.
    Join {
        /// The code.
        code: String,
        /// What the teacher is to read in the list of members.
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
    },
    /// Leave a class, and take along what you shared with it.
    Leave {
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
    },
    /// Create a class; lecturers can.
    Create {
        /// What it is called.
        name: String,
    },
    /// Give a class of yours another name.
    Rename {
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
        /// The name.
        name: String,
    },
    /// Give a class of yours another code; the one before lets nobody in any more.
    Renew {
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
    },
    /// Share lectures and documents of yours with a class; lecturers can.
    Share {
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
        /// The lectures and documents, each by its ID, its title, or the first characters of its ID.
        #[arg(required = true, value_name = "LECTURE")]
        sources: Vec<String>,
    },
    /// Stop sharing them; what was shared with a class of yours, too.
    Unshare {
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
        /// The lectures and documents, each by its ID, its title, or the first characters of its ID.
        #[arg(required = true, value_name = "LECTURE")]
        sources: Vec<String>,
    },
    /// Remove members from a class of yours.
    Remove {
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
        /// The members, as the class shows them.
        #[arg(required = true, value_name = "MEMBER")]
        members: Vec<String>,
    },
    /// Delete a class of yours; what was shared with it stays its owners'.
    Delete {
        /// The class: its ID, its name, or the first characters of its ID.
        class: String,
    },
}
