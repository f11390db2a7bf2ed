//! How everything that tells people behaves. The form of what arrives is the implementation's own; that it arrives, whole, in
//! order and to nobody else, is not.

use synapscribe_domain::document::{Document, DocumentState};
use synapscribe_domain::turn::Question;
use synapscribe_domain::{
    Citation, Code, ConnectionId, DocumentId, Failure, Lecture, LectureId, LectureState, Millis, ObjectKey, Passage, PersonId,
    QueryId, SessionId, Span, Timestamp, TurnEvent, TurnMachine, Visibility,
};

use super::connections::Peer;
use crate::audience::{Audience, Notice};
use crate::connections::{MAX_MESSAGE, SendError};
use crate::narrator::{Speech, SpokenWord};

/// Runs every check; `connect` opens a connection, which closes when the peer is dropped.
pub async fn suite(audience: &dyn Audience, connect: impl Fn(&ConnectionId) -> Box<dyn Peer>) {
    every_notice_arrives_in_order_and_to_nobody_else(audience, &connect).await;
    a_notice_names_what_it_is_about(audience, &connect).await;
    what_is_too_large_is_refused_and_the_connection_lives_on(audience, &connect).await;
    who_is_not_there_is_gone(audience, &connect).await;
}

async fn every_notice_arrives_in_order_and_to_nobody_else(
    audience: &dyn Audience,
    connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>,
) {
    let (ada, bob) = (connection("audience-ada"), connection("audience-bob"));
    let (mut peer, mut bystander) = (connect(&ada), connect(&bob));
    let notices = every_notice();
    for notice in &notices {
        audience.tell(&ada, notice).await.unwrap_or_else(|error| panic!("{notice:?}: {error}"));
    }
    let mut first = Vec::new();
    for notice in &notices {
        let message = peer.next().await.expect("every notice arrives");
        assert!(!message.is_empty(), "{notice:?} says nothing");
        assert!(!first.contains(&message), "{notice:?} cannot be told from another: {message}");
        first.push(message);
    }
    // Told again they read the same, one by one, which they only do when none was lost or overtaken.
    for (notice, before) in notices.iter().zip(&first) {
        audience.tell(&ada, notice).await.unwrap();
        assert_eq!(peer.next().await.as_ref(), Some(before));
    }
    audience.tell(&bob, &Notice::Pong).await.unwrap();
    let pong = &first[notices.iter().position(|notice| *notice == Notice::Pong).expect("a pong is among them")];
    assert_eq!(bystander.next().await.as_ref(), Some(pong), "a bystander hears only what is told to them");
}

async fn a_notice_names_what_it_is_about(audience: &dyn Audience, connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>) {
    let name = connection("audience-names");
    let mut peer = connect(&name);
    for notice in every_notice() {
        let about = match &notice {
            Notice::Pong | Notice::Failed(None, _) => continue,
            Notice::SessionEnded(session) => session.to_string(),
            Notice::UploadUrl { key, .. } => key.to_string(),
            Notice::DocumentProgress(document) | Notice::DocumentReady(document) | Notice::DocumentFailed(document) => {
                document.id.to_string()
            }
            Notice::DocumentDeleted(document) => document.to_string(),
            Notice::LectureProgress(lecture)
            | Notice::LectureFailed(lecture)
            | Notice::LectureRenamed(lecture)
            | Notice::LectureReady { lecture, .. } => lecture.id.to_string(),
            Notice::LectureCorrected(lecture) | Notice::LectureDeleted(lecture) => lecture.to_string(),
            _ => query().to_string(),
        };
        audience.tell(&name, &notice).await.unwrap();
        let message = peer.next().await.expect("every notice arrives");
        assert!(message.contains(&about), "{message} does not say that it is about {about}");
    }
}

async fn what_is_too_large_is_refused_and_the_connection_lives_on(
    audience: &dyn Audience,
    connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>,
) {
    let name = connection("audience-large");
    let mut peer = connect(&name);
    let large = Notice::AnswerText(query(), "x".repeat(MAX_MESSAGE + 1));
    assert_eq!(audience.tell(&name, &large).await, Err(SendError::TooLarge));
    audience.tell(&name, &Notice::Pong).await.unwrap();
    assert!(peer.next().await.is_some_and(|message| message.len() < 1_000), "the next notice arrives");
}

