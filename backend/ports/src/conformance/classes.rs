//! How everything that keeps classes behaves, together with the library whose sources they are shown. It knows no role.

use synapscribe_domain::account::WrittenCode;
use synapscribe_domain::document::Document;
use synapscribe_domain::{
    Class, ClassId, DocumentId, Lecture, LectureId, LectureState, Member, MemberId, ObjectKey, Pages, Passage, PassageId,
    PersonId, Source, Span, Spot, Timestamp, Visibility,
};

use crate::classes::Joined;
use crate::library::{Library, Scope};
use crate::world::{Ids, StoreError, UuidIds};

/// More members than any class of these checks has.
const MANY: usize = 9;

/// Runs every check.
pub async fn suite(library: &dyn Library) {
    a_class_is_kept_and_changed(library).await;
    a_code_lets_into_one_class(library).await;
    members_come_once_and_go(library).await;
    a_full_class_takes_nobody_else(library).await;
    who_is_in_a_class_finds_what_it_is_shown(library).await;
    who_goes_takes_along_what_they_showed(library).await;
    what_is_gone_is_shown_to_nobody(library).await;
    a_person_leaves_all_classes(library).await;
}

async fn a_class_is_kept_and_changed(library: &dyn Library) {
    let ada = person();
    let (older, class) = (class(&ada, 10), class(&ada, 20));
    assert_eq!(library.class(&class.id).await.unwrap(), None);
    library.add_class(&class).await.unwrap();
    library.add_class(&older).await.unwrap();
    let again = library.add_class(&Class { code: code(), ..class.clone() }).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "a class is added once: {again:?}");
    let changed = library.change_class(&class.id, &|c| c.name = "Zwölf “quoted” 🎓".into()).await.unwrap();
    assert_eq!(changed, Class { name: "Zwölf “quoted” 🎓".into(), ..class.clone() });
    assert_eq!(library.class(&class.id).await.unwrap(), Some(changed.clone()));
    let listed = library.classes_of(&ada).await.unwrap();
    let listed: Vec<_> = listed.into_iter().map(|one| (one.class, one.members, one.sources)).collect();
    assert_eq!(listed, [(changed, 0, 0), (older, 0, 0)], "the latest made first");
    assert_eq!(library.classes_of(&person()).await.unwrap(), [], "other people's classes are not listed");
    library.delete_class(&class.id).await.unwrap();
    library.delete_class(&class.id).await.unwrap();
    assert_eq!(library.class(&class.id).await.unwrap(), None);
    let late = library.change_class(&class.id, &|c| c.name = "late".into()).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
}

async fn a_code_lets_into_one_class(library: &dyn Library) {
    let (one, two) = (added(library, &person()).await, added(library, &person()).await);
    let same = library.add_class(&Class { code: one.code.clone(), ..class(&person(), 1) }).await;
    assert!(matches!(same, Err(StoreError::Conflict)), "{same:?}");
    let taken = library.change_class(&two.id, &|c| c.code = one.code.clone()).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
    assert_eq!(library.class_by_code(&one.code).await.unwrap().map(|c| c.id), Some(one.id.clone()));
    let fresh = code();
    library.change_class(&one.id, &|c| c.code = fresh.clone()).await.unwrap();
    assert_eq!(library.class_by_code(&one.code).await.unwrap(), None, "the code before lets nobody in");
    assert_eq!(library.class_by_code(&fresh).await.unwrap().map(|c| c.id), Some(one.id));
    assert_eq!(library.class_by_code(&two.code).await.unwrap().map(|c| c.id), Some(two.id));
}

async fn members_come_once_and_go(library: &dyn Library) {
    let (teacher, bob, eve) = (person(), person(), person());
    let class = added(library, &teacher).await;
    let (first, second) = (member(&bob, Some("Bob “\u{1F393}”"), 5), member(&eve, None, 3));
    for one in [&first, &second, &Member { id: member_id(), name: Some("again".into()), ..first.clone() }] {
        assert_eq!(library.join_class(&class.id, one, MANY).await.unwrap(), Joined::In);
    }
    assert_eq!(library.members(&class.id).await.unwrap(), [first.clone(), second], "each once, who came first first");
    for (who, members) in [(&teacher, Some(2)), (&bob, Some(2)), (&person(), None)] {
        assert_eq!(library.classes_of(who).await.unwrap().first().map(|one| one.members), members);
    }
    assert!(!library.end_membership(&added(library, &teacher).await.id, &first.id).await.unwrap(), "not a member of that one");
    assert!(library.end_membership(&class.id, &first.id).await.unwrap());
    assert!(!library.end_membership(&class.id, &first.id).await.unwrap());
    assert_eq!(library.members(&class.id).await.unwrap().into_iter().map(|one| one.person).collect::<Vec<_>>(), [eve]);
    assert_eq!(library.classes_of(&bob).await.unwrap(), []);
    library.delete_class(&class.id).await.unwrap();
    let late = library.join_class(&class.id, &first, MANY).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    assert_eq!(library.members(&class.id).await.unwrap(), []);
}

