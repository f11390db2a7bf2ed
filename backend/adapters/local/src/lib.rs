//! What one machine needs instead of AWS: an S3 endpoint over a folder, a Cognito identity endpoint, the check of who
//! calls REST and WebSocket, the hub of open connections, a folder of letters, and a file of events. It knows nothing of use cases,
//! databases or the host around it.

pub mod cognito;
pub mod credentials;
pub mod door;
pub mod events;
pub mod folder;
pub mod hub;
pub mod mail;
pub mod objects;
pub mod s3;
pub mod sigv4;

pub use cognito::{GuestRate, IdentityEndpoint};
pub use credentials::{Caller, CredentialError, Keyring, REGION, TemporaryCredentials};
pub use door::{Door, Entrant, Turned};
pub use events::EventFile;
pub use folder::{Folder, Limits};
pub use hub::{Hub, Outbox};
pub use mail::MailFolder;
pub use objects::FolderObjects;
pub use s3::{BUCKET, OnCreated, S3Endpoint, Swept};
pub use sigv4::{SignatureError, SignatureVerifier, Signed};
