//! Scanned pages by tesseract, a program of its own that is started for each page and ended when it takes too long. What it is given
//! was drawn by us, so that no byte of a stranger's file reaches it, and nothing leaves this machine.

mod table;

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::document::RecognisedLine;
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{EngineCard, PageRecogniser, Reached};
use synapscribe_sandbox::Limits;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

/// How a PNG begins. Whatever begins otherwise tesseract may take for a list of files to open.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Its usual name.
const NAME: &str = "tesseract";
/// A page takes a second or two; the densest on a busy machine some more.
const PATIENCE: Duration = Duration::from_secs(90);
/// The densest page takes 150 MiB, and each further language a few tens more. The clock ends it long before its processor time does.
const LIMITS: Limits = Limits { memory_bytes: 1 << 30, cpu_seconds: 300 };
/// Its list of languages is short, and is told at once.
const PATIENCE_TO_LIST: Duration = Duration::from_secs(10);
/// How that list begins.
const LIST: &str = "List of available languages";
/// What it says of the densest page is far less.
const MOST_SAID: u64 = 16 << 20;
/// Of its complaints no more than this is read.
const MOST_COMPLAINTS: u64 = 64 << 10;
/// What it may see of our surroundings: where its libraries and its data are, and no secrets.
const SURROUNDINGS: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX"];

/// Recognises pages by running tesseract.
#[derive(Debug, Clone)]
pub struct Tesseract {
    program: Option<PathBuf>,
    languages: String,
    patience: Duration,
    /// Held while languages are listed: anybody may ask, as often as they like.
    listing: Arc<Mutex<()>>,
}

impl Tesseract {
    /// With this program, or the one on the path; it is looked for whenever it is needed, so that it may be installed later.
    pub fn new(program: Option<PathBuf>, languages: &str) -> Self {
        Self { program, languages: languages.to_owned(), patience: PATIENCE, listing: Arc::default() }
    }

    /// The same, with another limit on its time for a page, and for its list of languages where that is shorter.
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Where the program is.
    fn found(&self) -> Option<PathBuf> {
        match &self.program {
            Some(named) => named.is_file().then(|| named.clone()),
            None => on_the_path(&format!("{NAME}{EXE_SUFFIX}")),
        }
    }

    fn missing(&self) -> Failure {
        let told = match &self.program {
            // Everybody may be told this, and where programs lie is nobody's business.
            Some(_) => "text recognition is not where SYNAPSCRIBE_TESSERACT says; set it to the tesseract program",
            None => "text recognition is not installed here; install tesseract-ocr, or name the program in SYNAPSCRIBE_TESSERACT",
        };
        Failure::new(Code::EngineMissing, told)
    }

