//! Keeping and revising: one's own packs, what a reader is sent of others', and where it ends.

use synapscribe_domain::pack::{ANSWER_CHARS, MOST_BYTES, MOST_CARDS, MOST_PACKS};
use synapscribe_domain::{
    CardId, Citation, Code, LectureState, Pack, PackId, Passage, PersonId, QueryId, Question, Span, Timestamp, Turn, TurnMachine,
    TurnState, Visibility,
};
use synapscribe_ports::{Library, Packs, Sessions};
use synapscribe_usecases::Revising;
use synapscribe_usecases::packs::Rewording;

use crate::world::{World, lecture_id, person, session_id};

fn query(name: &str) -> QueryId {
    QueryId::parse(name).unwrap()
}

/// Ada's private lecture, her session about it, and in that a question that is answered and one that is not yet.
async fn asked() -> (World, Revising, PersonId) {
    let world = World::new();
    let lecture = world.lecture("tides", "ada", LectureState::Ready, &["The moon pulls the water."]).await;
    let session = world.session("s", "ada", &lecture.id).await;
    let passage = Passage::said(&lecture.id, 0, Span::default(), "The moon pulls the water.");
    for (name, state) in [("answered", TurnState::Done), ("under-way", TurnState::Answering)] {
        let asked = Question::Text("Why are there tides?".into());
        let machine = TurnMachine::begin(query(name), session.id.clone(), lecture.id.clone(), world.now(), None, &asked);
        let turn = Turn {
            answer: "The moon pulls [1].".into(),
            citations: vec![Citation::of(1, &passage, "The moon pulls", 0.5)],
            state,
            ..machine.turn().clone()
        };
        world.sessions.save_turn(&turn).await.unwrap();
    }
    let revising = world.revising();
    (world, revising, person("ada"))
}

#[tokio::test]
async fn a_turn_is_kept_once_and_its_card_may_be_put_into_other_words() {
    let (world, revising, ada) = asked().await;
    let pack = revising.make(&ada, " Tides\n1 ").await.unwrap().pack;
    assert_eq!((pack.title.as_str(), &pack.owner, pack.visibility), ("Tides 1", &ada, Visibility::Private));
    let (session, answered) = (session_id("s"), query("answered"));
    let (kept, new) = revising.keep(&ada, &pack.id, &session, &answered).await.unwrap();
    assert_eq!(
        (kept.card.question.as_str(), kept.card.answer.as_str(), new),
        ("Why are there tides?", "The moon pulls [1].", true)
    );
    assert_eq!((kept.card.citations.len(), kept.withheld), (1, 0));
    let wish = Rewording { answer: Some("Mine.".into()), ..Rewording::default() };
    let reworded = revising.reword(&ada, &pack.id, &kept.card.id, &wish).await.unwrap();
    assert_eq!((reworded.card.answer.as_str(), reworded.card.citations.len()), ("Mine.", 1));
    assert_eq!(revising.keep(&ada, &pack.id, &session, &answered).await.unwrap(), (reworded.clone(), false));
    world.reading().delete_session(&ada, &session).await.unwrap();
    assert_eq!(revising.cards(&ada, &pack.id).await.unwrap(), [reworded], "what is kept outlasts its session");
    world.library.delete_lecture(&lecture_id("tides")).await.unwrap();
    assert_eq!(revising.cards(&ada, &pack.id).await.unwrap()[0].withheld, 1, "what is cited is gone");
    assert_eq!(revising.cards(&ada, &pack.id).await.unwrap()[0].card.answer, "Mine.", "her own words stay");
    revising.remove(&ada, &pack.id, &kept.card.id).await.unwrap();
    let again = revising.remove(&ada, &pack.id, &kept.card.id).await.unwrap_err();
    assert_eq!(again.code, Code::NotFound);
}

#[tokio::test]
async fn what_is_not_answered_or_another_s_is_not_kept() {
    let (_world, revising, ada) = asked().await;
    let (pack, session) = (revising.make(&ada, "Tides").await.unwrap().pack.id, session_id("s"));
    let refused = async |who: &PersonId, pack: &PackId, session: &str, name: &str| {
        revising.keep(who, pack, &session_id(session), &query(name)).await.unwrap_err().code
    };
    assert_eq!(refused(&ada, &pack, "s", "under-way").await, Code::Conflict);
    assert_eq!(refused(&ada, &pack, "s", "never-asked").await, Code::NotFound);
    assert_eq!(refused(&ada, &pack, "elsewhere", "answered").await, Code::NotFound);
    let eve = person("eve");
    let eves = revising.make(&eve, "Mine").await.unwrap().pack.id;
    assert_eq!(refused(&eve, &eves, "s", "answered").await, Code::NotFound, "the session is Ada's");
    assert_eq!(refused(&ada, &eves, "s", "answered").await, Code::NotFound, "the pack is Eve's");
    assert_eq!(revising.write(&ada, &pack, " ", "answer").await.unwrap_err().code, Code::BadMessage);
    assert_eq!(revising.cards(&ada, &pack).await.unwrap(), []);
    assert!(revising.keep(&ada, &pack, &session, &query("answered")).await.is_ok());
}

