//! Small things the tests share.

use synapscribe_domain::{Lecture, LectureId, LectureState, Millis, ObjectKey, Passage, PersonId, Span, Timestamp, Visibility};

pub fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

pub fn lecture(name: &str, owner: &PersonId) -> Lecture {
    let id = LectureId::parse(name).unwrap();
    Lecture {
        key: ObjectKey::lecture(owner, &id, "lecture.mp3"),
        id,
        owner: owner.clone(),
        visibility: Visibility::Private,
        title: name.into(),
        state: LectureState::Ready,
        media: None,
        tokens: None,
        created: Timestamp(1),
    }
}

pub fn passages(lecture: &LectureId, texts: &[&str]) -> Vec<Passage> {
    let passage = |(n, text): (usize, &&str)| {
        Passage::said(lecture, n as u32, Span::new(Millis(n as u64 * 1_000), Millis(n as u64 * 1_000 + 900)), *text)
    };
    texts.iter().enumerate().map(passage).collect()
}

pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}
