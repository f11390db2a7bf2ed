//! Phrases into passages: sentences stay whole, neighbours overlap by one sentence, times come from the phrases.

use crate::ids::LectureId;
use crate::passage::{Mark, Passage, Spot};
use crate::phrase::Phrase;
use crate::time::{Millis, Span};

/// The size a passage aims at, in characters.
pub const TARGET_CHARS: usize = 420;
/// The size no passage exceeds unless one phrase alone does.
pub const MAX_CHARS: usize = 640;
/// A pause this long ends a passage that is big enough.
const LONG_PAUSE: u64 = 1_500;
/// A pause this long ends every passage, and whatever was being said.
pub(crate) const BREAK: u64 = 5_000;

/// Where nobody set full stops, a pause this long stands for one. The built-in ear ends a phrase where nobody speaks for 350 ms, of
/// which the words beside it may take a little; captions that follow each other, and the cuts of speech that was too long to be heard
/// at once, leave no pause.
const PAUSE: u64 = 300;
/// Fewer words than this say little by themselves,
const FEW_WORDS: usize = 4;
/// and end at a pause that is as clear as this.
const CLEAR_PAUSE: u64 = 1_000;
/// Full stops are set where at least one comes in so many words,
const WORDS_A_STOP: usize = 60;
/// told by so many words on either side.
const AROUND: usize = 120;

/// A sentence, or where the transcript has no punctuation, what was said between two pauses.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// When it was said.
    pub span: Span,
    /// The text.
    pub text: String,
    /// What each phrase has of it: where in the text that begins, and when it was said.
    pub pieces: Vec<(usize, Span)>,
}

impl Sentence {
    fn of(piece: &str, span: Span) -> Self {
        Self { span, text: piece.to_owned(), pieces: vec![(0, span)] }
    }

    fn add(&mut self, piece: &str, span: Span) {
        self.text.push(' ');
        self.pieces.push((self.text.len(), span));
        self.text.push_str(piece);
        self.span = self.span.around(span);
    }
}

/// A phrase with something in it, in plain spacing.
struct Line {
    span: Span,
    text: String,
    corrected: bool,
}

impl Line {
    fn of(phrase: &Phrase) -> Option<Self> {
        let text = phrase.text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(Self { span: phrase.span, text, corrected: phrase.corrected })
    }

    /// Its stretches up to each sentence end, timed by their share of its characters.
    fn pieces(&self) -> Vec<(&str, Span)> {
        let at = |offset: usize| Millis(self.span.from.0 + self.span.length().0 * offset as u64 / self.text.len() as u64);
        let mut pieces = Vec::new();
        let mut start = 0;
        for end in sentence_ends(&self.text) {
            let piece = self.text[start..end].trim();
            if !piece.is_empty() {
                pieces.push((piece, Span::new(at(start), at(end))));
            }
            start = end;
        }
        pieces
    }
}

/// Joins phrases into sentences where punctuation allows, and where there is none, up to the next pause; a phrase's inner sentence
/// ends get times by share of its characters.
pub fn sentences(phrases: &[Phrase]) -> Vec<Sentence> {
    let lines: Vec<Line> = phrases.iter().filter_map(Line::of).collect();
    let unstopped = unstopped(&lines);
    let mut out: Vec<Sentence> = Vec::new();
    let mut open: Option<Sentence> = None;
    for (n, line) in lines.iter().enumerate() {
        for (piece, span) in line.pieces() {
            let sentence = match open.take() {
                Some(before) if before.text.len() + 1 + piece.len() > MAX_CHARS => {
                    // It would not fit into any passage, so it is cut where the speaker's phrase ended.
                    out.push(before);
                    Sentence::of(piece, span)
                }
                Some(mut before) => {
                    before.add(piece, span);
                    before
                }
                None => Sentence::of(piece, span),
            };
            if has_stop(piece) || sentence.text.len() >= TARGET_CHARS {
                out.push(sentence);
            } else {
                open = Some(sentence);
            }
        }
        let pause = lines.get(n + 1).map_or(0, |next| next.span.from.0.saturating_sub(line.span.to.0));
        out.extend(open.take_if(|said| pause >= BREAK || (unstopped[n] && pause >= telling_pause(said))));
    }
    out.extend(open);
    out
}