#[tokio::test]
async fn whoever_reads_another_s_pack_is_sent_what_they_may_open_and_changes_nothing() {
    let (world, revising, ada) = asked().await;
    let (bob, none) = (person("bob"), PackId::parse("none").unwrap());
    let pack = revising.make(&ada, "Tides").await.unwrap().pack.id;
    let (kept, _) = revising.keep(&ada, &pack, &session_id("s"), &query("answered")).await.unwrap();
    assert_eq!(revising.cards(&bob, &pack).await.unwrap_err(), revising.cards(&bob, &none).await.unwrap_err());
    world.library.change_pack(&pack, &|pack| pack.visibility = Visibility::Public).await.unwrap();
    let seen = revising.cards(&bob, &pack).await.unwrap();
    assert_eq!((seen[0].card.citations.len(), seen[0].withheld), (0, 1), "the lecture is Ada's own");
    let text = revising.for_anki(&bob, &pack).await.unwrap();
    assert!(
        !text.contains("The moon pulls") && !text.contains("tides,"),
        "no model wrote it, so the words are the lecture's: {text}"
    );
    world.library.change_lecture(&lecture_id("tides"), &|l| l.visibility = Visibility::Public).await.unwrap();
    assert_eq!(revising.cards(&bob, &pack).await.unwrap(), std::slice::from_ref(&kept));
    let text = revising.for_anki(&bob, &pack).await.unwrap();
    assert!(text.contains("[1] tides, 0:00–0:00: “The moon pulls”"), "{text}");
    let (card, wish) = (&kept.card.id, Rewording { answer: Some("mine".into()), ..Rewording::default() });
    for refused in [
        revising.rename(&bob, &pack, "mine").await.err(),
        revising.delete(&bob, &pack).await.err(),
        revising.write(&bob, &pack, "why?", "so").await.err(),
        revising.reword(&bob, &pack, card, &wish).await.err(),
        revising.remove(&bob, &pack, card).await.err(),
    ] {
        assert_eq!(refused.unwrap().code, Code::NotFound);
    }
    assert_eq!(revising.cards(&ada, &pack).await.unwrap(), [kept]);
    assert_eq!(revising.reword(&ada, &pack, &CardId::parse("none").unwrap(), &wish).await.unwrap_err().code, Code::NotFound);
    revising.delete(&ada, &pack).await.unwrap();
    assert_eq!(revising.cards(&ada, &pack).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn packs_and_cards_are_so_many_and_no_more() {
    let (world, revising, ada) = asked().await;
    for n in 0..MOST_PACKS {
        let id = PackId::parse(format!("pack-{n}")).unwrap();
        let pack = Pack { id, owner: ada.clone(), visibility: Visibility::Private, title: "x".into(), created: Timestamp(1) };
        world.library.add_pack(&pack).await.unwrap();
    }
    assert_eq!(revising.make(&ada, "one more").await.unwrap_err().code, Code::BadMessage);
    assert!(revising.make(&person("bob"), "one").await.is_ok(), "everybody has as many");
    let pack = PackId::parse("pack-0").unwrap();
    for n in 0..MOST_CARDS {
        revising.write(&ada, &pack, &format!("question {n}"), "answer").await.unwrap();
    }
    assert_eq!(revising.write(&ada, &pack, "one more", "answer").await.unwrap_err().code, Code::BadMessage);
}

#[tokio::test]
async fn the_cards_of_a_pack_are_so_large_together_and_no_larger() {
    let (_world, revising, ada) = asked().await;
    let pack = revising.make(&ada, "Tides").await.unwrap().pack.id;
    let (session, answered) = (session_id("s"), query("answered"));
    revising.keep(&ada, &pack, &session, &answered).await.unwrap();
    let long = "\u{1F393}".repeat(ANSWER_CHARS);
    let first = revising.write(&ada, &pack, "first", "short").await.unwrap().card.id;
    for n in 0..MOST_BYTES / long.len() {
        revising.write(&ada, &pack, &format!("question {n}"), &long).await.unwrap();
    }
    assert_eq!(revising.write(&ada, &pack, "one more", &long).await.unwrap_err().code, Code::BadMessage);
    let longer = Rewording { answer: Some(long), ..Rewording::default() };
    assert_eq!(revising.reword(&ada, &pack, &first, &longer).await.unwrap_err().code, Code::BadMessage);
    let shorter = Rewording { answer: Some("so".into()), ..Rewording::default() };
    assert!(revising.reword(&ada, &pack, &first, &shorter).await.is_ok());
    assert!(!revising.keep(&ada, &pack, &session, &answered).await.unwrap().1, "what is kept is there");
}
