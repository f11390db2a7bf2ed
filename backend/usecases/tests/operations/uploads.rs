//! Where something may be uploaded to, and what may not be.

use synapscribe_domain::{Code, LectureState, ObjectKey, QueryId};
use synapscribe_ports::{Library, Notice};
use synapscribe_usecases::request_upload::Wish;

use crate::world::{World, lecture_id, person};

async fn grant(world: &World, wish: Wish, name: &str, bytes: u64) -> Result<(ObjectKey, String), Code> {
    match world.granting().grant(&person("ada"), wish, name, bytes).await {
        Ok(Notice::UploadUrl { url, key, file_name, expires_in, .. }) => {
            assert_eq!(file_name, name, "an answer names what was asked for");
            assert!(expires_in > 0 && url.contains(&format!("bytes={bytes}&")), "an address is good for exactly this: {url}");
            Ok((key, url))
        }
        Ok(other) => panic!("{other:?}"),
        Err(failure) => {
            assert!(failure.message.len() > 10, "{failure}");
            Err(failure.code)
        }
    }
}

fn query() -> Wish {
    Wish::Query(QueryId::parse("q1").unwrap())
}

#[tokio::test]
async fn a_recording_gets_a_place_of_its_owners_and_a_record() {
    let world = World::new();
    let (key, _) = grant(&world, Wish::Lecture, "Week_3 chain rule.mp3", 5_000).await.unwrap();
    assert_eq!(key.as_str(), "lectures/ada/id-1/Week_3 chain rule.mp3");
    let lecture = world.library.lecture(&lecture_id("id-1")).await.unwrap().unwrap();
    assert_eq!((lecture.title.as_str(), lecture.state), ("Week 3 chain rule", LectureState::Uploading));
    assert_eq!((lecture.owner, lecture.key), (person("ada"), key));
}

#[tokio::test]
async fn a_name_with_tricks_in_it_stays_a_name() {
    let world = World::new();
    for name in ["../../etc/passwd", "..\\..\\x.mp3", "a\u{0}b\n.wav", "", "....", "/"] {
        let (key, _) = grant(&world, Wish::Lecture, name, 5_000).await.unwrap();
        assert!(key.as_str().starts_with("lectures/ada/id-") && !key.as_str().contains(".."), "{name:?}: {key}");
        assert_eq!(key.owner(), person("ada"), "{name:?}");
    }
}

#[tokio::test]
async fn sizes_are_checked_before_anything_is_uploaded() {
    let world = World::new();
    for (wish, bytes, code) in [
        (Wish::Lecture, 0, Code::AudioEmpty),
        (Wish::Lecture, 500_000_001, Code::AudioTooBig),
        (query(), 0, Code::AudioEmpty),
        (query(), 25_000_001, Code::AudioTooBig),
    ] {
        assert_eq!(grant(&world, wish.clone(), "x.wav", bytes).await, Err(code), "{wish:?} {bytes}");
    }
    assert_eq!(world.library.lectures(&person("ada")).await.unwrap(), [], "what was refused leaves no record");
    assert!(grant(&world, Wish::Lecture, "x.wav", 500_000_000).await.is_ok());
}

#[tokio::test]
async fn captions_go_beside_a_lecture_of_ones_own() {
    let world = World::new();
    world.lecture("tides", "ada", LectureState::Uploading, &[]).await;
    world.lecture("hers", "bob", LectureState::Ready, &[]).await;
    let captions = |name: &str| Wish::Captions(lecture_id(name));
    let (key, _) = grant(&world, captions("tides"), "Whatever.VTT", 100).await.unwrap();
    assert_eq!(key.as_str(), "lectures/ada/tides/talk.vtt", "they bear the recording's name");
    for (wish, name, bytes, code) in [
        (captions("hers"), "x.vtt", 100, Code::NotFound),
        (captions("none"), "x.vtt", 100, Code::NotFound),
        (captions("tides"), "x.docx", 100, Code::CaptionsMismatch),
        (captions("tides"), "x.vtt", 0, Code::CaptionsMismatch),
        (captions("tides"), "x.vtt", 9_000_000, Code::CaptionsMismatch),
    ] {
        assert_eq!(grant(&world, wish, name, bytes).await, Err(code), "{name} {bytes}");
    }
    let refused = async |name: &str| world.granting().grant(&person("ada"), captions(name), "x.vtt", 100).await.unwrap_err();
    assert_eq!(refused("hers").await, refused("none").await, "another's lecture is none");
}

#[tokio::test]
async fn a_spoken_question_gets_a_place_among_ones_questions() {
    let world = World::new();
    for (name, key) in [("question.WEBM", "queries/ada/q1.webm"), ("question", "queries/ada/q1.wav")] {
        assert_eq!(grant(&world, query(), name, 5_000).await.unwrap().0.as_str(), key);
    }
}
