//! Every engine that needs no server runs the suite of its port; those behind servers run it in their own tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use synapscribe_domain::{Code, Pcm};
use synapscribe_engines::builtin::flite::{Flite, Speed, Voice};
use synapscribe_engines::extractive::ExtractiveTutor;
use synapscribe_engines::hashed::HashedEmbedder;
use synapscribe_engines::in_process::{BuiltInEar, BuiltInVoice};
use synapscribe_engines::tesseract::Tesseract;
use synapscribe_ports::PageRecogniser;
use synapscribe_ports::conformance::{engines, page_recogniser};
use tokio::sync::Mutex;

#[tokio::test]
async fn the_built_in_tutor_behaves_as_every_tutor() {
    engines::tutor(&ExtractiveTutor).await;
}

#[tokio::test]
async fn word_hashes_behave_as_every_embedder() {
    engines::embedder(&HashedEmbedder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_voice_behaves_as_every_voice() {
    engines::narrator(&BuiltInVoice::open(None).expect("the set-up installs the voice's library")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_ear_behaves_as_every_ear() {
    let voice = Flite::load().expect("the set-up installs the voice's library");
    let words = "What happens when the steps that we take downhill are much too large?";
    let mut audio = vec![0.0; 8000];
    audio.append(&mut voice.speak(words, Voice::Slt, Speed::NORMAL).expect("it speaks").0);
    audio.resize(audio.len() + 8000, 0.0);
    let saying = engines::Saying { audio: Pcm(audio), words: words.into() };
    engines::transcriber(&BuiltInEar::open().expect("the set-up installs the ear's library"), &saying).await;
}

/// Held by a test that makes programs or starts them: one that is still being written cannot be run, and whoever starts a process
/// meanwhile keeps it open.
static STARTING: Mutex<()> = Mutex::const_new(());

/// Two sheets of paper, a printed one and an empty one.
const SHEETS: &str = r#"
import sys
from PIL import Image, ImageDraw, ImageFont
sheet = Image.new("L", (1240, 1754), 250)
sheet.save("blank.png")
draw = ImageDraw.Draw(sheet)
draw.text((150, 170), sys.argv[1], 20, ImageFont.load_default(34))
draw.text((150, 420), sys.argv[2], 20, ImageFont.load_default(34))
sheet.save("written.png")
"#;

fn python() -> String {
    let venv = std::env::var("SYNAPSCRIBE_TEST_VENV").unwrap_or_else(|_| {
        let cache = std::env::var("XDG_CACHE_HOME").unwrap_or_else(|_| format!("{}/.cache", std::env::var("HOME").unwrap()));
        format!("{cache}/synapscribe/test-venv")
    });
    format!("{venv}/bin/python")
}

fn sheets(folder: &Path) -> page_recogniser::Sheets {
    let paragraphs = ["A bore is a wave that runs up a river\nwhen the tide comes in.", "It comes after the new moon."];
    let mut make = Command::new(python());
    let made = make.args(["-c", SHEETS]).args(paragraphs).current_dir(folder).output();
    let made = made.expect("this needs the Python tools that `scripts/setup.sh test` installs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let picture = |name: &str| std::fs::read(folder.join(name)).unwrap();
    page_recogniser::Sheets { written: picture("written.png"), words: paragraphs.join(" "), blank: picture("blank.png") }
}

#[tokio::test]
async fn tesseract_behaves_as_every_recogniser_of_pages() {
    let _alone = STARTING.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let engine = Tesseract::new(None, "eng");
    let sheets = sheets(folder.path());
    page_recogniser::suite(&engine, &sheets).await;
    // What is no picture tesseract would take for a list of files to open.
    std::fs::write(folder.path().join("secret.png"), &sheets.written).unwrap();
    let list = format!("{}\n", folder.path().join("secret.png").display());
    assert_eq!(engine.recognise(list.as_bytes()).await.unwrap_err().code, Code::EngineFailed);
    let torn = &sheets.written[..sheets.written.len() / 2];
    assert_eq!(engine.recognise(torn).await.unwrap_err().code, Code::EngineFailed);
    let foreign = Tesseract::new(None, "xyz").recognise(&sheets.blank).await.unwrap_err();
    assert!(foreign.code == Code::EngineMissing && foreign.message.contains("tesseract-ocr-xyz"), "{foreign}");
    // One language of several may lack its data: the page is read with the others, and whoever asks is told which.
    let several = Tesseract::new(None, "eng+xyz_old");
    assert!(!several.recognise(&sheets.written).await.unwrap().is_empty());
    let told = several.reach().await.and_then(|reached| reached.failure).expect("it has no data for one of them");
    assert!(told.message.contains("“xyz_old”; install tesseract-ocr-xyz-old"), "{told}");
    assert_eq!(engine.reach().await.map(|reached| reached.failure), Some(None));
}

/// A program in the place of tesseract.
fn program(folder: &Path, name: &str, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn a_program_that_is_away_breaks_talks_nonsense_or_hangs_fails_with_a_reason() {
    let _alone = STARTING.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 200_000]].concat();
    for (name, script, code) in [
        ("crashes", "kill -9 $$", Code::EngineFailed),
        ("refuses", "exit 1", Code::EngineFailed),
        ("babbles", "cat >/dev/null; echo hello", Code::EngineFailed),
        ("is-silent", "cat >/dev/null", Code::EngineFailed),
        ("says-no-text", r"cat >/dev/null; printf 'level\t\377\376'", Code::EngineFailed),
        ("floods", "exec cat /dev/zero", Code::EngineFailed),
        (
            "is-greedy",
            &format!("{} -c 'bytearray(3 << 30)' || {{ echo bad_alloc >&2; exit 1; }}", python()),
            Code::PageUnreadable,
        ),
        ("hangs", "exec sleep 600", Code::EngineTimeout),
    ] {
        let path = program(folder.path(), name, script);
        let patience = Duration::from_secs(if code == Code::EngineTimeout { 1 } else { 60 });
        let engine = Tesseract::new(Some(path), "eng").with_patience(patience);
        let began = Instant::now();
        let failure = engine.recognise(&picture).await.expect_err(name);
        assert!(failure.code == code && failure.message.len() > 20, "{name}: {failure}");
        assert!(began.elapsed() < Duration::from_secs(59), "{name} was waited for: {:?}", began.elapsed());
    }
    let away = Tesseract::new(Some(folder.path().join("nowhere")), "eng");
    let told = away.card().missing.expect("it is not there");
    assert!(told.contains("SYNAPSCRIBE_TESSERACT"), "{told}");
    let failure = away.recognise(&picture).await.unwrap_err();
    assert_eq!((failure.code, failure.message), (Code::EngineMissing, told));
    let locked = program(folder.path(), "locked", "exit 0");
    std::fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let locked = Tesseract::new(Some(locked), "eng");
    assert_eq!(locked.card().missing, None);
    let failure = locked.recognise(&picture).await.unwrap_err();
    assert!(failure.code == Code::EngineFailed && failure.message.contains("may not be started"), "{failure}");
    assert_eq!(locked.reach().await.and_then(|reached| reached.failure), Some(failure), "whoever asks is told the same");
}

#[tokio::test]
async fn a_program_that_does_not_list_its_languages_is_told_from_one_that_lacks_some() {
    let _alone = STARTING.lock().await;
    let folder = tempfile::tempdir().unwrap();
    for (name, script, code) in [
        ("crashes", "kill -9 $$", Code::EngineFailed),
        ("refuses", "echo 'List of available languages (1):'; echo eng; exit 1", Code::EngineFailed),
        ("babbles", "echo hello", Code::EngineFailed),
        ("is-silent", "exit 0", Code::EngineFailed),
        ("floods", "exec cat /dev/zero", Code::EngineFailed),
        ("hangs", "exec sleep 600", Code::EngineTimeout),
        ("has-another", "echo 'List of available languages (1):'; echo osd", Code::EngineMissing),
    ] {
        let path = program(folder.path(), name, script);
        let patience = Duration::from_secs(if code == Code::EngineTimeout { 1 } else { 60 });
        let reached = Tesseract::new(Some(path), "eng").with_patience(patience).reach().await;
        let failure = reached.and_then(|reached| reached.failure).expect(name);
        assert_eq!(failure.code, code, "{name}: {failure}");
        assert_eq!(failure.message.contains("has no data"), code == Code::EngineMissing, "{name}: {failure}");
    }
    let lists = program(folder.path(), "lists", "echo 'List of available languages (2):' >&2; echo eng >&2; echo osd >&2");
    let reached = Tesseract::new(Some(lists), "eng").reach().await.expect("it is there");
    assert_eq!(reached.failure, None);
}
