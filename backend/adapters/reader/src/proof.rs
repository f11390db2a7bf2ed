//! A document of one line, by which a person can be told whether documents can be read on their machine.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use synapscribe_domain::Failure;
use synapscribe_ports::Reader;
use tokio::sync::mpsc;

use crate::SandboxedReader;

/// The line.
const LINE: &str = "The tide rises and falls.";

impl SandboxedReader {
    /// Reads a small PDF, which is written into a folder for the moment it takes.
    pub async fn prove(&self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join(format!("proof-{}.pdf", std::process::id()));
        let written =
            OpenOptions::new().write(true).create_new(true).open(&path).and_then(|mut file| file.write_all(&document()));
        let read = match written {
            Ok(()) => self.read_line(&path).await,
            Err(_) => Err(Failure::internal()),
        };
        let _ = std::fs::remove_file(&path);
        read
    }

    async fn read_line(&self, path: &Path) -> Result<(), Failure> {
        let (sink, mut pages) = mpsc::channel(2);
        self.pages(path, "", 1, sink).await?;
        let page = pages.recv().await.and_then(Result::ok).unwrap_or_default();
        if page.text() == LINE { Ok(()) } else { Err(Failure::internal()) }
    }
}

fn document() -> Vec<u8> {
    let text = format!("BT /F 12 Tf 20 100 Td ({LINE}) Tj ET");
    // Without a table of its objects, which every reader can do without.
    format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 300 200]>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n\
         4 0 obj<</Length {}>>stream\n{text}\nendstream endobj\ntrailer<</Root 1 0 R>>\n",
        text.len()
    )
    .into_bytes()
}
