//! What can be asked for about an account, as data; does nothing. A password is never an argument: others could read it.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};

/// `account`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Account {
    /// Show who is signed in.
    Show,
    /// Sign up; what was done here as a guest is kept.
    ///
    /// The password is asked for, or read as a line from the standard input.
    SignUp {
        /// The address.
        #[arg(value_hint = ValueHint::EmailAddress)]
        email: String,
        /// What you want to be called; whoever you share something with sees it.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// The code of an invitation.
        #[arg(long, value_name = "CODE")]
        invitation: Option<String>,
    },
    /// Confirm an address by the code that was sent to it.
    Verify {
        /// The address.
        #[arg(value_hint = ValueHint::EmailAddress)]
        email: String,
        /// The code.
        #[arg(required_unless_present = "again")]
        code: Option<String>,
        /// Have another code sent.
        #[arg(long, conflicts_with = "code")]
        again: bool,
    },
    /// Sign in.
    ///
    /// The password is asked for, or read as a line from the standard input.
    SignIn {
        /// The address.
        #[arg(value_hint = ValueHint::EmailAddress)]
        email: String,
    },
    /// Sign out and go on as a guest.
    SignOut {
        /// On every other device as well.
        #[arg(long)]
        everywhere: bool,
    },
    /// Have a code sent that another password is set by.
    Forgot {
        /// The address.
        #[arg(value_hint = ValueHint::EmailAddress)]
        email: String,
    },
    /// Set another password by that code; every device is signed out.
    ///
    /// The password is asked for, or read as a line from the standard input.
    Reset {
        /// The address.
        #[arg(value_hint = ValueHint::EmailAddress)]
        email: String,
        /// The code.
        code: String,
    },
    /// List the devices that are signed in, or sign some of them out.
    Sessions {
        /// What to do with them.
        #[command(subcommand)]
        action: Option<Devices>,
    },
    /// Write what the server keeps of you; recordings and documents are files of their own.
    Export {
        /// The file to write; left out, it is printed.
        #[arg(value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
        /// Replace the file when it is there already.
        #[arg(long, requires = "file")]
        replace: bool,
    },
    /// Delete the account with everything that is yours.
    ///
    /// The password is asked for once more, or read as a line from the standard input.
    Delete,
}

/// `account sessions`.
#[derive(Debug, Subcommand, PartialEq)]
pub enum Devices {
    /// Sign devices out.
    Revoke {
        /// The devices, as the list names them.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
}