    fn not_started(&self, error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::NotFound => self.missing(),
            io::ErrorKind::PermissionDenied => broken("may not be started; allow the server to run the tesseract program"),
            _ => broken(&format!("could not be started: {error}")),
        }
    }

    fn start(&self, arguments: &[&str]) -> Result<Child, Failure> {
        let program = self.found().ok_or_else(|| self.missing())?;
        let mut command = Command::new(program);
        command.args(arguments);
        LIMITS.put_on(&mut command);
        let seen = |name: &OsStr| SURROUNDINGS.iter().any(|known| name == OsStr::new(known));
        command.env_clear().envs(std::env::vars_os().filter(|(name, _)| seen(name)));
        // Several threads make a page hardly quicker, and several pages may be under way.
        command.env("OMP_THREAD_LIMIT", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command.spawn().map_err(|error| self.not_started(&error))
    }

    async fn run(&self, picture: &[u8]) -> Result<String, Failure> {
        let mut child = self.start(&["stdin", "stdout", "-l", &self.languages, "tsv"])?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let giving = async {
            if let Some(mut input) = input {
                // One that refuses the picture does not read all of it, and says why by itself.
                let _ = input.write_all(picture).await;
            }
        };
        let ((), said, complaints) = tokio::join!(giving, read(output, MOST_SAID), read(errors, MOST_COMPLAINTS));
        let ended = child.wait().await.map_err(|_| broken("ended without a word"))?;
        if ended.success() {
            return String::from_utf8(said).map_err(|_| broken("gave an answer that is no text"));
        }
        Err(self.refused(&String::from_utf8_lossy(&complaints)))
    }

    fn refused(&self, complaints: &str) -> Failure {
        if complaints.contains("tessdata") || complaints.contains("Failed loading language") {
            let language = self.languages.split('+').next().unwrap_or_default();
            return no_data(&self.languages, &format!("install the packages of its languages, such as {}", package(language)));
        }
        if complaints.contains("bad_alloc") {
            return Failure::new(Code::PageUnreadable, "text recognition needs more memory for this page than it may have");
        }
        broken("could not read the picture")
    }

    /// The languages it was asked for and has no data for, or why it does not tell.
    async fn absent(&self) -> Result<Vec<&str>, Failure> {
        let patience = self.patience.min(PATIENCE_TO_LIST);
        let listed = tokio::time::timeout(patience, self.listed()).await;
        let listed = listed.map_err(|_| late(patience, "to list its languages"))??;
        let has = |language: &&str| listed.lines().any(|line| line.trim() == *language);
        Ok(self.languages.split('+').filter(|language| !language.is_empty() && !has(language)).collect())
    }

    /// What it says when it is asked for its languages.
    async fn listed(&self) -> Result<String, Failure> {
        let _one = self.listing.lock().await;
        let mut child = self.start(&["--list-langs"])?;
        let (output, errors) = (child.stdout.take(), child.stderr.take());
        // Which of the two it lists them on depends on its version.
        let (said, complaints) = tokio::join!(read(output, MOST_COMPLAINTS), read(errors, MOST_COMPLAINTS));
        let ended = child.wait().await.map_err(|_| broken("ended without a word"))?;
        let listed = String::from_utf8_lossy(&[said, b"\n".to_vec(), complaints].concat()).into_owned();
        if ended.success() && listed.contains(LIST) {
            return Ok(listed);
        }
        Err(broken("could not list its languages; run `tesseract --list-langs` to see why"))
    }
}

/// Tesseract goes on with the other languages where one has no data, and says so to nobody.
fn no_data(languages: &str, what_to_do: &str) -> Failure {
    Failure::new(Code::EngineMissing, format!("text recognition has no data for “{languages}”; {what_to_do}"))
}

/// The package with the data of a language, whose names have hyphens where tesseract's have underscores.
fn package(language: &str) -> String {
    format!("tesseract-ocr-{}", language.replace('_', "-"))
}

#[async_trait]
impl PageRecogniser for Tesseract {
    fn card(&self) -> EngineCard {
        let missing = self.found().is_none().then(|| self.missing().message);
        EngineCard { missing, ..EngineCard::local(NAME, &self.languages) }
    }

    async fn reach(&self) -> Option<Reached> {
        // That it is not there at all is told by its card.
        self.found()?;
        let failure = match self.absent().await {
            Ok(absent) if absent.is_empty() => None,
            Ok(absent) => {
                let packages: Vec<String> = absent.iter().map(|language| package(language)).collect();
                Some(no_data(&absent.join("+"), &format!("install {}", packages.join(" and "))))
            }
            Err(failure) => Some(failure),
        };
        Some(Reached { server: NAME.to_owned(), failure })
    }

    async fn recognise(&self, picture: &[u8]) -> Result<Vec<RecognisedLine>, Failure> {
        if !picture.starts_with(PNG) {
            return Err(broken("takes a PNG, and this is none"));
        }
        // Dropping the child ends it.
        let said = tokio::time::timeout(self.patience, self.run(picture)).await;
        let said = said.map_err(|_| late(self.patience, "for a page"))??;
        table::lines(&said).ok_or_else(|| broken("gave an answer that makes no sense"))
    }
}

fn broken(how: &str) -> Failure {
    Failure::new(Code::EngineFailed, format!("text recognition {how}"))
}

fn late(patience: Duration, what: &str) -> Failure {
    let told = format!("text recognition took longer than {} s {what}", patience.as_secs_f32().ceil());
    Failure::new(Code::EngineTimeout, told)
}

fn on_the_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut said = Vec::new();
    if let Some(from) = from {
        // What it says beyond the limit is not waited for: the pipe is closed, and it ends.
        let _ = from.take(most).read_to_end(&mut said).await;
    }
    said
}
