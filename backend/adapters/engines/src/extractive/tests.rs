//! Questions as data: what the built-in tutor must answer, cite and refuse.

use super::question::{Kind, kind};
use super::*;
use futures::StreamExt;
use synapscribe_domain::passage::BELOW;
use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::{Citation, DocumentId, LectureId, Millis, Pages, Passage, PassageId, Phrase, Span, Spot, chunker};
use synapscribe_ports::{Beside, Compared, Nearness};

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
            passage: Passage::said(
                &lecture,
                n as u32,
                Span::new(Millis(n as u64 * 10_000), Millis(n as u64 * 10_000 + 10_000)),
                *text,
            ),
            score: 0.5,
            similarity: None,
            parts: Vec::new(),
        })
        .collect()
}

fn ask(question: &str, history: &[(&str, &str)], texts: &[&str]) -> (String, Vec<(usize, String)>, bool) {
    aim(Aim::Subject, 0, question, history, texts)
}

fn aim(aim: Aim, at: u64, question: &str, history: &[(&str, &str)], texts: &[&str]) -> (String, Vec<(usize, String)>, bool) {
    let request = AnswerRequest {
        title: "Bread".into(),
        question: question.into(),
        aim,
        playhead: Some(Millis(at)),
        history: history.iter().map(|(q, a)| Exchange { question: (*q).into(), answer: (*a).into(), playhead: None }).collect(),
        passages: passages(texts),
        ..AnswerRequest::default()
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
        ("What is the best way to choose it?", Kind::Advice),
        ("What is a good temperature?", Kind::Advice),
        ("What comes after the first rise?", Kind::After),
        ("what happened before they baked it", Kind::Before),
        ("What's the formula for the dough?", Kind::Formula),
        ("Name the cures for lumps", Kind::Remedy),
        ("Name the three flours", Kind::List),
        ("What are the elements of a loaf?", Kind::List),
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
        ("How does it differ?", Kind::Difference),
        ("How efficient is it?", Kind::Degree),
        ("How can I avoid lumps?", Kind::Remedy),
        ("What are the cures for overfitting?", Kind::Remedy),
        ("What are the steps of baking?", Kind::List),
        ("Which factors limit the rate?", Kind::List),
        ("Tell me more.", Kind::More),
        ("chain rule", Kind::Definition),
        ("Tell me about dropout.", Kind::Definition),
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
fn a_year_before_our_era_says_when() {
    let told = ["Crassus was killed in 53 BC fighting the Parthians at Carrhae, and the two who were left drifted apart."];
    let (text, _, found) = ask("When was Crassus killed?", &[], &told);
    assert!(found && text.contains("53 BC"), "{text}");
}

#[test]
fn what_was_done_to_another_is_no_answer() {
    let told = ["Caesar obtained a command in Gaul. Crassus was killed in 53 BC fighting the Parthians at Carrhae."];
    let (text, _, found) = ask("When was Caesar killed?", &[], &told);
    assert!(!found && text.contains("The nearest it comes is: Crassus was killed"), "{text}");
    for (question, answer, told) in [
        ("When was Crassus killed?", "Crassus was killed in 53 BC", told[0]),
        ("Where did Newton teach?", "He came to teach at Cambridge.", "Newton grew up on a farm. He came to teach at Cambridge."),
        (
            "What did Darwin find on the islands?",
            "The finches had different beaks.",
            "What did Darwin find on the islands? The finches had different beaks.",
        ),
    ] {
        let (text, _, found) = ask(question, &[], &[told]);
        assert!(found && text.contains(answer), "{question} → {text}");
    }
}

#[test]
fn a_short_answer_stands_before_the_sentence_it_is_taken_from() {
    for (question, brief, sentence) in [
        (
            "How hot should the oven be?",
            "Two hundred and thirty degrees. ",
            "The oven should be at two hundred and thirty degrees.",
        ),
        ("When was the long bridge opened?", "1960. ", "The long bridge was opened in 1960 with a great feast."),
    ] {
        let texts: Vec<&str> =
            LECTURE.iter().copied().chain(["The long bridge was opened in 1960 with a great feast."]).collect();
        let (text, cites, found) = ask(question, &[], &texts);
        assert!(found && text.starts_with(brief) && text[brief.len()..].contains(sentence), "{question} → {text}");
        assert!(cites[0].1.contains(sentence), "{question} cites {cites:?}");
    }
}

#[test]
fn whoever_asks_for_a_part_by_its_heading_is_told_what_stands_there() {
    let mut passages = passages(&[
        "Caesar crossed the Rubicon.",
        "Sixty senators planned to kill him. He was stabbed. His death led to a war.",
        "It holds what goes on. It has two sides.",
        "Why did it rise? Who pays for it?",
    ]);
    let headings = ["", "The Ides of March", "Chapter 2: Supply and demand › Supply", "Exercises"];
    for (one, heading) in passages.iter_mut().zip(headings) {
        one.passage.heading = format!("The late Republic{BELOW}{heading}");
    }
    let told = |question: &str, before: &[&str]| {
        let history = before.iter().map(|question| Exchange {
            question: (*question).into(),
            answer: "This stands in the document under “The Ides of March”: He was stabbed.".into(),
            playhead: None,
        });
        let request = AnswerRequest { history: history.collect(), passages: passages.clone(), ..AnswerRequest::default() };
        pieces(&AnswerRequest { question: question.into(), matter: Matter::Document, ..request })
    };
    let found = |pieces: &[AnswerPiece]| matches!(pieces.last(), Some(AnswerPiece::End { found: true, .. }));
    for (question, before, heading, passage) in [
        ("What happened on the Ides of March?", &[][..], "The Ides of March", 1),
        ("What happened on the Ides of March?", &["Who was Caesar?"], "The Ides of March", 1),
        ("Describe the Ides of March", &[], "The Ides of March", 1),
        ("What is supply?", &[], "Supply", 2),
        ("What is chapter 2 about?", &[], "Chapter 2: Supply and demand", 2),
    ] {
        let answered = told(question, before);
        let opening = format!("This stands in the document under “{heading}”:");
        let cited = AnswerPiece::Cite { passage, excerpt: passages[passage].passage.text.clone() };
        assert_eq!(answered[0], AnswerPiece::Text(opening), "{question}");
        assert!(found(&answered) && answered.contains(&cited), "{question} {answered:?}");
    }
    for (question, before) in [
        ("When were the Ides of March?", &[][..]),
        ("What was eaten on the Ides of March?", &[]),
        ("What happened in March?", &[]),
        ("What is not supply?", &[]),
        ("What are the exercises?", &[]),
        ("Tell me more", &["What happened on the Ides of March?"]),
    ] {
        let answered = told(question, before);
        let named = answered.iter().any(|piece| matches!(piece, AnswerPiece::Text(text) if text.contains(" under “")));
        assert!(!named, "{question} {answered:?}");
    }
}

#[test]
fn when_something_comes_each_time_is_told_without_a_date() {
    let tide = ["The spring tide is the highest tide, and comes at new moon and at full moon."];
    let (text, _, found) = ask("When does the spring tide come?", &[], &tide);
    assert!(found && text.contains("at full moon"), "{text}");
    let (_, _, found) = ask("When did the spring tide come?", &[], &tide);
    assert!(!found);
    let (text, _, found) = ask("When do the waves break?", &[], &["The waves break at the shore, and they are loud."]);
    assert!(!found, "{text}");
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
    let history = [Exchange { question: before.0.into(), answer: before.1.into(), playhead: None }];
    for (question, expected) in [
        ("And why is that?", "And why is that? (about: knead dough lines gluten)"),
        ("What is yeast?", "What is yeast? (or about: knead dough)"),
        ("Can you repeat that?", "Why do we knead the dough?"),
        ("What about the oven?", "why the oven? (about: knead dough)"),
        ("Does it take long?", "Does it take long? (about: knead dough lines gluten)"),
    ] {
        assert_eq!(followup::standalone(question, &history), expected);
    }
    assert_eq!(followup::standalone(" Why? ", &[]), "Why?");
    let long = "Who showed in the laboratory that living yeast eats sugar?";
    assert_eq!(followup::standalone(long, &history), long, "what names its subject needs nothing carried");
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

/// What the built-in ear gives, which hears no full stops: from, to, words.
const HEARD: &[(u64, u64, &str)] = &[
    (4_000, 6_200, "the surface of the earth is made of plates"),
    (6_700, 9_300, "where they drift apart magma rises from below"),
    (13_000, 16_000, "the largest volcano on earth is in hawaii"),
    (16_600, 19_000, "basalt flows a long way before it cools"),
    (80_000, 83_000, "glaciers grind the valley floor to flour"),
];

#[test]
fn of_what_was_heard_without_full_stops_the_phrase_is_quoted_that_answers() {
    let phrases: Vec<Phrase> =
        HEARD.iter().map(|(from, to, text)| Phrase::trusted(Span::new(Millis(*from), Millis(*to)), *text)).collect();
    let cut = chunker::passages(&LectureId::parse("l").unwrap(), &phrases);
    let ranked = |passage: &Passage| Ranked { passage: passage.clone(), score: 0.5, similarity: None, parts: Vec::new() };
    for (question, answer) in [("Where is the largest volcano?", 2), ("What do glaciers grind?", 4)] {
        let request =
            AnswerRequest { question: question.into(), passages: cut.iter().map(ranked).collect(), ..AnswerRequest::default() };
        let pieces = pieces(&request);
        let cited: Vec<Citation> = pieces
            .iter()
            .filter_map(|piece| if let AnswerPiece::Cite { passage, excerpt } = piece { Some((*passage, excerpt)) } else { None })
            .map(|(passage, excerpt)| Citation::of(1, &cut[passage], excerpt, 0.5))
            .collect();
        let (from, to, text) = HEARD[answer];
        assert_eq!(cited.iter().map(|c| c.excerpt.as_str()).collect::<Vec<_>>(), [text], "{question}");
        assert_eq!(cited[0].span(), Some(Span::new(Millis(from), Millis(to))), "{question}");
    }
}

#[test]
fn lines_are_spoken_as_sentences() {
    use super::sentence::as_spoken;
    assert_eq!(as_spoken("so lava is molten rock\nand it flows"), "Lava is molten rock. And it flows.");
    assert_eq!(as_spoken("We need these:\nflour\nwater"), "We need these: Flour. Water.");
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

#[test]
fn an_overview_goes_through_the_lecture_in_order_and_says_whose_words_it_is_made_of() {
    let (text, cites, found) = aim(Aim::Overview, 0, "What is this about?", &[], LECTURE);
    assert!(
        found && text.starts_with("Here is the lecture in the lecturer's own sentences: Today we talk about bread."),
        "{text}"
    );
    assert!(cites.len() >= 2 && cites.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{cites:?}");
    assert!(!text.contains("Why do we"), "{text}");
    let (text, cites, found) = aim(Aim::Overview, 0, "What is this about?", &[], &[]);
    assert_eq!((text.as_str(), cites.len(), found), (NOT_IN_LECTURE, 0, false));
}

#[test]
fn the_lecturers_own_summary_closes_an_overview() {
    let mut texts = LECTURE.to_vec();
    texts.push("To sum up, bread needs flour, water and time. Yeast makes it rise. Thank you, and see you next week.");
    let (text, ..) = aim(Aim::Overview, 0, "Summarize it.", &[], &texts);
    assert!(text.ends_with("To sum up, bread needs flour, water and time. Yeast makes it rise."), "{text}");
}

#[test]
fn what_was_just_said_is_told_up_to_the_place_and_not_beyond() {
    // The second passage is said from 10 to 20 s; its question takes 2.6 s of them, and its second sentence 4.5.
    let (text, cites, found) = aim(Aim::JustSaid, 17_200, "What did she just say?", &[], LECTURE);
    assert!(found && text.ends_with("Because kneading lines up the gluten into long strands."), "{text}");
    assert!(cites.iter().all(|(passage, _)| *passage <= 1), "{cites:?}");
    let (longer, ..) = aim(Aim::Explained, 17_200, "Explain the last part.", &[], LECTURE);
    assert!(longer.len() > text.len() && longer.ends_with("into long strands."), "{longer}");
    let (at_the_start, _, found) = aim(Aim::JustSaid, 100, "What did she just say?", &[], LECTURE);
    assert!(found && at_the_start.ends_with("Today we talk about bread."), "{at_the_start}");
}

#[test]
fn a_refusal_speaks_of_the_nearest_place_exactly_when_it_cites_one() {
    for question in [
        "Who invented the microwave oven?",
        "When was the oven invented?",
        "Why is the sky blue?",
        "ok",
        "Thank you.",
        "blah blah",
    ] {
        let (text, cites, found) = ask(question, &[], LECTURE);
        assert!(!found && text.contains("nearest") != cites.is_empty(), "{question} → {text}");
    }
}

#[test]
fn more_is_what_was_not_told_yet() {
    let first = ask("What is yeast?", &[], LECTURE);
    let (text, cites, found) = ask("Tell me more.", &[("What is yeast?", &first.0)], LECTURE);
    assert!(found && cites.iter().all(|(_, excerpt)| !first.0.contains(excerpt.as_str())), "{text}");
}

#[test]
fn an_answer_does_not_begin_with_a_word_that_joins_it_to_something_else() {
    let texts = ["We saw that bread is old. So the gluten holds the gas. But yeast is a fungus that eats sugar."];
    let (text, cites, _) = ask("What is yeast?", &[], &texts);
    assert!(text.starts_with("Yeast is a fungus"), "{text}");
    assert!(texts[0].contains(&cites[0].1));
}

#[test]
fn a_question_spelt_otherwise_is_answered_with_what_it_was_taken_for() {
    let request = AnswerRequest {
        question: "what is yaest?".into(),
        readings: vec![Reading { asked: "yaest".into(), meant: "yeast".into() }],
        passages: passages(LECTURE),
        ..AnswerRequest::default()
    };
    let Some(AnswerPiece::Text(lead_in)) = pieces(&request).into_iter().next() else { panic!("an answer begins with words") };
    assert_eq!(lead_in, "If you mean “yeast”, the lecture puts it in these words:");
}

/// A question whose words, and parts of words, are so near to the sentence about yeast, and hardly to others.
fn beside(question: &str, near: f32) -> (String, bool) {
    let mut passages = passages(&[
        "Bread is baked in many countries. Yeast is a tiny fungus that eats sugar and gives off carbon dioxide.",
        "The oven should be hot before the loaf goes in. Salt slows everything down.",
    ]);
    let wanted = "Yeast is a tiny fungus that eats sugar and gives off carbon dioxide.";
    let mut sentences = Vec::new();
    for ranked in &mut passages {
        ranked.similarity = Some(0.5);
        let text = &ranked.passage.text;
        sentences.extend(synapscribe_domain::sentences::of(text).into_iter().map(|range| text[range].to_owned()));
        ranked.parts = vec![0.2; 2];
    }
    let words: Vec<_> = synapscribe_domain::terms::stems(question).map(|(place, _)| place).collect();
    let likeness = |sentence: &String| {
        let near = if sentence == wanted { near } else { 0.1 };
        Nearness { whole: near * 0.8, words: vec![near; words.len()], back: near * 0.6 }
    };
    let beside = Beside { texts: sentences.iter().map(likeness).collect(), words: words.clone() };
    let request = AnswerRequest {
        question: question.into(),
        passages,
        compared: Some(Compared { question: question.into(), sentences, beside }),
        ..AnswerRequest::default()
    };
    let pieces = pieces(&request);
    let text = pieces.iter().filter_map(|p| if let AnswerPiece::Text(text) = p { Some(text.as_str()) } else { None }).collect();
    (text, pieces.iter().any(|piece| matches!(piece, AnswerPiece::End { found: true, .. })))
}

#[test]
fn a_sentence_without_the_questions_words_answers_where_it_is_near_to_each_of_them() {
    let (text, found) = beside("Which organism puts the bubbles there?", 0.9);
    assert!(found && text.ends_with("Yeast is a tiny fungus that eats sugar and gives off carbon dioxide."), "{text}");
    let (text, found) = beside("Which organism puts the bubbles there?", 0.1);
    assert!(!found && text.starts_with(NOT_IN_LECTURE), "{text}");
}

#[test]
fn a_sentence_that_has_the_questions_words_and_is_near_to_them_answers() {
    let (text, found) = beside("What is yeast?", 0.9);
    assert!(found && text.contains("Yeast is a tiny fungus"), "{text}");
}

#[test]
fn the_lecturers_own_question_is_not_quoted_to_who_asked_it() {
    let (text, cites, found) = ask("Why do we knead the dough?", &[], LECTURE);
    assert!(found && text.starts_with("Because kneading"), "{text}");
    assert!(LECTURE[1].contains(&cites[0].1));
}

#[test]
fn what_comes_next_is_told_for_what_comes_after_something() {
    let texts = [
        "First comes the mixing. Flour and water go into a bowl. Then comes the kneading. It takes ten minutes. At last we bake.",
    ];
    for (question, told) in [
        ("What comes after the mixing?", "Then comes the kneading. It takes ten minutes."),
        ("What comes before the kneading?", "First comes the mixing. Flour and water go into a bowl."),
    ] {
        let (text, _, found) = ask(question, &[], &texts);
        assert!(found && text.contains(told), "{question} → {text}");
    }
}

#[test]
fn a_lecture_is_told_by_its_beginning_and_its_end() {
    let (text, ..) = aim(Aim::Beginning, 0, "How does it begin?", &[], LECTURE);
    assert!(text.starts_with("The lecture begins with these words: Today we talk about bread."), "{text}");
    let (text, ..) = aim(Aim::Ending, 0, "How does it end?", &[], LECTURE);
    assert!(text.ends_with("If the dough rests too long, it collapses."), "{text}");
}

#[test]
fn whoever_asks_for_an_example_of_nothing_is_told_one() {
    let (text, _, found) = ask("Give me an example", &[], LECTURE);
    assert!(found && text.contains("For example, a baguette"), "{text}");
}

#[tokio::test]
async fn sources_are_told_apart_and_called_what_they_are() {
    let document = DocumentId::parse("d").unwrap();
    let printed = |index: u32, text: &str| Passage {
        id: PassageId::of(&document, index as usize),
        source: (&document).into(),
        index,
        spot: Spot::Printed(Pages::one(index + 1)),
        heading: "Bread".into(),
        text: text.into(),
        marks: Vec::new(),
    };
    let ranked = |passage: Passage| Ranked { passage, score: 0.5, similarity: None, parts: Vec::new() };
    let said = passages(&["Yeast is a tiny fungus that eats sugar."]);
    // Both are the first of their source.
    let book = ranked(printed(
        0,
        "Gluten is a protein that holds the gas\nRye has little of it\nA baguette is kneaded for ten minutes.",
    ));
    for (matter, question, words, cited) in [
        (
            Matter::Document,
            "Is gluten a protein?",
            "This is what the document says about it:",
            "Gluten is a protein that holds the gas",
        ),
        (
            Matter::Several,
            "Is yeast a fungus?",
            "This is what the material says about it:",
            "Yeast is a tiny fungus that eats sugar.",
        ),
        (Matter::Several, "What is a quasar?", "This material does not answer that.", ""),
    ] {
        let passages = said.iter().cloned().chain([book.clone()]).collect();
        let request = AnswerRequest { matter, question: question.into(), passages, ..AnswerRequest::default() };
        let pieces = pieces(&request);
        let text: String =
            pieces.iter().filter_map(|p| if let AnswerPiece::Text(text) = p { Some(text.as_str()) } else { None }).collect();
        assert!(text.starts_with(words), "{text}");
        let first =
            pieces.iter().find_map(|p| if let AnswerPiece::Cite { excerpt, .. } = p { Some(excerpt.as_str()) } else { None });
        assert_eq!(first.unwrap_or_default(), cited, "{question}");
    }
}
