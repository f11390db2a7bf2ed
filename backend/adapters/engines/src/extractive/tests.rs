//! Questions as data: what the built-in tutor must answer, cite and refuse.

use super::question::{Kind, kind};
use super::*;
use futures::StreamExt;
use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::{LectureId, Millis, Passage, PassageId, Span};

const LECTURE: &[&str] = &[
    "Today we talk about bread. Yeast is a tiny fungus that eats sugar. It gives off carbon dioxide, and that gas makes the dough rise.",
    "Why do we knead the dough? Because kneading lines up the gluten into long strands. Those strands hold the gas.",
    "For example, a baguette dough is kneaded for about ten minutes. The oven should be at two hundred and thirty degrees.",
    "In 1857 Louis Pasteur showed that yeast is alive. Before him, people believed that rising was purely chemical.",
    "Sourdough uses wild yeast, whereas ordinary bread uses yeast from a packet. If the dough rests too long, it collapses.",
];

fn passages(texts: &[&str]) -> Vec<Ranked> {
    let lecture = LectureId::parse("l").unwrap();
    texts
        .iter()
        .enumerate()
        .map(|(n, text)| Ranked {
            passage: Passage {
                id: PassageId::of(&lecture, n),
                lecture: lecture.clone(),
                index: n as u32,
                span: Span::new(Millis(n as u64 * 10_000), Millis(n as u64 * 10_000 + 10_000)),
                text: (*text).to_owned(),
            },
            score: 0.5,
            similarity: None,
        })
        .collect()
}

fn ask(question: &str, history: &[(&str, &str)], texts: &[&str]) -> (String, Vec<(usize, String)>, bool) {
    let request = AnswerRequest {
        title: "Bread".into(),
        question: question.into(),
        history: history.iter().map(|(q, a)| Exchange { question: (*q).into(), answer: (*a).into() }).collect(),
        passages: passages(texts),
        whole: false,
    };
    let pieces: Vec<_> = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async { ExtractiveTutor.answer(request).await.unwrap().collect().await });
    let mut text = String::new();
    let mut cites = Vec::new();
    let mut end = None;
    for piece in pieces {
        match piece.unwrap() {
            AnswerPiece::Text(more) => text.push_str(&more),
            AnswerPiece::Cite { passage, excerpt } => cites.push((passage, excerpt)),
            AnswerPiece::End { found, generated, .. } => {
                assert!(!generated && end.is_none());
                end = Some(found);
            }
        }
    }
    (text, cites, end.expect("an answer ends"))
}

#[test]
fn questions_are_told_apart_by_their_words() {
    for (question, expected) in [
        ("What is a gradient?", Kind::Definition),
        ("What did she mean by the chain rule there?", Kind::Definition),
        ("Explain momentum.", Kind::Definition),
        ("Can you explain what momentum is?", Kind::Definition),
        ("What happens when the rate is too large?", Kind::Fact),
        ("What is the best way to choose it?", Kind::Fact),
        ("Why do we subtract?", Kind::Why),
        ("And why is that?", Kind::Why),
        ("What is the reason for that?", Kind::Why),
        ("How does it work?", Kind::How),
        ("How many steps does it take?", Kind::HowMany),
        ("How large is a batch?", Kind::HowMany),
        ("When was it invented?", Kind::When),
        ("In what year was it invented?", Kind::When),
        ("Who invented it?", Kind::Who),
        ("Does it always converge?", Kind::YesNo),
        ("Can you give an example?", Kind::Example),
        ("What is the difference between a batch and an epoch?", Kind::Difference),
    ] {
        assert_eq!(kind(question), expected, "{question}");
    }
}

