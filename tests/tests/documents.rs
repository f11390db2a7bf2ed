//! A book answers with its pages, alone and together with a lecture, in the terminal and over REST, and leaves nothing when it is
//! deleted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use synapscribe_stories::{Host, Member, Tides, answer_in, run};

const BOOK: &str = "# Waves\n\n## What makes them\n\nThe wind makes waves when it blows over the water. A fetch is the stretch of water \
    over which the wind blows.\n\n## Rogue waves\n\nA rogue wave is more than twice as high as the waves around it.\n";

#[test]
fn a_book_is_asked_alone_and_beside_a_lecture_and_goes_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.jsonl");
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_EVENTS", &events);
    });
    let host = host.unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let file = folder.path().join("Waves at sea.md");
    std::fs::write(&file, BOOK).unwrap();
    let uploaded = run(host.terminal().unwrap().arg("upload").arg(&file).args(["--wait", "--json"])).unwrap().well();
    let last = uploaded.events().pop().unwrap();
    assert_eq!((&last["state"], &last["pages"]), (&"ready".into(), &1.into()), "{}", uploaded.out);
    let book = last["lectureId"].as_str().unwrap().to_owned();
    let listed = run(host.terminal().unwrap().arg("library")).unwrap().well();
    assert!(listed.out.contains(&book) && listed.out.contains(&tides.lecture), "{}", listed.out);

    let library = |args: &[&str]| run(host.terminal().unwrap().arg("library").args(args)).unwrap().well();
    let shown = library(&["show", &book]);
    assert!(shown.out.contains("Markdown · 1 page") && shown.out.contains("ready"), "{}", shown.out);
    assert_eq!(library(&["show", "waves", "--json"]).events()[0]["document"]["documentId"], book.as_str());
    library(&["rename", "waves", "Waves at sea"]);
    let words = library(&["transcript", "waves at sea"]);
    assert!(words.out.starts_with("page 1\n") && words.out.contains("A rogue wave is more than twice"), "{}", words.out);

    let ask = |args: &[&str]| run(host.terminal().unwrap().args(["ask", "--silent"]).args(args)).unwrap().well();
    let alone = ask(&["--document", "Waves at sea", "What is a rogue wave?"]);
    assert!(alone.out.contains("twice as high") && alone.out.contains("[1] page 1"), "{}", alone.out);
    assert!(alone.out.contains("Made of the document's own sentences"), "{}", alone.out);
    let both = ["--lecture", &tides.lecture, "--document", &book];
    let printed = ask(&[&both[..], &["--session", "fetch", "What is a fetch?"]].concat());
    assert!(printed.out.contains("stretch of water") && printed.out.contains("Waves at sea, page 1"), "{}", printed.out);
    let said = ask(&[&both[..], &["What is a spring tide?"]].concat());
    assert!(said.out.contains("the sun and the moon") && said.out.contains("[1] tides, 0:"), "{}", said.out);
    assert!(said.out.contains("Made of the sources' own sentences"), "{}", said.out);
    let shown = run(host.terminal().unwrap().args(["sessions", "show", "fetch"])).unwrap().well();
    assert!(shown.out.contains("Waves at sea, page 1"), "{}", shown.out);
    let foreign = ask(&["--document", &book, "What causes the tides?"]);
    assert!(foreign.out.contains("This document does not answer that."), "{}", foreign.out);

    for (kind, name, other) in [("--lecture", &book, "--document"), ("--document", &tides.lecture, "--lecture")] {
        let said = run(host.terminal().unwrap().args(["ask", kind, name, "What is a fetch?"])).unwrap();
        assert!(!said.status.success() && said.err.contains(&format!("name it with {other}")), "{}", said.err);
    }

    let deleted = run(host.terminal().unwrap().args(["library", "delete", &book])).unwrap().well();
    assert!(deleted.out.contains("Waves"), "{}", deleted.out);
    let gone = run(host.terminal().unwrap().args(["ask", "--document", &book, "What is a fetch?"])).unwrap();
    assert!(!gone.status.success() && gone.err.contains("there is no document"), "{}", gone.err);
    let left = run(host.terminal().unwrap().arg("library")).unwrap().well();
    assert!(!left.out.contains(&book) && left.out.contains(&tides.lecture), "{}", left.out);

    // Other systems were told of both, by their names alone.
    let told = std::fs::read_to_string(events).unwrap();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let about = |kind: &str, field: &str, name: &str| {
        let fits = |event: &&Value| event["detail-type"] == kind && event["detail"][field] == name;
        told.iter().filter(fits).count()
    };
    // Captions that come behind their recording make a lecture ready once more.
    assert!(about("lecture_ready", "lectureId", &tides.lecture) >= 1, "{told:?}");
    assert_eq!(about("document_ready", "documentId", &book), 1, "{told:?}");
    assert!(told.iter().all(|event| event["detail"]["state"] == "ready" && event["source"] == "synapscribe"), "{told:?}");
}

