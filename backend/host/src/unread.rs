//! Where nothing on this machine reads documents: they are refused with a sentence.

use std::path::Path;

use async_trait::async_trait;
use synapscribe_domain::document::{Area, DocumentKind, Examined};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{PageRead, Reader};
use tokio::sync::mpsc;

/// Reads nothing.
pub(crate) struct Unread;

fn missing() -> Failure {
    Failure::new(Code::EngineMissing, "this program was built without what reads documents; use one that was built with it")
}

#[async_trait]
impl Reader for Unread {
    fn can_read(&self, _: DocumentKind) -> Result<(), Failure> {
        Err(missing())
    }

    async fn examine(&self, _: &Path, _: &str) -> Result<Examined, Failure> {
        Err(missing())
    }

    async fn pages(&self, _: &Path, _: &str, _: u32, _: mpsc::Sender<PageRead>) -> Result<(), Failure> {
        Err(missing())
    }

    async fn picture(&self, _: &Path, _: u32, _: Option<Area>, _: u32) -> Result<Vec<u8>, Failure> {
        Err(missing())
    }
}