async fn a_full_class_takes_nobody_else(library: &dyn Library) {
    let class = added(library, &person()).await;
    let came: Vec<Member> = (0..5).map(|n| member(&person(), None, n)).collect();
    let at_once = came.iter().map(|one| library.join_class(&class.id, one, 3));
    let outcomes: Vec<Joined> = futures::future::join_all(at_once).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Joined::In).count(), 3, "{outcomes:?}");
    let members = library.members(&class.id).await.unwrap();
    assert_eq!(members.len(), 3);
    assert_eq!(library.join_class(&class.id, &members[0], 3).await.unwrap(), Joined::In, "who is in it stays in it");
}

async fn who_is_in_a_class_finds_what_it_is_shown(library: &dyn Library) {
    let (ada, teacher, bob, eve) = (person(), person(), person(), person());
    let word = fresh().replace(char::is_numeric, "x");
    let (talk, book) = (lecture(library, &ada, &word).await, document(library, &ada, &word).await);
    let (class, other) = (added(library, &teacher).await, added(library, &teacher).await);
    library.join_class(&class.id, &member(&bob, None, 1), MANY).await.unwrap();
    library.join_class(&other.id, &member(&eve, None, 1), MANY).await.unwrap();
    let seen = async |who: &PersonId| {
        let lectures = library.lectures(who).await.unwrap().into_iter().map(|l| Source::from(l.id));
        let documents = library.documents(who).await.unwrap().into_iter().map(|d| Source::from(d.id));
        let listed: Vec<Source> = lectures.chain(documents).filter(|source| [&talk, &book].contains(&source)).collect();
        let scope = Scope::VisibleTo(who.clone());
        for (words, vector) in [(vec![word.clone()], None), (Vec::new(), Some((word.as_str(), [0.0, 1.0].as_slice())))] {
            let found = library.search(&scope, &words, vector, 9).await.unwrap();
            let mut found: Vec<Source> = found.into_iter().map(|c| c.passage.source).collect();
            found.sort();
            let mut sorted = listed.clone();
            sorted.sort();
            assert_eq!(found, sorted, "what is listed and what is found are the same");
        }
        for source in [&talk, &book] {
            let shown = library.is_shown_to(source, who).await.unwrap();
            assert_eq!(shown || who == &ada, listed.contains(source));
            assert_eq!(library.shown_to(source).await.unwrap().contains(who), shown);
        }
        listed
    };
    assert_eq!(seen(&bob).await, []);
    library.show(&class.id, &talk, Timestamp(5)).await.unwrap();
    assert_eq!(seen(&bob).await, std::slice::from_ref(&talk));
    library.show(&class.id, &book, Timestamp(7)).await.unwrap();
    library.show(&class.id, &book, Timestamp(9)).await.unwrap();
    library.show(&other.id, &book, Timestamp(9)).await.unwrap();
    let shown = library.shown(&class.id).await.unwrap();
    let told: Vec<_> = shown.iter().map(|one| (&one.source, one.title.as_str(), &one.owner, one.since.0)).collect();
    assert_eq!(told, [(&book, "A book", &ada, 7), (&talk, "A talk", &ada, 5)], "each once, the latest first");
    assert_eq!(library.classes_of(&bob).await.unwrap()[0].sources, 2);
    for (who, expected) in [(&ada, 2), (&teacher, 2), (&bob, 2), (&eve, 1), (&person(), 0)] {
        assert_eq!(seen(who).await.len(), expected);
    }
    assert_eq!(library.shown_to(&book).await.unwrap().len(), 3, "each once, though two classes are shown it");
    assert!(library.hide(&class.id, &talk).await.unwrap());
    assert!(!library.hide(&class.id, &talk).await.unwrap());
    assert_eq!(seen(&bob).await, std::slice::from_ref(&book), "what is shown no more is found no more");
    library.delete_class(&class.id).await.unwrap();
    assert_eq!(seen(&bob).await, [], "nor is anything of a class that is gone");
    assert_eq!(seen(&ada).await.len(), 2, "its owner keeps it");
}

async fn who_goes_takes_along_what_they_showed(library: &dyn Library) {
    let (teacher, bob) = (person(), person());
    let class = added(library, &teacher).await;
    let (theirs, bobs) = (lecture(library, &teacher, "quokka").await, lecture(library, &bob, "quokka").await);
    let membership = member(&bob, None, 1);
    library.join_class(&class.id, &membership, MANY).await.unwrap();
    for source in [&theirs, &bobs] {
        library.show(&class.id, source, Timestamp(1)).await.unwrap();
    }
    library.end_membership(&class.id, &membership.id).await.unwrap();
    let shown: Vec<Source> = library.shown(&class.id).await.unwrap().into_iter().map(|one| one.source).collect();
    assert_eq!(shown, [theirs]);
}

