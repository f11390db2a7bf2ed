//! Caption files (SubRip and WebVTT) into phrases, and whether they belong to a recording.

use crate::failure::{Code, Failure};
use crate::phrase::Phrase;
use crate::time::{Millis, Span};

/// The most a caption file may hold; far above a three-hour lecture.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Reads either format; cues without text or with times that run backwards are left out.
pub fn parse(text: &str) -> Result<Vec<Phrase>, Failure> {
    if text.len() > MAX_BYTES {
        return Err(Failure::new(
            Code::CaptionsMismatch,
            "the caption file is larger than 8 MB; it cannot belong to one lecture",
        ));
    }
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let mut phrases: Vec<Phrase> = Vec::new();
    for block in text.split("\n\n") {
        let mut lines = block.lines().skip_while(|line| !line.contains("-->"));
        let Some(span) = lines.next().and_then(timing) else { continue };
        let words = lines.map(plain).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
        if !words.is_empty() {
            phrases.push(Phrase::trusted(span, words));
        }
    }
    phrases.sort_by_key(|p| (p.span.from, p.span.to));
    phrases.dedup_by(|b, a| a.text == b.text && a.span == b.span);
    if phrases.is_empty() {
        return Err(Failure::new(Code::CaptionsMismatch, "the caption file holds no captions; export it as SRT or VTT again"));
    }
    Ok(phrases)
}

/// Whether the captions can be this recording's: they end before it does and cover a fair part of it.
pub fn check_against(phrases: &[Phrase], duration: Millis) -> Result<(), Failure> {
    let end = phrases.iter().map(|p| p.span.to).max().unwrap_or_default();
    // Players round and encoders pad, so two seconds beyond the end are forgiven.
    if end.0 > duration.0 + 2_000 {
        return Err(Failure::new(
            Code::CaptionsMismatch,
            format!("the captions run to {end} but the recording ends at {duration}; they belong to another recording"),
        ));
    }
    if end.0 * 2 < duration.0 {
        return Err(Failure::new(
            Code::CaptionsMismatch,
            format!("the captions stop at {end} of {duration}; the rest would have no words"),
        ));
    }
    Ok(())
}

/// Writes phrases as WebVTT.
pub fn to_vtt(phrases: &[Phrase]) -> String {
    let mut out = String::from("WEBVTT\n");
    for phrase in phrases {
        let text = phrase.text.replace("-->", "->");
        out.push_str(&format!("\n{} --> {}\n{}\n", clock(phrase.span.from), clock(phrase.span.to), text));
    }
    out
}

fn clock(at: Millis) -> String {
    let ms = at.0;
    format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

fn timing(line: &str) -> Option<Span> {
    let (from, rest) = line.split_once("-->")?;
    let from = parse_clock(from.trim())?;
    let to = parse_clock(rest.split_whitespace().next()?)?;
    (from < to).then(|| Span::new(from, to))
}

/// `HH:MM:SS,mmm`, `HH:MM:SS.mmm` or `MM:SS.mmm`.
fn parse_clock(text: &str) -> Option<Millis> {
    let mut total: u64 = 0;
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in &parts {
        let number: u64 = part.parse().ok().filter(|n| *n < 100_000)?;
        total = total * 60 + number;
    }
    let digits: String = fraction.chars().take(3).collect();
    let number: u64 = digits.parse().ok()?;
    let ms = number * 10u64.pow(3 - digits.len() as u32);
    Some(Millis(total * 1000 + ms))
}

/// A caption line without markup such as `<i>`, `<v Speaker>` or `{\an8}`, and with its entities read.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut closing = None;
    for c in line.chars() {
        match (closing, c) {
            (Some(end), c) if c == end => closing = None,
            (Some(_), _) => {}
            (None, '<') => closing = Some('>'),
            (None, '{') => closing = Some('}'),
            (None, c) => out.push(c),
        }
    }
    let out = out.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_formats_are_read() {
        let srt = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i> there\r\nagain\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nBye &amp; thanks\r\n";
        let vtt = "\u{feff}WEBVTT\n\nNOTE nothing\n\ncue-1\n00:01.000 --> 00:02.500 align:start\n<v Ada>Hello there\nagain\n\n00:03.000 --> 00:04.000\nBye &amp; thanks\n";
        for text in [srt, vtt] {
            let phrases = parse(text).unwrap();
            assert_eq!(phrases.len(), 2);
            assert_eq!(phrases[0].text, "Hello there again");
            assert_eq!(phrases[0].span, Span::new(Millis(1000), Millis(2500)));
            assert_eq!(phrases[1].text, "Bye & thanks");
        }
    }

    #[test]
    fn captions_of_another_recording_are_told() {
        let phrases = [Phrase::trusted(Span::new(Millis(0), Millis(60_000)), "a")];
        assert!(check_against(&phrases, Millis(60_000)).is_ok());
        assert!(check_against(&phrases, Millis(30_000)).is_err());
        assert!(check_against(&phrases, Millis(300_000)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(texts in prop::collection::vec("[a-zA-Z ,.]{0,30}[a-z]", 1..20)) {
            let phrases: Vec<_> = texts.iter().enumerate().map(|(n, t)| {
                let text = t.split_whitespace().collect::<Vec<_>>().join(" ");
                Phrase::trusted(Span::new(Millis(n as u64 * 2000), Millis(n as u64 * 2000 + 1500)), text)
            }).collect();
            prop_assert_eq!(parse(&to_vtt(&phrases)).unwrap(), phrases);
        }

        #[test]
        fn nonsense_never_panics(text in "(\\PC|\n|-->|[0-9:.,]){0,300}") {
            let _ = parse(&text);
        }
    }
}