#[test]
fn a_document_with_a_title_of_its_own_says_so_and_is_found_by_its_files_name() {
    let host = Host::quiet();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rivers.md");
    std::fs::write(&file, "# Deltas\n\nA delta is the land that a river makes of its sand where it meets the sea.\n").unwrap();
    let uploaded = run(host.terminal().unwrap().arg("upload").arg(&file).arg("--wait")).unwrap().well();
    assert!(uploaded.err.contains("rivers.md is kept under the title “Deltas”"), "{}", uploaded.err);
    let asked =
        run(host.terminal().unwrap().args(["ask", "--silent", "--document", "rivers", "What is a delta?"])).unwrap().well();
    assert!(asked.out.contains("a river makes of its sand"), "{}", asked.out);
}

/// A book of two pages that ends before the second.
const CUT: &str = "%PDF-1.4\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Count 2 /Kids [3 0 R 5 0 R] \
    /MediaBox [0 0 300 300] /Resources <</Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>>>\nendobj\n3 0 obj\n\
    <</Type /Page /Parent 2 0 R /Contents 4 0 R>>\nendobj\n4 0 obj\n<</Length 62>>\nstream\n\
    BT /F 12 Tf 20 200 Td (The spring tide is the highest.) Tj ET\nendstream\nendobj\n";

#[test]
fn what_a_file_has_lost_is_told_when_it_is_brought_and_whenever_it_is_looked_at() {
    let host = Host::quiet();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Tides.pdf");
    std::fs::write(&file, CUT).unwrap();
    let uploaded = run(host.terminal().unwrap().arg("upload").arg(&file).arg("--wait")).unwrap().well();
    let shown = run(host.terminal().unwrap().args(["library", "show", "tides"])).unwrap().well();
    for words in ["the end of the file is missing", "page 2 could not be read: the page is missing"] {
        assert!(uploaded.err.contains(words), "{words}: {}", uploaded.err);
        assert!(shown.out.contains(words), "{words}: {}", shown.out);
    }
    assert!(shown.out.contains("PDF · 2 pages") && shown.out.contains("1 page could not be read"), "{}", shown.out);
}

/// A word that no program and no test writes but this one, so that wherever it is found a trace was left.
const RARE: &str = "quillwortery";

/// A book of two pages with a figure, made by a program that people use.
const PDF: &str = r#"
import sys
from reportlab.pdfgen import canvas
book = canvas.Canvas(sys.argv[1], pageCompression=0)
book.setTitle("Seas")
for page, text in enumerate(["The quillwortery grows where the spring tide ends.", "A neap tide never reaches the quillwortery."]):
    book.setFont("Helvetica", 14)
    book.drawString(72, 720, text)
    for line in range(6):
        book.drawString(72, 690 - 18 * line, "The water rises and falls twice a day, line %d of page %d." % (line, page))
    book.rect(100, 300, 200, 150, fill=1)
    book.showPage()
book.save()
"#;

/// What a database holds beyond the name of what was deleted: every table, and the words of the full-text index.
const LEFT: &str = r#"
import sqlite3, sys
database, words = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True), sys.argv[2:]
tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
assert {"sources", "pages", "outlines", "passages", "passage_rows", "vectors", "vector_blocks", "vectors_aside", "sessions",
        "turns", "jobs", "passages_fts_data"} <= set(tables), tables
for table in tables:
    if table in ("deleted_sources", "passages_fts"):
        continue
    for row in database.execute('SELECT * FROM "%s"' % table):
        said = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
        for word in words:
            if word.encode() in said:
                print(table, word, said[:200])
"#;

fn python(script: &str, arguments: &[&std::ffi::OsStr]) -> synapscribe_stories::Said {
    run(Command::new(synapscribe_stories::python()).args(["-c", script]).args(arguments)).unwrap().well()
}

