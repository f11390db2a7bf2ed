//! How every recogniser of pages behaves; it knows no picture and is given some.

use synapscribe_domain::document::RecognisedLine;
use synapscribe_domain::{Code, terms};

use crate::PageRecogniser;

/// Pictures of pages as the recogniser takes them.
#[derive(Debug, Clone)]
pub struct Sheets {
    /// One with text on it, printed clearly in two paragraphs.
    pub written: Vec<u8>,
    /// Its words.
    pub words: String,
    /// One with nothing on it.
    pub blank: Vec<u8>,
}

/// The share of the words that has to be recognised on a clear picture.
const RECOGNISED: f64 = 0.9;

/// What is written is recognised in its order, every time the same and several times at once; paper without a word has none; what
/// is no picture is an engine's failure with a sentence.
pub async fn suite(engine: &dyn PageRecogniser, sheets: &Sheets) {
    assert_eq!(engine.card().missing, None, "it is there");
    let lines = engine.recognise(&sheets.written).await.expect("a clear picture is recognised");
    the_lines_are_on_the_page_in_their_order(&lines);
    let text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
    let mut left: Vec<String> = terms::words(&text).collect();
    let wanted: Vec<String> = terms::words(&sheets.words).collect();
    let mut found = |word: &&String| left.iter().position(|other| other == *word).map(|at| left.remove(at)).is_some();
    let share = wanted.iter().filter(|word| found(word)).count() as f64 / wanted.len() as f64;
    assert!(share >= RECOGNISED, "of {:?} only {share:.2} was recognised: {text:?}", sheets.words);
    assert!(lines.last().is_some_and(|last| last.paragraph > lines[0].paragraph), "paragraphs are told apart: {lines:?}");

    let (first, blank, second) =
        futures::join!(engine.recognise(&sheets.written), engine.recognise(&sheets.blank), engine.recognise(&sheets.written));
    assert_eq!(blank.expect("a page may be empty"), [], "nothing stands on an empty page");
    for again in [first, second] {
        assert_eq!(again.expect("it is recognised again"), lines, "the same picture says the same");
    }
    for nonsense in [&[0xFF, 0xFE, 0x00, 0x01][..], &[0xFF; 70_000]] {
        let failure = engine.recognise(nonsense).await.expect_err("that is no picture");
        assert!(failure.code == Code::EngineFailed && failure.message.len() > 10, "{failure:?}");
    }
}

fn the_lines_are_on_the_page_in_their_order(lines: &[RecognisedLine]) {
    for line in lines {
        let area = line.area;
        let (wide, high) = (0.0 <= area.left && area.left <= area.right, 0.0 <= area.top && area.top <= area.bottom);
        assert!(wide && high && area.right <= 1.0 && area.bottom <= 1.0, "{line:?} is not on the page");
        assert!((0.0..=1.0).contains(&line.confidence) && (0.0..=1.0).contains(&line.height), "shares are up to 1: {line:?}");
        assert!(!line.text.trim().is_empty() && !line.text.contains('\n'), "a line has words and is one: {line:?}");
    }
    assert!(lines.is_sorted_by_key(|line| line.paragraph), "lines of a paragraph stand together: {lines:?}");
}
