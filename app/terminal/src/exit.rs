//! What a command's end means to a shell. The numbers are a contract; `--help` and the manual list them from here, and here is
//! which failure leads to which.

use std::process::ExitCode;

use synapscribe_client::{ClientError, code};
use synapscribe_operations::code as cloud;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked.
    Done = 0,
    /// Something went wrong, here or on the server.
    Failed = 1,
    /// The command line or a setting cannot be understood.
    Usage = 2,
    /// No server answers, or something that is none.
    Unreachable = 3,
    /// What was asked for does not exist, is not allowed, or is not possible as things are.
    Refused = 4,
    /// A recording or a lecture cannot be used.
    Unusable = 5,
    /// It was stopped before it was done.
    Cancelled = 130,
}

/// Every end, as `--help` explains it. A server that is asked to stop has done what it was there for, and so has a conversation
/// that its student leaves.
const TABLE: [(Exit, &str); 7] = [
    (Exit::Done, "done; so are `serve` when it is stopped and `talk` when it is left"),
    (Exit::Failed, "failed: something went wrong, here or on the server"),
    (Exit::Usage, "the command line or a setting cannot be understood"),
    (Exit::Unreachable, "the server cannot be reached, or is none"),
    (Exit::Refused, "refused: it does not exist, is not allowed, or is not possible as things are"),
    (Exit::Unusable, "the recording or the lecture cannot be used"),
    (Exit::Cancelled, "stopped with Ctrl-C before it was done"),
];

/// The table as text.
pub fn table() -> String {
    let rows = TABLE.map(|(exit, meaning)| format!("\n  {:<4} {meaning}", exit as u8));
    format!("Exit codes:{}", rows.concat())
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// The end that an error means.
    pub fn of(error: &ClientError) -> Self {
        match error.code.as_str() {
            code::UNREACHABLE | code::NOT_SYNAPSCRIBE | code::TOO_NEW => Self::Unreachable,
            code::BAD_ADDRESS | "usage" | "setting" => Self::Usage,
            "cancelled" => Self::Cancelled,
            // What does not exist.
            code::NOT_FOUND | code::FILE | code::AMBIGUOUS | code::UNKNOWN_VOICE => Self::Refused,
            code::NO_MICROPHONE | code::NO_SPEAKER | "no_terminal" => Self::Refused,
            code::NO_FOLDER | "no_data" | "backup_missing" => Self::Refused,
            // What is not allowed, or belongs to somebody else.
            code::SIGNED_OUT | code::NO_ACCOUNTS | code::KEYCHAIN => Self::Refused,
            code::CREDENTIALS | code::NOT_ALLOWED | code::OTHER_LECTURE | "unauthorised" => Self::Refused,
            "wrong_credentials" | "email_not_verified" | "wrong_code" | "forbidden" | "not_invited" => Self::Refused,
            cloud::CREDENTIALS | cloud::STACK => Self::Refused,
            // What is not possible as things are.
            cloud::NO_TOOL | "not_offered" => Self::Refused,
            code::BUSY | code::CHANGED | "busy" | "conflict" | "session_ended" => Self::Refused,
            "lecture_not_ready" | "document_not_ready" | "engine_missing" => Self::Refused,
            "address_taken" | "address_not_allowed" | "too_many_requests" => Self::Refused,
            "backup_exists" | "backup_newer" | "backup_no_file" | "backup_not_whole" | "backup_damaged" => Self::Refused,
            "data_exists" | "host_running" => Self::Refused,
            // What the server does not take.
            code::LONG_QUESTION
            | code::EMPTY_QUESTION
            | code::BAD_NAME
            | "bad_message"
            | "unknown_type"
            | "invalid_fields"
            | "message_too_large" => Self::Refused,
            code::CAPTIONS | code::CANNOT_PLAY | "nothing_heard" | "lecture_failed" => Self::Unusable,
            "page_unreadable" => Self::Unusable,
            known if known.starts_with("audio_") || known.starts_with("document_") => Self::Unusable,
            known if known.ends_with("not_found") => Self::Refused,
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
    use synapscribe_domain::Code;

    use super::*;

    fn of(code: &str) -> u8 {
        Exit::of(&ClientError::new(code, "")) as u8
    }

    /// Every reason that the product can give, so that a new one is not forgotten.
    #[test]
    fn every_failure_of_the_product_ends_as_the_help_says() {
        for code in Code::ALL {
            let expected = match code {
                Code::Cancelled => 130,
                Code::AudioEmpty
                | Code::AudioUnsupported
                | Code::AudioCorrupt
                | Code::AudioTooLong
                | Code::AudioTooBig
                | Code::AudioTooShort
                | Code::AudioSilent
                | Code::AudioRate
                | Code::CaptionsMismatch
                | Code::NothingHeard
                | Code::DocumentEmpty
                | Code::DocumentUnsupported
                | Code::DocumentCorrupt
                | Code::DocumentEncrypted
                | Code::DocumentScanned
                | Code::DocumentTooLong
                | Code::DocumentTooBig
                | Code::PageUnreadable => 5,
                Code::BadMessage
                | Code::UnknownType
                | Code::TooLarge
                | Code::NotFound
                | Code::Unauthorised
                | Code::Conflict
                | Code::Busy
                | Code::LectureNotReady
                | Code::DocumentNotReady
                | Code::InvalidFields
                | Code::WrongCredentials
                | Code::NotVerified
                | Code::WrongCode
                | Code::SignedOut
                | Code::Forbidden
                | Code::NotInvited
                | Code::TooMany
                | Code::NotOffered
                | Code::EngineMissing
                | Code::SessionEnded => 4,
                Code::EngineTimeout | Code::EngineFailed | Code::DiskFull | Code::Internal => 1,
            };
            assert_eq!(of(code.as_str()), expected, "{}", code.as_str());
        }
    }

    #[test]
    fn every_failure_on_this_side_ends_as_the_help_says() {
        for (number, codes) in [
            (1, &[code::UPLOAD, code::DISK, code::SERVER_FULL, code::NOT_SPOKEN, "new"][..]),
            (2, &[code::BAD_ADDRESS, "usage", "setting"]),
            (3, &[code::UNREACHABLE, code::NOT_SYNAPSCRIBE, code::TOO_NEW]),
            (4, &[code::CREDENTIALS, code::FILE, code::CHANGED, code::BUSY, code::NOT_FOUND, code::AMBIGUOUS, code::NOT_ALLOWED]),
            (
                4,
                &[
                    code::OTHER_LECTURE,
                    code::UNKNOWN_VOICE,
                    code::NO_FOLDER,
                    code::LONG_QUESTION,
                    code::EMPTY_QUESTION,
                    "lecture_not_found",
                ],
            ),
            (4, &[code::NO_MICROPHONE, code::NO_SPEAKER, "no_terminal", code::BAD_NAME]),
            (4, &[code::SIGNED_OUT, code::NO_ACCOUNTS, code::KEYCHAIN]),
            (4, &["host_running", "address_taken", "address_not_allowed", "backup_not_whole", "backup_damaged"]),
            (5, &[code::EMPTY, code::TYPE, code::TOO_LARGE, code::TOO_LONG, code::CAPTIONS, code::CANNOT_PLAY, "lecture_failed"]),
        ] {
            for code in codes {
                assert_eq!(of(code), number, "{code}");
            }
        }
        assert_eq!(Exit::Done.worse(Exit::Refused).worse(Exit::Failed), Exit::Refused);
    }
}