/// The files below a folder whose name or content holds one of these.
fn traces(folder: &Path, words: &[&str]) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(traces(&path, words));
        }
        let content = std::fs::read(&path).unwrap_or_default();
        let holds = |word: &&str| content.windows(word.len()).any(|part| part == word.as_bytes());
        if words.iter().any(|word| name.contains(word) || holds(word)) {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_book_is_uploaded_read_searched_and_asked_over_rest_alone_and_deleting_it_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let host = Host::quiet_on(data.path(), |_| {}).unwrap();
    let ada = Member::join(&host, "ada@example.org");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Seas.pdf");
    python(PDF, &[file.as_os_str()]);
    let book = ada.upload(&file);
    let made = ada.made(&book);
    assert_eq!((&made["state"], &made["failedPages"]), (&"ready".into(), &json!([])), "{made}");

    let at = |path: &str| format!("/api/documents/{book}{path}");
    let pages = ada.get(&at("/pages")).json();
    assert!(pages["pages"][0].to_string().contains(RARE), "{pages}");
    let picture = ada.get(&at("/pages/1/picture.png?width=300"));
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")));
    let cover = ada.get(&at("/cover.png?width=96"));
    assert_eq!((cover.status, cover.header("content-type")), (200, Some("image/png")));
    assert_eq!(ada.get(&at("")).json()["hasCover"], true);
    let found = ada.get(&format!("/api/search?q={RARE}&sources={book}")).json();
    let hit = &found["hits"][0];
    assert!(hit["documentId"] == book.as_str() && hit["excerpt"].as_str().unwrap().contains(RARE), "{found}");

    let session = ada.call("POST", "/api/sessions", Some(&json!({ "documentId": book }))).json();
    let session = session["sessionId"].as_str().unwrap();
    let question = json!({ "queryId": "q-rest", "text": format!("Where does the {RARE} grow?"), "speech": {} });
    let answer = ada.call("POST", &format!("/api/sessions/{session}/turns"), Some(&question));
    assert_eq!(answer.header("content-type"), Some("text/event-stream"), "{}", answer.body);
    let events: Vec<Value> =
        answer.body.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?).ok()).collect();
    assert!(answer_in(&events).contains("spring tide"), "{}", answer.body);
    assert_eq!(events.last().unwrap()["type"], "answer_done", "{}", answer.body);
    assert!(events.iter().any(|event| event["citation"]["pages"]["from"] == 1), "{}", answer.body);
    let turns = ada.get(&format!("/api/sessions/{session}")).json()["turns"].clone();
    assert_eq!((&turns[0]["state"], &turns[0]["answer"]), (&json!("done"), &json!(answer_in(&events))));
    let spoken = ada.get("/api/responses/q-rest");
    assert_eq!(spoken.status, 200, "what was spoken is kept: {}", spoken.body);

    let bob = Member::join(&host, "bob@example.org");
    for path in ["", "/status", "/pages", "/figures", "/file"] {
        assert_eq!(bob.get(&at(path)).status, 404, "{path}");
    }
    assert_eq!(ada.call("DELETE", &at(""), None).status, 204);
    assert_eq!(ada.get(&at("")).status, 404);
    assert_eq!(ada.get(&format!("/api/sessions/{session}")).status, 404, "a session about it goes with it");
    assert_eq!(ada.get("/api/responses/q-rest").status, 404);
    assert_eq!(ada.get(&format!("/api/search?q={RARE}")).json()["hits"], json!([]));
    let words = [RARE, book.as_str(), session, "q-rest"];
    let database = data.path().join("synapscribe.db");
    let named: Vec<&std::ffi::OsStr> =
        std::iter::once(database.as_os_str()).chain(words.iter().map(|word| word.as_ref())).collect();
    assert_eq!(python(LEFT, &named).out, "", "no table holds anything of it");
    assert!(host.stop(Duration::from_secs(30)), "the host did not stop");
    // Of the file's words, of what was asked and of what was spoken not one byte is left in any file.
    assert_eq!(traces(data.path(), &[RARE, "q-rest"]), Vec::<PathBuf>::new());
    let objects = traces(&data.path().join("objects"), &words);
    assert_eq!(objects, Vec::<PathBuf>::new(), "no object, picture or recording has its name");
}

/// A text of Word with a figure and its caption.
const WORD: &str = r#"
import docx, io, sys
from PIL import Image
picture = io.BytesIO()
Image.new("RGB", (40, 30), (0, 0, 255)).save(picture, "PNG")
word = docx.Document()
word.add_paragraph("The sea is blue where it is deep.")
word.add_picture(picture, width=docx.shared.Cm(4))
word.add_paragraph("Figure 1: The deep sea", style="Caption")
word.save(sys.argv[1])
"#;