async fn what_is_gone_is_shown_to_nobody(library: &dyn Library) {
    let (ada, bob) = (person(), person());
    let class = added(library, &ada).await;
    library.join_class(&class.id, &member(&bob, None, 1), MANY).await.unwrap();
    let talk = lecture(library, &ada, "wombat").await;
    library.show(&class.id, &talk, Timestamp(1)).await.unwrap();
    library.delete_lecture(talk.lecture().unwrap()).await.unwrap();
    assert_eq!(library.shown(&class.id).await.unwrap(), []);
    assert_eq!(library.classes_of(&bob).await.unwrap()[0].sources, 0);
    assert!(!library.is_shown_to(&talk, &bob).await.unwrap());
    assert_eq!(library.shown_to(&talk).await.unwrap(), []);
    let late = library.show(&class.id, &talk, Timestamp(2)).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    let nowhere = library.show(&ClassId::parse(fresh()).unwrap(), &lecture(library, &ada, "wombat").await, Timestamp(2)).await;
    assert!(matches!(nowhere, Err(StoreError::Gone)), "{nowhere:?}");
}

async fn a_person_leaves_all_classes(library: &dyn Library) {
    let (ada, bob) = (person(), person());
    let (taught, joined) = (added(library, &ada).await, added(library, &bob).await);
    library.join_class(&taught.id, &member(&bob, None, 1), MANY).await.unwrap();
    library.join_class(&joined.id, &member(&ada, None, 1), MANY).await.unwrap();
    let talk = lecture(library, &ada, "numbat").await;
    library.show(&joined.id, &talk, Timestamp(1)).await.unwrap();
    library.leave_classes(&ada).await.unwrap();
    assert_eq!(library.classes_of(&ada).await.unwrap(), []);
    assert_eq!(library.class(&taught.id).await.unwrap(), None, "a class goes with its teacher");
    let left = library.classes_of(&bob).await.unwrap();
    assert_eq!(left.iter().map(|one| (&one.class.id, one.members, one.sources)).collect::<Vec<_>>(), [(&joined.id, 0, 0)]);
}

fn fresh() -> String {
    UuidIds.fresh()
}

fn person() -> PersonId {
    PersonId::parse(fresh()).unwrap()
}

fn member_id() -> MemberId {
    MemberId::parse(fresh()).unwrap()
}

/// A code nobody else has: the end of a name that is made of time and chance.
fn code() -> WrittenCode {
    let name = fresh().replace('-', "");
    WrittenCode::of(std::array::from_fn(|n| name.as_bytes()[name.len() - 1 - n].wrapping_mul(7)))
}

fn class(teacher: &PersonId, created: i64) -> Class {
    let id = ClassId::parse(fresh()).unwrap();
    Class { id, teacher: teacher.clone(), name: "Calculus".into(), code: code(), created: Timestamp(created) }
}

fn member(person: &PersonId, name: Option<&str>, joined: i64) -> Member {
    Member { id: member_id(), person: person.clone(), name: name.map(str::to_owned), joined: Timestamp(joined) }
}

async fn added(library: &dyn Library, teacher: &PersonId) -> Class {
    let class = class(teacher, 1);
    library.add_class(&class).await.unwrap();
    class
}

/// A lecture that can be found by a word and by a vector, in a space of the word's own.
async fn lecture(library: &dyn Library, owner: &PersonId, word: &str) -> Source {
    let id = LectureId::parse(fresh()).unwrap();
    let lecture = Lecture {
        id: id.clone(),
        owner: owner.clone(),
        visibility: Visibility::Private,
        title: "A talk".into(),
        key: ObjectKey::lecture(owner, &id, "talk.mp3"),
        state: LectureState::Ready,
        media: None,
        tokens: None,
        created: Timestamp(1),
    };
    library.add_lecture(&lecture).await.unwrap();
    let passage = Passage::said(&id, 0, Span::default(), format!("{word} was said"));
    library.index(&(&id).into(), &[passage], word, &[vec![0.0, 1.0].into()]).await.unwrap();
    id.into()
}

async fn document(library: &dyn Library, owner: &PersonId, word: &str) -> Source {
    let id = DocumentId::parse(fresh()).unwrap();
    let key = ObjectKey::document(owner, &id, "book.pdf");
    let document = Document::granted(id.clone(), owner.clone(), key, "A book".into(), Timestamp(1));
    library.add_document(&document).await.unwrap();
    let passage = Passage {
        id: PassageId::of(&id, 0),
        source: (&id).into(),
        index: 0,
        spot: Spot::Printed(Pages::new(3, 4)),
        heading: String::new(),
        text: format!("{word} was written"),
        marks: Vec::new(),
    };
    library.index(&(&id).into(), &[passage], word, &[vec![0.0, 1.0].into()]).await.unwrap();
    id.into()
}
