//! Any question to the built-in tutor, after any conversation and about any passages: an answer that comes to its end, and cites
//! nothing but words that stand in a passage it was given.
#![no_main]

use futures::StreamExt;
use futures::executor::block_on;
use synapscribe_domain::aim::{Aim, Setting};
use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::source::Matter;
use synapscribe_domain::vocabulary::Vocabulary;
use synapscribe_domain::{LectureId, Millis, Pages, Passage, Span, Spot};
use synapscribe_engines::extractive::ExtractiveTutor;
use synapscribe_ports::{AnswerPiece, AnswerRequest, Exchange, Tutor};

const AIMS: [Aim; 8] =
    [Aim::Subject, Aim::Overview, Aim::SoFar, Aim::Beginning, Aim::Ending, Aim::JustSaid, Aim::Explained, Aim::Page];
const MATTERS: [Matter; 3] = [Matter::Lecture, Matter::Document, Matter::Several];
/// More passages than a search finds show nothing that these do not.
const MOST: usize = 12;

/// When it was said in seconds, for how long, and the words; or the page it is on.
type Written<'a> = (bool, u16, u8, &'a str);

libfuzzer_sys::fuzz_target!(|input: (&str, Vec<(&str, &str)>, Vec<Written<'_>>, Option<u16>, Option<u16>, u8)| {
    let (question, talk, written, playhead, page, matter) = input;
    let lecture = LectureId::parse("l").expect("a letter is a name");
    let passages: Vec<Ranked> = written.into_iter().take(MOST).enumerate().map(|(n, text)| ranked(&lecture, n, text)).collect();
    let exchange =
        |(question, answer): (&str, &str)| Exchange { question: question.into(), answer: answer.into(), playhead: None };
    let history: Vec<Exchange> = talk.into_iter().take(MOST).map(exchange).collect();

    let playhead = playhead.map(|seconds| Millis(u64::from(seconds) * 1_000));
    let page = page.map(u32::from);
    let aim = Aim::of(question, Setting { playhead, asked_before: !history.is_empty(), playhead_before: None, page });
    assert!(aim != Aim::Page || page.is_some(), "{question:?} asks for a page that nobody sees");
    assert!(aim != Aim::SoFar || playhead.is_some(), "{question:?} asks for what came before no place");

    let readings = Vocabulary::of(passages.iter().map(|ranked| ranked.passage.text.as_str())).read(question);
    let asked = block_on(ExtractiveTutor.standalone(question, &history)).expect("it needs nobody for that");
    assert!(asked == question.trim() || !history.is_empty(), "{question:?} became {asked:?}");
    for aim in AIMS {
        let request = AnswerRequest {
            matter: MATTERS[usize::from(matter) % MATTERS.len()],
            title: String::new(),
            question: asked.clone(),
            aim,
            readings: readings.clone(),
            playhead,
            history: history.clone(),
            passages: passages.clone(),
            whole: aim == Aim::Overview,
            compared: None,
        };
        answered(request, &passages);
    }
});

fn ranked(lecture: &LectureId, n: usize, (printed, from, length, text): Written<'_>) -> Ranked {
    let begin = Millis(u64::from(from) * 1_000);
    let said = Passage::said(lecture, n as u32, Span::new(begin, Millis(begin.0 + u64::from(length) * 1_000)), text);
    let page = Spot::Printed(Pages::one(u32::from(from)));
    let passage = if printed { Passage { spot: page, ..said } } else { said };
    Ranked { passage, score: 1.0 / (n + 1) as f32, similarity: None, parts: Vec::new() }
}

fn answered(request: AnswerRequest, given: &[Ranked]) {
    let stream = block_on(ExtractiveTutor.answer(request)).expect("it needs nobody to answer");
    let mut pieces = block_on(stream.collect::<Vec<_>>()).into_iter().map(|piece| piece.expect("it comes to its end"));
    let mut words = String::new();
    let end = pieces.by_ref().find(|piece| match piece {
        AnswerPiece::Text(more) => {
            words.push_str(more);
            false
        }
        AnswerPiece::Cite { passage, excerpt } => {
            let text = given.get(*passage).map(|cited| cited.passage.text.as_str());
            assert!(text.is_some_and(|text| text.contains(excerpt.as_str())), "{excerpt:?} does not stand in {text:?}");
            assert!(!excerpt.is_empty() && !words.trim().is_empty(), "a citation stands behind words");
            false
        }
        AnswerPiece::End { .. } => true,
    });
    let Some(AnswerPiece::End { generated, found, .. }) = end else { panic!("{words:?} has no end") };
    assert!(!generated && (!found || !given.is_empty()), "{words:?} rests on nothing");
    assert!(pieces.next().is_none() && !words.trim().is_empty(), "{words:?} goes on behind its end");
}
