//! Times, sizes and answers as people read them. Knows no terminal.

use std::collections::HashMap;

use synapscribe_client::protocol::server::{CitationDto, TimingsDto};
pub use synapscribe_client::{clock, day};

/// Bytes as `3.4 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// Milliseconds as `180 ms` or `2.4 s`.
pub fn milliseconds(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{:.1} s", ms as f64 / 1e3) }
}

/// The titles of lectures and documents by their names; none where only one is asked, which needs no naming.
#[derive(Debug, Clone, Default)]
pub struct Titles(pub HashMap<String, String>);

impl Titles {
    /// The title of what is cited.
    pub fn of(&self, cited: &CitationDto) -> Option<&str> {
        self.0.get(cited.document_id.as_ref().unwrap_or(&cited.lecture_id)).map(String::as_str)
    }
}

/// A citation as `[1] 2:03–2:17 “the words”`, behind the title of its source where that has to be told.
pub fn citation(citation: &CitationDto, title: Option<&str>) -> String {
    let place = match &citation.pages {
        Some(pages) if pages.from == pages.to => format!("page {}", pages.from),
        Some(pages) => format!("pages {}–{}", pages.from, pages.to),
        None => format!("{}–{}", clock(citation.from), clock(citation.to)),
    };
    let title = title.map(|title| format!("{}, ", title.trim())).unwrap_or_default();
    let words = citation.excerpt.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("[{}] {title}{place} “{words}”", citation.number)
}

/// When each stage was reached, in one line.
pub fn timings(timings: &TimingsDto) -> String {
    let stages = [
        ("understood", timings.understood_ms),
        ("found", timings.retrieved_ms),
        ("first words", timings.first_text_ms),
        ("first sound", timings.first_audio_ms),
        ("done", timings.done_ms),
    ];
    let reached: Vec<String> =
        stages.iter().filter_map(|(name, ms)| ms.map(|ms| format!("{name} {}", milliseconds(ms)))).collect();
    reached.join(" · ")
}

/// What a question was asked of, for sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A lecture.
    Lecture,
    /// A document.
    Document,
    /// More than one of them.
    Several,
}

impl Asked {
    /// What so many documents are asked beside a lecture, or without one.
    pub fn of(lecture: bool, documents: usize) -> Self {
        match (lecture, documents) {
            (true, 0) => Self::Lecture,
            (false, 1) => Self::Document,
            _ => Self::Several,
        }
    }
}

/// What a person should know of how an answer was made; empty when there is nothing to say.
pub fn provenance(asked: Asked, generated: bool, found: bool, citations: usize) -> String {
    let (what, whose, does) = match asked {
        Asked::Lecture => ("lecture", "lecture's", "does"),
        Asked::Document => ("document", "document's", "does"),
        Asked::Several => ("sources", "sources'", "do"),
    };
    match (found, generated) {
        (false, _) if citations > 0 => format!("The {what} {does} not answer this; the nearest place is cited."),
        (false, _) => format!("Nothing of the {what} is cited."),
        (true, false) => format!("Made of the {whose} own sentences; no language model was used."),
        (true, true) if citations == 0 => format!("No place in the {what} was found that holds this."),
        (true, true) => String::new(),
    }
}

/// A number of things, as `1 page` or `12 pages`.
pub fn counted(number: u32, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The first characters of a text that is too long for its place.
pub fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// How long ago a time in milliseconds since 1970 was.
pub fn ago(then: i64, now: i64) -> String {
    let minutes = (now - then).max(0) / 60_000;
    match minutes {
        0 => "just now".into(),
        1..60 => format!("{minutes} min ago"),
        60..1440 => format!("{} h ago", minutes / 60),
        1440..2880 => "yesterday".into(),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use synapscribe_client::protocol::PagesDto;

    use super::*;

    #[test]
    fn a_refusal_speaks_of_a_cited_place_only_where_one_is_cited() {
        assert!(provenance(Asked::Lecture, false, false, 1).contains("nearest place is cited"));
        assert!(!provenance(Asked::Lecture, false, false, 0).contains("nearest"));
        assert_eq!(provenance(Asked::Lecture, true, true, 2), "");
        assert!(provenance(Asked::Lecture, true, true, 0).starts_with("No place in the lecture"));
    }

    #[test]
    fn an_answer_is_made_of_what_was_asked() {
        for (lecture, documents, whose) in [
            (true, 0, "the lecture's own"),
            (false, 1, "the document's own"),
            (true, 1, "the sources' own"),
            (false, 2, "the sources' own"),
        ] {
            let asked = Asked::of(lecture, documents);
            assert!(provenance(asked, false, true, 1).contains(whose), "{asked:?}");
        }
        assert!(provenance(Asked::Several, false, false, 1).starts_with("The sources do not answer"));
    }

    #[test]
    fn times_and_sizes_read_well() {
        assert_eq!([size(999), size(12_345), size(3_440_000), size(2_500_000_000)], ["999 B", "12 kB", "3.4 MB", "2.50 GB"]);
        assert_eq!([milliseconds(180), milliseconds(2_449)], ["180 ms", "2.4 s"]);
        assert_eq!([counted(1, "page"), counted(0, "page"), counted(20, "page")], ["1 page", "0 pages", "20 pages"]);
        assert_eq!([short("tides", 5), short("the tides of the sea", 5)], ["tides", "the…"]);
        assert_eq!(ago(0, 90 * 60_000), "1 h ago");
        let timed = TimingsDto { first_text_ms: Some(90), done_ms: Some(1500), ..TimingsDto::default() };
        assert_eq!(timings(&timed), "first words 90 ms · done 1.5 s");
    }

    #[test]
    fn a_citation_shows_where_and_what() {
        let cited = CitationDto {
            number: 1,
            lecture_id: "l".into(),
            passage_id: "p".into(),
            from: 123.0,
            to: 137.5,
            excerpt: " the chain\nrule ".into(),
            score: 0.9,
            ..CitationDto::default()
        };
        assert_eq!(citation(&cited, None), "[1] 2:03–2:17 “the chain rule”");
        let titles = Titles([("l".to_owned(), "Week 3".to_owned()), ("d".to_owned(), "Calculus".to_owned())].into());
        assert_eq!(citation(&cited, titles.of(&cited)), "[1] Week 3, 2:03–2:17 “the chain rule”");
        let book = CitationDto { document_id: Some("d".into()), ..cited };
        assert_eq!(titles.of(&book), Some("Calculus"));
        let on = |from, to| citation(&CitationDto { pages: Some(PagesDto { from, to }), ..book.clone() }, None);
        assert_eq!([on(3, 3), on(3, 4)], ["[1] page 3 “the chain rule”", "[1] pages 3–4 “the chain rule”"]);
    }
}
