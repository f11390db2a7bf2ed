//! The one error of the client: a stable code to act on, a sentence to show, and whether trying again may help.

use synapscribe_protocol::ErrorDto;
use thiserror::Error;

/// What every operation of the client fails with.
pub type Result<T> = std::result::Result<T, ClientError>;

/// A failure that can be shown to a person and acted on by a program.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ClientError {
    /// The stable code; the server's own codes pass through unchanged.
    pub code: String,
    /// A sentence a person can act on.
    pub message: String,
    /// Whether doing the same again may work.
    pub retryable: bool,
    /// The name under which the server's operator finds it in the logs, where the server gave one.
    pub correlation: Option<String>,
}

/// The codes the client itself uses.
pub mod code {
    /// The server's address is not one.
    pub const BAD_ADDRESS: &str = "bad_address";
    /// Nothing answers at the server's address, or the connection broke for good.
    pub const UNREACHABLE: &str = "server_unreachable";
    /// Something answers, but it is not a server this client understands.
    pub const NOT_SYNAPSCRIBE: &str = "not_synapscribe";
    /// The server speaks a newer wire than this client.
    pub const TOO_NEW: &str = "client_too_old";
    /// The server gave no guest credentials.
    pub const CREDENTIALS: &str = "credentials_refused";
    /// Nobody is signed in, or the server ended the sign-in; its own code.
    pub const SIGNED_OUT: &str = "signed_out";
    /// The role of whoever asks does not allow it; the server's own code.
    pub const FORBIDDEN: &str = "forbidden";
    /// The server has no accounts.
    pub const NO_ACCOUNTS: &str = "no_accounts";
    /// The operating system's keychain does not give what it keeps.
    pub const KEYCHAIN: &str = "keychain";
    /// A file cannot be read.
    pub const FILE: &str = "file_unreadable";
    /// A file is empty; the server's own code, as with the next ones.
    pub const EMPTY: &str = "audio_empty";
    /// A file is of a kind that holds no recording.
    pub const TYPE: &str = "audio_unsupported";
    /// A file or recording exceeds the server's limit.
    pub const TOO_LARGE: &str = "audio_too_big";
    /// A recording is longer than the server's limit.
    pub const TOO_LONG: &str = "audio_too_long";
    /// A file changed while it was being uploaded.
    pub const CHANGED: &str = "file_changed";
    /// The same file is being uploaded by another process.
    pub const BUSY: &str = "upload_in_progress";
    /// The server stored nothing.
    pub const UPLOAD: &str = "upload_failed";
    /// The server's disk is full; the server's own code.
    pub const SERVER_FULL: &str = "disk_full";
    /// A folder to write to does not exist, or a folder was named for a file.
    pub const NO_FOLDER: &str = "no_folder";
    /// A place on this machine cannot be written.
    pub const DISK: &str = "disk";
    /// There is no microphone, or it cannot be opened.
    pub const NO_MICROPHONE: &str = "no_microphone";
    /// The system does not let this program use the microphone.
    pub const REFUSED_MICROPHONE: &str = "microphone_refused";
    /// Another program holds the microphone.
    pub const BUSY_MICROPHONE: &str = "microphone_busy";
    /// The microphone was unplugged or taken away.
    pub const UNPLUGGED: &str = "microphone_unplugged";
    /// There is no loudspeaker, or it cannot be opened.
    pub const NO_SPEAKER: &str = "no_speaker";
    /// A recording is in a format that cannot be played here.
    pub const CANNOT_PLAY: &str = "cannot_play";
    /// Captions cannot be used.
    pub const CAPTIONS: &str = "captions_mismatch";
    /// A typed question is longer than the server reads.
    pub const LONG_QUESTION: &str = "question_too_long";
    /// The question is empty.
    pub const EMPTY_QUESTION: &str = "empty_question";
    /// Nothing of that name exists.
    pub const NOT_FOUND: &str = "not_found";
    /// A part of a name or a title fits several things.
    pub const AMBIGUOUS: &str = "ambiguous";
    /// A new thing cannot have this name.
    pub const BAD_NAME: &str = "bad_name";
    /// A session belongs to another lecture than the one that is asked.
    pub const OTHER_LECTURE: &str = "other_lecture";
    /// It belongs to somebody else.
    pub const NOT_ALLOWED: &str = "not_allowed";
    /// There is no voice of that name.
    pub const UNKNOWN_VOICE: &str = "unknown_voice";
    /// An answer was to be heard and was not spoken, or not to its end.
    pub const NOT_SPOKEN: &str = "not_spoken";
}

impl ClientError {
    /// An error of the client that the same action will meet again.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), retryable: false, correlation: None }
    }

    /// An error of the client that may pass.
    pub fn passing(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), retryable: true, correlation: None }
    }

    /// The connection to the server could not be made or kept.
    pub fn unreachable(server: &str) -> Self {
        Self::passing(
            code::UNREACHABLE,
            format!("{server} does not answer; check the address and that the server is running, then try again"),
        )
    }

    /// What answers at the server's address is something else, such as a program that took its port.
    pub fn stranger(server: &str) -> Self {
        Self::new(
            code::NOT_SYNAPSCRIBE,
            format!("what answers at {server} is not a SynapScribe server; another program may have taken its port"),
        )
    }

    /// A file of the person's own cannot be read; `name` is how they know it.
    pub fn unreadable(name: &str, error: &std::io::Error) -> Self {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file “{name}”"),
            std::io::ErrorKind::PermissionDenied => format!("you are not allowed to read “{name}”"),
            std::io::ErrorKind::IsADirectory => format!("“{name}” is a folder; name the file in it"),
            _ => format!("“{name}” cannot be read: {error}"),
        };
        Self::new(code::FILE, why)
    }

    /// The form other processes read.
    pub fn to_dto(&self) -> ErrorDto {
        let Self { code, message, retryable, correlation } = self.clone();
        ErrorDto { code, message, retryable, correlation }
    }
}

impl From<ErrorDto> for ClientError {
    fn from(dto: ErrorDto) -> Self {
        let ErrorDto { code, message, retryable, correlation } = dto;
        Self { code, message, retryable, correlation }
    }
}