async fn who_is_not_there_is_gone(audience: &dyn Audience, connect: &impl Fn(&ConnectionId) -> Box<dyn Peer>) {
    assert_eq!(audience.tell(&connection("audience-nobody"), &Notice::Pong).await, Err(SendError::Gone));
    let name = connection("audience-leaving");
    drop(connect(&name));
    assert_eq!(audience.tell(&name, &Notice::Pong).await, Err(SendError::Gone));
}

/// One of each.
fn every_notice() -> Vec<Notice> {
    let (session, lecture) = (SessionId::parse("the-session").expect("a plain name"), lecture());
    let words = "as “she” said 🎓";
    let citation = Citation::of(1, &Passage::said(&lecture.id, 0, Span::new(Millis(1_000), Millis(2_500)), words), words, 0.5);
    let in_state = |state| Box::new(Lecture { state, ..lecture.clone() });
    let failure = || Failure::new(Code::AudioSilent, "the recording is silent; record it again");
    let words = Question::Text("why?".into());
    let mut machine = TurnMachine::begin(query(), session.clone(), lecture.id.clone(), Timestamp(1), None, &words);
    machine.apply(TurnEvent::Cancel, 9).expect("an open turn can be stopped");
    vec![
        Notice::QueryAccepted { query: query(), session: session.clone() },
        Notice::AnswerRestarted(query()),
        Notice::QueryText(query(), "why \"this\"?\n".into()),
        Notice::AnswerText(query(), "Because \u{0} of the “tide” 🎓".into()),
        Notice::Cited(query(), citation),
        Notice::Audio { query: query(), index: 3, speech: Speech { rate: 16_000, samples: vec![0.5, -0.5] } },
        Notice::Words { query: query(), index: 3, words: vec![SpokenWord { at: Millis(40), from: 0, to: 7 }] },
        Notice::AudioComplete { query: query(), chunks: 4, length: Millis(1_500), key: None },
        Notice::AnswerDone(Box::new(machine.turn().clone())),
        Notice::Cancelled(query()),
        Notice::SessionEnded(session),
        Notice::LectureProgress(in_state(LectureState::Transcribing { done: 1, total: 4 })),
        Notice::LectureReady { lecture: in_state(LectureState::Ready), passages: 7 },
        Notice::LectureFailed(in_state(LectureState::Failed { failure: failure() })),
        Notice::LectureRenamed(in_state(LectureState::Ready)),
        Notice::LectureCorrected(lecture.id.clone()),
        Notice::LectureDeleted(lecture.id.clone()),
        Notice::DocumentProgress(book(DocumentState::Extracting { done: 1, total: 4 })),
        Notice::DocumentReady(book(DocumentState::Ready)),
        Notice::DocumentFailed(book(DocumentState::Failed { failure: failure() })),
        Notice::DocumentDeleted(DocumentId::parse("the-document").expect("a plain name")),
        Notice::UploadUrl {
            url: "https://store.example/put?a=b&c=d".into(),
            key: lecture.key.clone(),
            expires_in: 60,
            content_type: "audio/mpeg".into(),
            file_name: "Woche 3.mp3".into(),
        },
        Notice::Pong,
        Notice::Muted(query(), failure()),
        Notice::Failed(Some(query()), failure()),
        Notice::Failed(None, failure()),
    ]
}

fn query() -> QueryId {
    QueryId::parse("the-query").expect("a plain name")
}

fn lecture() -> Lecture {
    let (id, owner) = (LectureId::parse("the-lecture").expect("a plain name"), PersonId::parse("ada").expect("a plain name"));
    Lecture {
        key: ObjectKey::lecture(&owner, &id, "Woche 3.mp3"),
        id,
        owner,
        visibility: Visibility::Private,
        title: "Woche 3".into(),
        state: LectureState::Uploading,
        media: None,
        tokens: None,
        created: Timestamp(1),
    }
}

fn book(state: DocumentState) -> Box<Document> {
    let (id, owner) = (DocumentId::parse("the-document").expect("a plain name"), PersonId::parse("ada").expect("a plain name"));
    let key = ObjectKey::document(&owner, &id, "Buch.pdf");
    Box::new(Document { state, ..Document::granted(id, owner, key, "Buch".into(), Timestamp(1)) })
}

fn connection(name: &str) -> ConnectionId {
    ConnectionId::parse(name).expect("a plain name")
}