#[test]
fn a_figure_in_a_text_of_word_is_shown_and_what_occurs_nowhere_is_not_found() {
    let host = Host::quiet();
    let ada = Member::join(&host, "ada@example.org");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Seas.docx");
    python(WORD, &[file.as_os_str()]);
    let word = ada.upload(&file);
    assert_eq!(ada.made(&word)["state"], json!("ready"));
    let figures = ada.get(&format!("/api/documents/{word}/figures")).json();
    let (figure, area) = (&figures["figures"][0], &figures["figures"][0]["area"]);
    assert_eq!((&figure["page"], &figure["caption"]), (&json!(1), &json!("Figure 1: The deep sea")), "{figures}");
    let page = format!("/api/documents/{word}/pages/1/picture.png");
    let edges = ["left", "top", "right", "bottom"].map(|edge| format!("{edge}={}", area[edge])).join("&");
    let picture = ada.get(&format!("{page}?{edges}"));
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")));
    assert_eq!(ada.get(&page).status, 404, "pages of Word have no picture");

    assert_ne!(ada.get(&format!("/api/search?q=deep&sources={word}")).json()["hits"], json!([]));
    assert_eq!(ada.get("/api/search?q=zebra").json()["hits"], json!([]));
}

/// A book of two pages, each a picture as a scanner makes it: a little askew, not quite sharp, and with dust on the glass.
const SCAN: &str = r#"
import os, random, sys
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.pdfgen import canvas
book = canvas.Canvas(sys.argv[1], pagesize=(420, 595))
pages = [("Tidal bores", ["A bore is a wave that runs up a river when the tide comes in.", "The highest bores come after the new moon."]),
         ("Mudflats", ["The samphire of the mudflats is eaten with butter.", "It is gathered while the water is low."])]
for number, (heading, lines) in enumerate(pages):
    sheet = Image.new("L", (1240, 1754), 245)
    draw = ImageDraw.Draw(sheet)
    draw.text((150, 170), heading, 20, ImageFont.load_default(60))
    for row, line in enumerate(lines):
        draw.text((150, 320 + 50 * row), line, 20, ImageFont.load_default(34))
    sheet = sheet.rotate(0.4, fillcolor=245).filter(ImageFilter.GaussianBlur(0.8))
    random.seed(number)
    for _ in range(3000):
        sheet.putpixel((random.randrange(1240), random.randrange(1754)), random.randrange(256))
    name = os.path.join(os.path.dirname(sys.argv[1]), "sheet%d.png" % number)
    sheet.save(name)
    book.drawImage(name, 0, 0, 420, 595)
    book.showPage()
book.save()
"#;

#[test]
fn a_scanned_book_is_recognised_and_asked_and_without_a_recogniser_its_owner_is_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Estuary.pdf");
    python(SCAN, &[file.as_os_str()]);
    let host = Host::quiet();
    let uploaded = run(host.terminal().unwrap().arg("upload").arg(&file).args(["--wait", "--json"])).unwrap().well();
    let last = uploaded.events().pop().unwrap();
    assert_eq!((&last["state"], &last["pages"]), (&"ready".into(), &2.into()), "{}", uploaded.out);
    let ask = ["ask", "--silent", "--document", "Estuary", "How is the samphire of the mudflats eaten?"];
    let answer = run(host.terminal().unwrap().args(ask)).unwrap().well();
    assert!(answer.out.contains("with butter") && answer.out.contains("[1] page"), "{}", answer.out);
    let listed = run(host.terminal().unwrap().arg("library")).unwrap().well();
    let told = format!("{}{}", listed.out, listed.err);
    assert!(told.contains("2 pages are pictures; the text was recognised"), "{told}");
    drop(host);

    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_TESSERACT", "/nowhere/tesseract");
    })
    .unwrap();
    let refused = run(host.terminal().unwrap().arg("upload").arg(&file).args(["--wait", "--json"])).unwrap();
    let told = format!("{}{}", refused.out, refused.err);
    assert!(!refused.status.success() && told.contains("document_scanned"), "{told}");
    assert!(told.contains("set it to the tesseract program"), "{told}");
    let doctor = run(host.terminal().unwrap().args(["doctor", "--json"])).unwrap();
    let pages =
        doctor.events().into_iter().find(|event| event["message"].as_str().is_some_and(|said| said.starts_with("pages: ")));
    assert_eq!(pages.unwrap_or_default()["result"], "missing", "{}", doctor.out);
}
