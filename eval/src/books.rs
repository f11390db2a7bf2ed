//! Books on their way into the library: each becomes a file, and goes through the steps of every document.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use synapscribe_domain::document::{DocumentLimits, DocumentState, Step};
use synapscribe_domain::{DocumentId, ObjectKey, Timestamp};
use synapscribe_ports::fakes::{Listeners, MemoryConnections, MemoryJobs, MemoryObjects, SetClock};
use synapscribe_ports::{Embedder, Library, ObjectCreated, Unheard};
use synapscribe_reader::SandboxedReader;
use synapscribe_stories::{program, python};
use synapscribe_usecases::Making;
use synapscribe_usecases::patience::Patience;

use crate::set::{self, Binding, Text};
use crate::shelf::reader;

/// A busy machine may take longer than anybody would wait elsewhere.
const PATIENCE: Duration = Duration::from_secs(600);

/// Makes documents of books.
pub struct Bindery {
    making: Making,
    folder: tempfile::TempDir,
}

impl Bindery {
    /// For this library. Files are read by the built program, in a child process.
    pub fn of(library: Arc<dyn Library>, embedder: Arc<dyn Embedder>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(SetClock::at(Timestamp(1)));
        let making = Making {
            library,
            objects: Arc::new(MemoryObjects::new(clock.clone())),
            reader: Arc::new(SandboxedReader::new(program("synapscribe")?)),
            recogniser: None,
            embedder: Some(embedder),
            jobs: Arc::new(MemoryJobs::default()),
            connections: Arc::new(MemoryConnections::default()),
            audience: Arc::new(Listeners::default()),
            herald: Arc::new(Unheard),
            clock,
            limits: DocumentLimits::USUAL,
            scratch: folder.path().to_owned(),
            patience: Patience { meaning: PATIENCE, ..Patience::default() },
        };
        Ok(Self { making, folder })
    }

    /// Uploads a book and does every step.
    pub async fn put(&self, text: &Text, binding: Binding) -> anyhow::Result<()> {
        let file = self.file(text, binding)?;
        let id = DocumentId::parse(text.name.as_str())?;
        let name = file.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        let key = ObjectKey::document(&reader(), &id, &name);
        let content = Bytes::from(std::fs::read(&file)?);
        let created = ObjectCreated { key: key.clone(), bytes: content.len() as u64, sequencer: "1".into() };
        self.making.objects.put(&key, content, "application/octet-stream").await?;
        self.making.arrived(&created).await?;
        for step in Step::ALL {
            self.making.step(&id, step, true).await?;
        }
        let made = self.making.library.document(&id).await?.context("it was taken in")?;
        ensure!(made.state == DocumentState::Ready && made.notes.is_empty(), "{:?}: {:?}", made.state, made.notes);
        Ok(())
    }

    fn file(&self, text: &Text, binding: Binding) -> anyhow::Result<PathBuf> {
        let written = set::folder().join("books").join(format!("{}.md", text.name));
        if binding == Binding::Markdown {
            return Ok(written);
        }
        let bound = self.folder.path().join(format!("{}.pdf", text.name));
        let set = Command::new(python()).arg(set::folder().join("press.py")).args([&written, &bound]).output()?;
        ensure!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
        Ok(bound)
    }
}
