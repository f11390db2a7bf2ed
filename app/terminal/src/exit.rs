//! What a command's end means to a shell. The numbers are a contract and are listed in `--help`.

use std::process::ExitCode;

use synapscribe_client::{ClientError, code};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked.
    Done = 0,
    /// It failed for a reason of its own.
    Failed = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// No server answers.
    Unreachable = 3,
    /// What was asked for does not exist, or is not allowed or not taken.
    Refused = 4,
    /// A lecture cannot be used.
    LectureFailed = 5,
    /// It was stopped.
    Cancelled = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// The end that an error means.
    pub fn of(error: &ClientError) -> Self {
        let known = error.code.as_str();
        match known {
            code::UNREACHABLE | code::NOT_SYNAPSCRIBE | code::TOO_NEW => Self::Unreachable,
            code::BAD_ADDRESS => Self::Usage,
            code::CREDENTIALS | code::CAPTIONS | code::LONG_QUESTION | code::EMPTY_QUESTION | code::BUSY => Self::Refused,
            "unauthorised" | "message_too_large" | "lecture_not_ready" | "session_ended" => Self::Refused,
            "cancelled" => Self::Cancelled,
            "usage" => Self::Usage,
            _ if known.ends_with("not_found") || known.starts_with("audio_") => Self::Refused,
            _ => Self::Failed,
        }
    }

    /// The graver of two ends, for commands that do several things.
    pub fn worse(self, other: Self) -> Self {
        if other as u8 > self as u8 { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_mean_what_the_help_says() {
        let of = |code: &str| Exit::of(&ClientError::new(code, "")) as u8;
        for (code, number) in [
            (code::UNREACHABLE, 3),
            (code::NOT_SYNAPSCRIBE, 3),
            (code::BAD_ADDRESS, 2),
            ("not_found", 4),
            ("audio_silent", 4),
            ("session_ended", 4),
            ("cancelled", 130),
            (code::TYPE, 4),
            (code::DISK, 1),
            ("something new", 1),
        ] {
            assert_eq!(of(code), number, "{code}");
        }
        assert_eq!(Exit::Done.worse(Exit::Refused).worse(Exit::Failed), Exit::Refused);
    }
}
