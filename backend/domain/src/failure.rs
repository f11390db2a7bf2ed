//! Why something did not work, as a stable code, a sentence a person can act on, and whether to try again.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $retry:literal;)*) => {
        /// Every reason the product can give; the text form is stable and crosses process boundaries.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code { $( $(#[$doc])* #[serde(rename = $text)] $name, )* }

        impl Code {
            /// All codes, for documentation and tests.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The stable text of the code.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// Whether doing the same again may work.
            pub fn retryable(self) -> bool {
                match self { $(Code::$name => $retry,)* }
            }

            /// The code with this text, if there is one.
            pub fn from_text(text: &str) -> Option<Code> {
                match text { $($text => Some(Code::$name),)* _ => None }
            }
        }
    };
}

codes! {
    /// The message is not JSON or lacks a field.
    BadMessage = "bad_message", false;
    /// The message's `type` is not one this server knows.
    UnknownType = "unknown_type", false;
    /// The message is larger than the gateway allows.
    TooLarge = "message_too_large", false;
    /// The caller may not do this, or the thing does not exist; the two are not told apart.
    NotFound = "not_found", false;
    /// The request carries no valid credentials.
    Unauthorised = "unauthorised", false;
    /// What was to be changed is not any more as the caller knew it.
    Conflict = "conflict", false;
    /// Fields of a form cannot be taken as they are.
    InvalidFields = "invalid_fields", false;
    /// The address and the password do not belong together, or the address has no account that is verified; they are not told apart.
    WrongCredentials = "wrong_credentials", false;
    /// The address has still to be verified. Only operators are told.
    NotVerified = "email_not_verified", false;
    /// The code is wrong, used or over; the three are not told apart.
    WrongCode = "wrong_code", false;
    /// The sign-in has ended: signed out, revoked, expired, or one of its tokens was used twice.
    SignedOut = "signed_out", false;
    /// The caller's role does not allow it.
    Forbidden = "forbidden", false;
    /// Signing up takes an invitation, and this is none that lets anybody in.
    NotInvited = "not_invited", false;
    /// It was done too often; it works again after a while that is named.
    TooMany = "too_many_requests", true;
    /// Too many requests at once.
    Busy = "busy", true;
    /// The lecture exists but cannot be asked yet.
    LectureNotReady = "lecture_not_ready", true;
    /// The file is empty.
    AudioEmpty = "audio_empty", false;
    /// The file is no audio format we read.
    AudioUnsupported = "audio_unsupported", false;
    /// The file ends too early or its contents do not hold together.
    AudioCorrupt = "audio_corrupt", false;
    /// The file is longer than the limit.
    AudioTooLong = "audio_too_long", false;
    /// The file is larger than the limit.
    AudioTooBig = "audio_too_big", false;
    /// The recording is too short to hold speech.
    AudioTooShort = "audio_too_short", false;
    /// The recording holds no sound.
    AudioSilent = "audio_silent", false;
    /// The sample rate is outside what speech needs.
    AudioRate = "audio_sample_rate", false;
    /// The captions do not belong to the recording.
    CaptionsMismatch = "captions_mismatch", false;
    /// The document exists but cannot be asked yet.
    DocumentNotReady = "document_not_ready", true;
    /// The document is empty.
    DocumentEmpty = "document_empty", false;
    /// The file is no document that we read.
    DocumentUnsupported = "document_unsupported", false;
    /// The document's contents do not hold together, or reading it takes more than any document needs.
    DocumentCorrupt = "document_corrupt", false;
    /// The document is locked by a password.
    DocumentEncrypted = "document_encrypted", false;
    /// The document is pictures of pages, without text.
    DocumentScanned = "document_scanned", false;
    /// The document has more pages than the limit.
    DocumentTooLong = "document_too_long", false;
    /// The document is larger than the limit.
    DocumentTooBig = "document_too_big", false;
    /// One page of a document could not be read.
    PageUnreadable = "page_unreadable", false;
    /// Nothing was understood in the recording.
    NothingHeard = "nothing_heard", true;
    /// An engine (speech, language) did not answer in time.
    EngineTimeout = "engine_timeout", true;
    /// An engine answered with an error or with nonsense.
    EngineFailed = "engine_failed", true;
    /// An engine is not configured or not installed.
    EngineMissing = "engine_missing", false;
    /// This server does not do that.
    NotOffered = "not_offered", false;
    /// The disk is full.
    DiskFull = "disk_full", true;
    /// The person stopped it.
    Cancelled = "cancelled", false;
    /// The session has ended or expired.
    SessionEnded = "session_ended", false;
    /// Something went wrong on our side.
    Internal = "internal", true;
}

/// A failure that can be shown to a person and acted on by a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Failure {
    /// The stable code.
    pub code: Code,
    /// One sentence: what happened and what to do.
    pub message: String,
}

impl Failure {
    /// A failure with a sentence for a person.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The answer to everything that does not exist or is not the caller's.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    /// A fault on our side whose cause is in the log, not in the message.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "something went wrong on the server; try again in a moment")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_text_that_leads_back_to_it() {
        for &code in Code::ALL {
            assert_eq!(Code::from_text(code.as_str()), Some(code));
        }
    }
}