/// Of each line, whether nobody set full stops around it. What a person put right tells nothing of what is beside it.
fn unstopped(lines: &[Line]) -> Vec<bool> {
    let (mut words, mut stops) = (0, 0);
    let mut before = vec![(words, stops)];
    for line in lines {
        if !line.corrected {
            words += line.text.split(' ').count();
            stops += line.pieces().iter().filter(|(piece, _)| has_stop(piece)).count();
        }
        before.push((words, stops));
    }
    let around = |n: usize| {
        let (from, to) = (before[n].0.saturating_sub(AROUND), before[n + 1].0 + AROUND);
        let first = before[before.partition_point(|sum| sum.0 < from)];
        let last = before[before.partition_point(|sum| sum.0 <= to) - 1];
        (last.1 - first.1) * WORDS_A_STOP < last.0 - first.0
    };
    (0..lines.len()).map(around).collect()
}

/// The pause that ends what was said where no full stop does.
fn telling_pause(said: &Sentence) -> u64 {
    if said.text.split(' ').count() < FEW_WORDS { CLEAR_PAUSE } else { PAUSE }
}

/// Whether a text ends as a sentence does.
fn has_stop(text: &str) -> bool {
    text.ends_with(['.', '!', '?', '…'])
}

/// Byte offsets just after each sentence end inside the text; the last one is the text's end.
pub(crate) fn sentence_ends(text: &str) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (at, c) in text.char_indices() {
        if !matches!(c, '.' | '!' | '?' | '…') {
            continue;
        }
        let after = at + c.len_utf8();
        let followed = text[after..].chars().next();
        if followed == Some(' ') && !is_abbreviation(&text[..at]) {
            found.push(after);
        }
    }
    found.push(text.len());
    found
}

/// Whether a dot after this text belongs to a short form rather than ending a sentence.
pub(crate) fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let lower = word.to_lowercase();
    matches!(
        lower.as_str(),
        "e.g" | "i.e" | "etc" | "vs" | "dr" | "mr" | "mrs" | "ms" | "prof" | "fig" | "eq" | "no" | "cf" | "st" | "al"
    ) || (word.chars().count() == 1 && word.chars().all(|c| c.is_uppercase()) && word != "I")
}

/// Cuts phrases into passages.
pub fn passages(lecture: &LectureId, phrases: &[Phrase]) -> Vec<Passage> {
    let sentences = sentences(phrases);
    let mut out = Vec::new();
    let mut first = 0;
    while first < sentences.len() {
        let mut last = first;
        let mut size = sentences[first].text.len();
        while last + 1 < sentences.len() {
            let next = &sentences[last + 1];
            let pause = pause(&sentences[last], next);
            let full = size >= TARGET_CHARS || size + 1 + next.text.len() > MAX_CHARS;
            if full || pause >= BREAK || (pause >= LONG_PAUSE && size >= TARGET_CHARS / 2) {
                break;
            }
            last += 1;
            size += 1 + next.text.len();
        }
        out.push(passage(lecture, out.len() as u32, &sentences[first..=last]));
        if last + 1 >= sentences.len() {
            break;
        }
        // One sentence of overlap keeps a thought that straddles two passages findable, unless that would stand still, leave no
        // room for the next sentence, or bridge a long silence.
        let (ending, next) = (&sentences[last], &sentences[last + 1]);
        let fits = ending.text.len() * 3 < TARGET_CHARS && ending.text.len() + 1 + next.text.len() <= MAX_CHARS;
        first = if last > first && fits && pause(ending, next) < BREAK { last } else { last + 1 };
    }
    out
}

/// How long nothing was said between two sentences.
fn pause(before: &Sentence, next: &Sentence) -> u64 {
    next.span.from.0.saturating_sub(before.span.to.0)
}

/// Sentences as one passage, in which each phrase keeps its time; what no full stop ends is a line of its own.
fn passage(lecture: &LectureId, index: u32, run: &[Sentence]) -> Passage {
    let (mut text, mut marks) = (String::new(), Vec::new());
    for sentence in run {
        if !text.is_empty() {
            text.push(if has_stop(&text) { ' ' } else { '\n' });
        }
        let begin = text.len();
        marks.extend(sentence.pieces.iter().map(|(at, span)| Mark { at: begin + at, spot: Spot::Said(*span) }));
        text.push_str(&sentence.text);
    }
    let span = run.iter().map(|sentence| sentence.span).reduce(Span::around).unwrap_or_default();
    Passage::said(lecture, index, span, text).marked(marks)
}