#[test]
fn answers_are_the_sentences_that_fit_the_kind_of_question() {
    for (question, contains) in [
        ("What is yeast?", "tiny fungus"),
        ("Why do we knead the dough?", "lines up the gluten"),
        ("How long is a baguette kneaded?", "ten minutes"),
        ("Who showed that yeast is alive?", "Louis Pasteur"),
        ("When was it shown that yeast is alive?", "1857"),
        ("What makes the dough rise?", "carbon dioxide"),
        ("What is the difference between sourdough and ordinary bread?", "whereas"),
        ("What happens when the dough rests too long?", "collapses"),
        ("How hot should the oven be?", "two hundred and thirty"),
    ] {
        let (text, cites, found) = ask(question, &[], LECTURE);
        assert!(found && text.contains(contains), "{question} → {text}");
        assert!(!cites.is_empty());
        for (passage, excerpt) in cites {
            assert!(LECTURE[passage].contains(&excerpt), "{excerpt}");
        }
    }
}

#[test]
fn what_the_lecture_does_not_hold_is_refused_with_the_nearest_passage() {
    for question in [
        "Who invented the microwave oven?",
        "What is the capital of France?",
        "How do I bake a cake with chocolate?",
        "When was the oven invented?",
    ] {
        let (text, cites, found) = ask(question, &[], LECTURE);
        assert!(!found && text.starts_with(NOT_IN_LECTURE), "{question} → {text}");
        assert!(cites.len() <= 1);
    }
    let (text, cites, found) = ask("What is yeast?", &[], &[]);
    assert_eq!((text.as_str(), cites.len(), found), (NOT_IN_LECTURE, 0, false));
}

#[test]
fn a_sentence_that_leans_back_brings_the_one_before() {
    let (text, ..) = ask("What gives off carbon dioxide?", &[], LECTURE);
    assert!(text.contains("Yeast is a tiny fungus that eats sugar. It gives off carbon dioxide"), "{text}");
}

#[test]
fn overlapping_passages_do_not_repeat_a_sentence() {
    let texts = ["Yeast is a tiny fungus. It eats sugar.", "It eats sugar. It gives off carbon dioxide."];
    let (text, ..) = ask("What is yeast?", &[], &texts);
    assert_eq!(text.matches("It eats sugar.").count(), 1, "{text}");
}

#[test]
fn follow_ups_carry_the_subject_of_the_turn_before() {
    let before = ("Why do we knead the dough?", "The reason the lecture gives is this: Because kneading lines up the gluten.");
    let history = [Exchange { question: before.0.into(), answer: before.1.into() }];
    for (question, expected) in [
        ("And why is that?", "And why is that? (about: knead dough lines gluten)"),
        ("What is yeast?", "What is yeast?"),
        ("What about the oven?", "why the oven? (about: knead dough)"),
        ("Does it take long?", "Does it take long? (about: knead dough lines gluten)"),
    ] {
        assert_eq!(followup::standalone(question, &history), expected);
    }
    assert_eq!(followup::standalone(" Why? ", &[]), "Why?");
    let (text, _, found) = ask("And how long for a baguette?", &[before], LECTURE);
    assert!(found && text.contains("ten minutes"), "{text}");
    let (text, _, found) = ask("Can you give an example?", &[before], LECTURE);
    assert!(found && text.contains("For example, a baguette"), "{text}");
}

#[test]
fn a_transcript_without_full_stops_is_quoted_in_part() {
    let long = "so today we talk about bread and how it is made at home and the first thing we need is flour and water and salt and a warm \
        kitchen now yeast is a tiny fungus that eats sugar and gives off gas and this gas makes the dough rise so that the bread is light and \
        then we put it into the oven for half an hour until the crust is brown and the kitchen smells of bread and we are all very hungry";
    let (text, cites, found) = ask("What is yeast?", &[], &[long]);
    assert!(found && text.contains("tiny fungus") && text.len() < 330, "{text}");
    assert!(long.contains(&cites[0].1));
}

#[test]
fn odd_texts_and_questions_do_no_harm() {
    for text in ["", " ", "?", "...", "a\n\n  b.   c", "ß. İstanbul! 日本語。", "one  two.  three "] {
        for question in ["", "?", "what", "why two three", "日本語", "(about: x", "and "] {
            let (_, cites, _) = ask(question, &[("", ""), ("?", ":")], &[text, text]);
            for (_, excerpt) in cites {
                assert!(text.contains(&excerpt));
            }
        }
    }
}
