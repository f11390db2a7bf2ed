//! Scanned pages by tesseract, a program of its own that is started for each page and ended when it takes too long. What it is given
//! was drawn by us, so that no byte of a stranger's file reaches it, and nothing leaves this machine.

use std::collections::BTreeMap;
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::document::{Area, RecognisedLine};
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
        lines(&said).ok_or_else(|| broken("gave an answer that makes no sense"))
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

/// The columns of its tables.
const COLUMNS: usize = 12;
/// The row of the page itself, and the rows of words.
const PAGE: u32 = 1;
const WORD: u32 = 5;

/// The lines of a page from its table: words with their places in dots, numbered by block, paragraph and line. Nothing where it is
/// no such table.
fn lines(table: &str) -> Option<Vec<RecognisedLine>> {
    let mut rows = table.lines();
    rows.next().filter(|head| head.starts_with("level\t"))?;
    let mut page = None;
    let mut lines: BTreeMap<[u32; 3], Vec<Word<'_>>> = BTreeMap::new();
    for row in rows {
        let columns: Vec<&str> = row.splitn(COLUMNS, '\t').collect();
        let whole = |at: usize| columns.get(at)?.parse::<u32>().ok();
        let number = |at: usize| columns.get(at)?.parse::<f32>().ok().filter(|n| n.is_finite());
        let frame = [number(6)?, number(7)?, number(8)?, number(9)?];
        match whole(0)? {
            PAGE => page = Some((frame[2], frame[3])),
            WORD => {
                let place = [whole(2)?, whole(3)?, whole(4)?];
                let text = columns.get(11).map_or("", |text| text.trim());
                if !text.is_empty() {
                    let sure = (number(10)? / 100.0).clamp(0.0, 1.0);
                    lines.entry(place).or_default().push(Word { text, frame, sure });
                }
            }
            _ => {}
        }
    }
    let page = page.filter(|(width, height)| *width > 0.0 && *height > 0.0)?;
    let (mut paragraph, mut before) = (0, None);
    let in_order = lines.iter().map(|([block, within, _], words)| {
        let here = Some((*block, *within));
        if before.is_some() && before != here {
            paragraph += 1;
        }
        before = here;
        line(words, page, paragraph)
    });
    Some(in_order.collect())
}

/// A word with its left and upper edge, width and height in dots.
struct Word<'t> {
    text: &'t str,
    frame: [f32; 4],
    sure: f32,
}

impl Word<'_> {
    /// Where it stands, and how high it is, as shares of the page. Whatever the table says, no edge is off the page, and none
    /// behind its opposite.
    fn stands(&self, (width, height): (f32, f32)) -> (Area, f32) {
        let [left, top, wide, high] = self.frame;
        let (wide, high) = (wide.max(0.0), high.max(0.0));
        let area = Area {
            left: share(left, width),
            top: share(top, height),
            right: share(left + wide, width),
            bottom: share(top + high, height),
        };
        (area, share(high, height))
    }
}

fn share(dots: f32, of: f32) -> f32 {
    (dots / of).clamp(0.0, 1.0)
}

fn line(words: &[Word<'_>], page: (f32, f32), paragraph: u32) -> RecognisedLine {
    let (areas, mut heights): (Vec<Area>, Vec<f32>) = words.iter().map(|word| word.stands(page)).unzip();
    let least = |edge: fn(&Area) -> f32| areas.iter().map(edge).fold(1.0, f32::min);
    let most = |edge: fn(&Area) -> f32| areas.iter().map(edge).fold(0.0, f32::max);
    // Some words have letters that hang down, and short marks do not stand as high: the middle one is like most.
    heights.sort_by(f32::total_cmp);
    RecognisedLine {
        text: words.iter().map(|word| word.text).collect::<Vec<_>>().join(" "),
        area: Area { left: least(|a| a.left), top: least(|a| a.top), right: most(|a| a.right), bottom: most(|a| a.bottom) },
        height: heights[heights.len() / 2],
        confidence: words.iter().map(|word| word.sure).sum::<f32>() / words.len() as f32,
        paragraph,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n";
    const SHEET: &str = "1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t\n";

    #[test]
    fn words_become_lines_with_their_places_and_paragraphs() {
        let table = format!(
            "{HEAD}1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t\n2\t1\t1\t0\t0\t0\t100\t200\t300\t20\t-1\t\n\
             5\t1\t1\t1\t1\t1\t100\t200\t100\t20\t90.5\tThe\n5\t1\t1\t1\t1\t2\t300\t190\t100\t40\t70.5\ttide\n\
             5\t1\t1\t1\t2\t1\t100\t300\t100\t20\t96\tstays.\n5\t1\t2\t1\t1\t1\t100\t400\t100\t20\t96\t \n\
             5\t1\t3\t1\t1\t1\t100\t500\t100\t20\t96\tA \"quoted\" end\n"
        );
        let lines = lines(&table).unwrap();
        let said: Vec<(&str, u32)> = lines.iter().map(|line| (line.text.as_str(), line.paragraph)).collect();
        assert_eq!(said, [("The tide", 0), ("stays.", 0), ("A \"quoted\" end", 1)]);
        assert_eq!(lines[0].area, Area { left: 0.1, top: 0.095, right: 0.4, bottom: 0.115 });
        assert!((lines[0].confidence - 0.805).abs() < 1e-4 && lines[0].height == 0.02, "{:?}", lines[0]);
    }

    #[test]
    fn what_is_no_table_is_told_from_a_page_without_words() {
        assert_eq!(lines(&format!("{HEAD}1\t1\t0\t0\t0\t0\t0\t0\t10\t20\t-1\t\n")), Some(Vec::new()));
        for nonsense in ["", "<html>", HEAD, &format!("{HEAD}5\t1\t1"), &format!("{HEAD}1\t1\t0\t0\t0\t0\t0\t0\t0\t0\t-1\t\n")] {
            assert_eq!(lines(nonsense), None, "{nonsense:?}");
        }
        for number in ["NaN", "inf", "-inf", "1e39", "wide"] {
            assert_eq!(lines(&format!("{HEAD}{SHEET}5\t1\t1\t1\t1\t1\t{number}\t1\t1\t1\t1\tx\n")), None, "{number}");
        }
        for place in ["-1", "1.5", "4294967296"] {
            assert_eq!(lines(&format!("{HEAD}{SHEET}5\t1\t{place}\t1\t1\t1\t1\t1\t1\t1\t1\tx\n")), None, "{place}");
        }
    }

    #[test]
    fn a_word_whose_box_makes_no_sense_stays_on_the_page() {
        let boxes =
            ["-50\t-60\t3e38\t-20\t3e38", "900\t100\t-3e38\t3e38\t-3e38", "3e38\t3e38\t3e38\t3e38\t3e38", "7\t7\t0\t0\t0"];
        for several in [&boxes[..], &boxes[..1], &boxes[1..2], &boxes[2..3], &boxes[3..]] {
            let rows: String = several.iter().map(|frame| format!("5\t1\t1\t1\t1\t1\t{frame}\tx\n")).collect();
            let found = lines(&format!("{HEAD}{SHEET}{rows}")).unwrap();
            let RecognisedLine { area, height, confidence, .. } = &found[0];
            let Area { left, top, right, bottom } = *area;
            for share in [left, top, right, bottom, *height, *confidence] {
                assert!((0.0..=1.0).contains(&share), "{several:?}: {found:?}");
            }
            assert!(left <= right && top <= bottom, "{several:?}: {area:?}");
        }
    }
}
