//! Documents made on the spot by the programs that people use, and ways to damage them.

// Every test file is a program of its own and uses a part of this one.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::Command;

use synapscribe_domain::Failure;
use synapscribe_domain::document::{BlockKind, Examined, FailedPage, ReadPage};
use synapscribe_ports::{PageRead, Reader};
use synapscribe_reader::SandboxedReader;
use tokio::sync::mpsc;

/// A folder of documents that goes away with the test.
pub struct Press {
    folder: tempfile::TempDir,
}

impl Press {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes bytes under a name.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a test file");
        path
    }

    /// Runs a script in Python, in the folder, with what it needs to make documents; the document is `name`.
    pub fn python(&self, script: &str, name: &str) -> PathBuf {
        let venv = std::env::var("SYNAPSCRIBE_TEST_VENV").unwrap_or_else(|_| {
            let cache = std::env::var("XDG_CACHE_HOME").unwrap_or_else(|_| format!("{}/.cache", std::env::var("HOME").unwrap()));
            format!("{cache}/synapscribe/test-venv")
        });
        let mut command = Command::new(format!("{venv}/bin/python"));
        command.arg("-c").arg(format!("{PRELUDE}\n{script}")).current_dir(self.folder.path());
        let output = command.output().expect("these tests need the Python tools that `scripts/setup.sh test` installs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.path(name)
    }

    /// Has a browser print a page.
    pub fn print(&self, html: &str, name: &str) -> PathBuf {
        let (page, path) = (self.write("page.html", html), self.path(name));
        let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let mut command = Command::new(browser);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]);
        command.arg(format!("--user-data-dir={}", self.path("profile").display()));
        command.arg(format!("--print-to-pdf={}", path.display())).arg(&page);
        let output = command.output().expect("these tests need chromium: apt-get install chromium");
        assert!(path.exists(), "{}", String::from_utf8_lossy(&output.stderr));
        path
    }
}

/// Text to fill pages with, the same at every run.
const PRELUDE: &str = r#"
import random
random.seed(7)
WORDS = "the tide rises and falls because gravity of moon pulls water toward it while earth turns beneath both bulges".split()
def sentence():
    words = [random.choice(WORDS) for _ in range(random.randint(9, 16))]
    return " ".join(words).capitalize() + "."
def prose(n=6):
    return " ".join(sentence() for _ in range(n))
"#;

/// The reader under test, in its sandbox.
pub fn reader() -> SandboxedReader {
    SandboxedReader::new(env!("CARGO_BIN_EXE_synapscribe-reader-worker"))
}

pub async fn examine(path: &Path) -> Result<Examined, Failure> {
    reader().examine(path, &path.file_name().unwrap_or_default().to_string_lossy()).await
}

/// All pages of a document.
pub async fn read(reader: &impl Reader, path: &Path) -> Result<Vec<PageRead>, Failure> {
    let (sink, mut pages) = mpsc::channel(4);
    let collect = async {
        let mut all = Vec::new();
        while let Some(page) = pages.recv().await {
            all.push(page);
        }
        all
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (done, all) = tokio::join!(reader.pages(path, &name, 1, sink), collect);
    done.map(|()| all)
}

/// All pages of a document that is whole.
pub async fn whole(path: &Path) -> Vec<ReadPage> {
    let pages = read(&reader(), path).await.unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
    pages
        .into_iter()
        .map(|page| page.unwrap_or_else(|FailedPage { number, failure }| panic!("page {number}: {failure}")))
        .collect()
}

/// What a page says, as kinds and texts.
pub fn told(page: &ReadPage) -> Vec<(BlockKind, &str)> {
    page.blocks.iter().map(|block| (block.kind, block.text.as_str())).collect()
}

/// All of a kind in a document.
pub fn all_of(pages: &[ReadPage], kind: BlockKind) -> Vec<&str> {
    pages.iter().flat_map(|page| &page.blocks).filter(|block| block.kind == kind).map(|block| block.text.as_str()).collect()
}

/// A PDF from the bodies of its objects, the first of which is the catalogue.
pub fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (nth, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n", nth + 1).bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let table = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let end = format!("trailer <</Size {} /Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    bytes.extend(end.bytes());
    bytes
}

/// A stream object.
pub fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    [format!("<<{entries} /Length {}>>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat()
}

/// A small generator, so that a failing case can be found again from its seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}
