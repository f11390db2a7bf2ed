//! What tesseract says of a page: lines within the page, paragraph by paragraph, or a refusal.
#![no_main]

use synapscribe_domain::document::Area;

// The program around it is started for every page.
#[path = "../../backend/adapters/engines/src/tesseract/table.rs"]
mod table;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Some(lines) = table::lines(text) else { return };
    for line in &lines {
        let Area { left, top, right, bottom } = line.area;
        let shares = [left, top, right, bottom, line.height, line.confidence];
        assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{line:?}");
        assert!(left <= right && top <= bottom, "{line:?}");
        assert!(!line.text.trim().is_empty(), "{line:?}");
    }
    assert!(lines.first().is_none_or(|first| first.paragraph == 0));
    let follows = |pair: &[u32]| pair[1] == pair[0] || pair[1] == pair[0] + 1;
    let paragraphs: Vec<u32> = lines.iter().map(|line| line.paragraph).collect();
    assert!(paragraphs.windows(2).all(follows), "{paragraphs:?}");
});