/// Tokens a text takes in a language model's window, estimated at four characters each as English averages.
pub fn estimate_tokens(text: &str) -> u32 {
    (text.chars().count() as u32).div_ceil(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PassageId;
    use proptest::prelude::*;

    fn lecture() -> LectureId {
        LectureId::parse("l").unwrap()
    }

    fn phrase(from: u64, to: u64, text: &str) -> Phrase {
        Phrase::trusted(Span::new(Millis(from), Millis(to)), text)
    }

    #[test]
    fn sentences_run_across_caption_lines_and_keep_their_times() {
        let found = sentences(&[
            phrase(0, 1000, "The slope tells us"),
            phrase(1000, 2000, "where to go. Next"),
            phrase(2000, 3000, "we take a step."),
        ]);
        let texts: Vec<_> = found.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(texts, ["The slope tells us where to go.", "Next we take a step."]);
        assert_eq!(found[0].span.from, Millis(0));
        assert!(found[1].span.from.0 > 1500 && found[1].span.to == Millis(3000));
    }

    /// Where these words of a lecture stand.
    fn when(passages: &[Passage], words: &str) -> Span {
        let found = passages.iter().find_map(|passage| passage.text.find(words).map(|at| (passage, at)));
        let (passage, at) = found.unwrap_or_else(|| panic!("nobody said {words:?}"));
        passage.spot_of(at..at + words.len()).said().unwrap()
    }

    #[test]
    fn a_sentence_of_a_passage_keeps_the_time_of_its_caption() {
        let cut = passages(
            &lecture(),
            &[
                phrase(1_000, 3_000, "Rivers carry sand."),
                phrase(5_900, 7_900, "Wind carries more of it"),
                phrase(8_100, 9_100, "than they do. Ice"),
                phrase(9_100, 9_600, "carries stones."),
            ],
        );
        assert_eq!(cut.len(), 1);
        let said = |from, to| Span::new(Millis(from), Millis(to));
        assert_eq!(cut[0].span(), Some(said(1_000, 9_600)));
        assert_eq!(when(&cut, "Rivers carry sand."), said(1_000, 3_000));
        assert_eq!(when(&cut, "Wind carries more of it"), said(5_900, 7_900));
        assert_eq!(when(&cut, "Wind carries more of it than they do."), said(5_900, 8_864));
        assert_eq!(when(&cut, "Ice carries stones."), said(8_864, 9_600), "within a caption by its share");
    }

    #[test]
    fn a_long_silence_ends_a_passage_and_what_was_being_said() {
        let cut = passages(
            &lecture(),
            &[
                phrase(0, 2_000, "Rivers carry sand to the sea."),
                phrase(2_000, 3_000, "And now"),
                phrase(62_000, 64_000, "Glaciers are made of ice."),
            ],
        );
        let texts: Vec<_> = cut.iter().map(|passage| (passage.text.as_str(), passage.span().unwrap())).collect();
        let said = |from, to| Span::new(Millis(from), Millis(to));
        let expected =
            [("Rivers carry sand to the sea. And now", said(0, 3_000)), ("Glaciers are made of ice.", said(62_000, 64_000))];
        assert_eq!(texts, expected);
    }

    fn texts(phrases: &[Phrase]) -> Vec<String> {
        sentences(phrases).into_iter().map(|sentence| sentence.text).collect()
    }

    /// What the built-in ear gives: no capitals, no stops, pauses between phrases.
    fn heard() -> Vec<Phrase> {
        vec![
            phrase(4_000, 6_200, "the surface of the earth is made of plates"),
            phrase(6_700, 7_100, "and there"),
            phrase(7_500, 9_300, "where they part magma rises"),
            phrase(13_000, 16_000, "the largest volcano on earth is in hawaii"),
            phrase(76_000, 79_000, "glaciers grind the floor of a valley"),
        ]
    }

    #[test]
    fn without_full_stops_a_pause_ends_what_is_said() {
        let expected = [
            "the surface of the earth is made of plates",
            "and there where they part magma rises",
            "the largest volcano on earth is in hawaii",
            "glaciers grind the floor of a valley",
        ];
        assert_eq!(texts(&heard()), expected, "two words after a short pause go on");
        let cut = passages(&lecture(), &heard());
        assert_eq!(
            cut.iter().map(|passage| passage.text.as_str()).collect::<Vec<_>>(),
            [expected[..3].join("\n").as_str(), expected[3]]
        );
        let quotable = crate::sentences::of(&cut[0].text).into_iter().map(|part| &cut[0].text[part]);
        assert_eq!(quotable.collect::<Vec<_>>(), expected[..3], "and each can be quoted by itself");
        assert_eq!(when(&cut, expected[1]), Span::new(Millis(6_700), Millis(9_300)));
        assert_eq!(when(&cut, expected[2]), Span::new(Millis(13_000), Millis(16_000)));
    }

    #[test]
    fn without_a_pause_and_with_full_stops_a_sentence_goes_on_over_its_phrases() {
        let captions = [phrase(0, 1_000, "the slope tells us which way"), phrase(1_000, 2_000, "we have to go")];
        assert_eq!(texts(&captions), ["the slope tells us which way we have to go"]);
        let stopped = [
            phrase(0, 1_000, "The slope tells us which way"),
            phrase(2_500, 3_500, "we have to go."),
            phrase(4_000, 5_000, "Then we take a step"),
            phrase(5_600, 6_000, "down."),
        ];
        assert_eq!(texts(&stopped), ["The slope tells us which way we have to go.", "Then we take a step down."]);
    }

    #[test]
    fn each_part_of_a_transcript_is_cut_as_it_is_written() {
        let spoken = (0..60).map(|n| phrase(n * 3_000, n * 3_000 + 2_500, "so here we walk along the shore"));
        let written =
            (60..120).map(|n| phrase(n * 3_000, n * 3_000 + 2_500, if n % 2 == 0 { "Here we walk" } else { "along it." }));
        let cut = texts(&spoken.chain(written).collect::<Vec<_>>());
        // Where one goes over into the other, either may be seen.
        assert!(cut[..40].iter().all(|text| text == "so here we walk along the shore"), "{cut:?}");
        assert!(cut[cut.len() - 25..].iter().all(|text| text == "Here we walk along it."), "{cut:?}");
    }

    #[test]
    fn a_phrase_that_was_put_right_changes_nothing_beside_it() {
        let mut phrases = heard();
        phrases[3] = phrases[3].corrected("The largest volcano on Earth is in Hawaii.");
        let cut = passages(&lecture(), &phrases);
        assert_eq!(texts(&phrases)[..2], texts(&heard())[..2]);
        assert_eq!(when(&cut, "The largest volcano on Earth is in Hawaii."), Span::new(Millis(13_000), Millis(16_000)));
    }

    #[test]
    fn short_forms_do_not_end_a_sentence() {
        assert_eq!(sentences(&[phrase(0, 9, "Use a small step, e.g. one tenth. Done.")]).len(), 2);
    }

    /// How long each word is and what it ends with: in short sentences, or in long ones.
    fn words() -> impl Strategy<Value = Vec<(usize, &'static str)>> {
        let sentences_of = |words: u32| {
            let end = prop_oneof![4 * words => Just(""), words => Just(","), 2 => Just("."), 1 => Just("?"), 2 => Just("…")];
            prop::collection::vec((0..25usize, end), 1..400)
        };
        prop_oneof![sentences_of(2), sentences_of(30)]
    }

    /// Numbered words in phrases of so many each, after pauses, some phrases with nothing in them; and where each word is.
    fn spoken(words: &[(usize, &str)], shape: &[(usize, u64)]) -> (Vec<Phrase>, Vec<Span>) {
        let (mut phrases, mut places, mut at) = (Vec::new(), Vec::new(), 0);
        for (size, pause) in shape.iter().cycle() {
            let begin = places.len();
            let end = words.len().min(begin + size);
            let texts: Vec<_> = (begin..end).map(|n| format!("{n}{}{}", "x".repeat(words[n].0), words[n].1)).collect();
            at += pause;
            let span = Span::new(Millis(at), Millis(at + 200 * (end - begin) as u64));
            at = span.to.0;
            phrases.push(Phrase::trusted(span, texts.join("  ")));
            places.resize(end, span);
            if end == words.len() {
                return (phrases, places);
            }
        }
        unreachable!("every shape holds a phrase with words")
    }

    /// How many words each phrase has, and the pause before it.
    fn shape() -> impl Strategy<Value = Vec<(usize, u64)>> {
        let pause = prop_oneof![9 => 0..4_000u64, 1 => 4_000..9_000u64];
        prop::collection::vec((0..60usize, pause), 1..8).prop_filter("words", |shape| shape.iter().any(|phrase| phrase.0 > 0))
    }

    fn numbers(text: &str) -> Vec<usize> {
        let number = |word: &str| word.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
        text.split_whitespace().map(number).collect()
    }

    proptest! {
        #[test]
        fn no_word_is_lost_or_moved_and_only_a_short_sentence_is_said_twice(
            words in words(),
            shape in shape(),
        ) {
            let (phrases, places) = spoken(&words, &shape);
            let longest = phrases.iter().map(|p| p.text.len()).max().unwrap();
            let cut = passages(&lecture(), &phrases);
            let mut before: Option<Vec<usize>> = None;
            for (index, passage) in cut.iter().enumerate() {
                let here = numbers(&passage.text);
                let (first, last) = (here[0], here[here.len() - 1]);
                prop_assert_eq!(&here, &(first..=last).collect::<Vec<_>>(), "in their order, each once");
                prop_assert_eq!((passage.index as usize, &passage.id), (index, &PassageId::of(&lecture(), index)));
                match &before {
                    None => prop_assert_eq!(first, 0),
                    Some(before) => {
                        let next = before[before.len() - 1] + 1;
                        prop_assert!(before[0] < first && first <= next && next <= last, "{:?} then {:?}", before, here);
                        let twice: Vec<_> = (first..next).collect();
                        let ends = twice.iter().filter(|n| matches!(words[**n].1, "." | "?" | "…")).count();
                        let size = twice.iter().map(|n| words[*n].0).sum::<usize>();
                        prop_assert!(ends <= 1 && size * 3 < TARGET_CHARS, "more than a short sentence is there twice: {:?}", twice);
                    }
                }
                // The times are those of the first word and the last.
                let span = passage.span().unwrap();
                prop_assert!(places[first].from <= span.from && span.from <= places[first].to);
                prop_assert!(places[last].from <= span.to && span.to <= places[last].to);
                prop_assert!(span.from <= span.to);
                prop_assert!(passage.text.len() <= MAX_CHARS.max(longest), "{} characters", passage.text.len());
                let silence = here.windows(2).any(|pair| places[pair[0]].to.0 + BREAK <= places[pair[1]].from.0);
                prop_assert!(!silence, "a long silence within a passage: {:?}", here);
                before = Some(here);
            }
            prop_assert_eq!(before.and_then(|last| last.last().copied()), Some(words.len() - 1), "the end is there");
        }

        #[test]
        fn a_sentence_stands_where_its_phrases_were_said(words in words(), shape in shape()) {
            let (phrases, places) = spoken(&words, &shape);
            for passage in passages(&lecture(), &phrases) {
                let whole = passage.span().unwrap();
                let mut before = whole.from;
                for part in crate::sentences::of(&passage.text) {
                    let here = numbers(&passage.text[part.clone()]);
                    let (first, last) = (places[here[0]], places[here[here.len() - 1]]);
                    let span = passage.spot_of(part).said().unwrap();
                    prop_assert!(first.from <= span.from && span.from <= first.to, "{:?} begins in {:?}", span, first);
                    prop_assert!(last.from <= span.to && span.to <= last.to, "{:?} ends in {:?}", span, last);
                    prop_assert!(whole.from <= span.from && span.to <= whole.to, "{:?} is within {:?}", span, whole);
                    prop_assert!(before <= span.from && span.from <= span.to, "{:?} comes after {:?}", span, before);
                    before = span.to;
                }
            }
        }
    }
}
