//! What is written to people. It says nothing that whoever reads another's mail could use for long.

use synapscribe_domain::account::{EmailAddress, WrittenCode};
use synapscribe_ports::accounts::Letter;

pub(super) fn verify(to: &EmailAddress, code: &WrittenCode) -> Letter {
    letter(
        to,
        "Confirm your address",
        format!(
            "Somebody signed up to SynapScribe with this address. If that was you, type this code where you signed up:\n\n    {}\n\n\
             It is good for a day. If it was not you, there is nothing to do: without the code nobody gets in.",
            code.grouped()
        ),
    )
}

/// For whoever has an account, so that they learn that somebody tried, and nobody else does.
pub(super) fn known_already(to: &EmailAddress) -> Letter {
    letter(
        to,
        "You have an account already",
        "Somebody signed up to SynapScribe with this address, which has an account. If that was you, sign in, or choose “forgotten \
         password” there. If it was not you, there is nothing to do: your account is as it was."
            .to_owned(),
    )
}

pub(super) fn reset(to: &EmailAddress, code: &WrittenCode) -> Letter {
    letter(
        to,
        "Set another password",
        format!(
            "Somebody asked to set another password for your SynapScribe account. If that was you, type this code there:\n\n    \
             {}\n\nIt is good for half an hour. If it was not you, there is nothing to do: your password is as it was.",
            code.grouped()
        ),
    )
}

pub(super) fn password_changed(to: &EmailAddress) -> Letter {
    letter(
        to,
        "Your password was changed",
        "The password of your SynapScribe account was changed and every device was signed out. If that was not you, choose \
         “forgotten password” where you sign in, and look who else can read your mail."
            .to_owned(),
    )
}

fn letter(to: &EmailAddress, subject: &str, text: String) -> Letter {
    Letter { to: to.clone(), subject: format!("SynapScribe: {subject}"), text }
}
