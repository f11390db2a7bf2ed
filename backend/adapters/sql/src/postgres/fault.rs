//! What an error of the server means to those who know no database.

use std::error::Error as _;

use synapscribe_ports::StoreError;

// Codes of PostgreSQL's appendix A.
const FOREIGN_KEY: &str = "23503";
const UNIQUE: &str = "23505";
const DISK_FULL: &str = "53100";
const UNDEFINED_TABLE: &str = "42P01";
const DAMAGED: [&str; 2] = ["XX001", "XX002"];
const LOGIN_REFUSED: [&str; 2] = ["28000", "28P01"];

/// The meaning of an error.
pub(super) fn fault(error: sqlx::Error) -> StoreError {
    match code(&error).as_deref() {
        Some(FOREIGN_KEY) => StoreError::Gone,
        Some(UNIQUE) => StoreError::Conflict,
        Some(DISK_FULL) => StoreError::Full,
        Some(UNDEFINED_TABLE) => StoreError::Unavailable("the database has no tables yet; run lambda-migrate".into()),
        Some(code) if DAMAGED.contains(&code) => StoreError::Corrupt(error.to_string()),
        Some(_) => StoreError::Unavailable(error.to_string()),
        None => match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreError::Corrupt(error.to_string()),
            _ => StoreError::Unavailable(reason(&error)),
        },
    }
}

/// Whether the server did not let somebody in, who may have a newer password.
pub(super) fn is_refused(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| LOGIN_REFUSED.contains(&code.as_str()))
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(|code| code.into_owned())
}

/// What went wrong with everything that led to it.
fn reason(error: &sqlx::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = cause.source();
    }
    text
}
