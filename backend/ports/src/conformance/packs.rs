//! How everything that keeps packs behaves, together with the classes that are shown them. It knows no role.

use synapscribe_domain::account::WrittenCode;
use synapscribe_domain::{
    Card, CardId, Citation, Class, ClassId, LectureId, Member, MemberId, Pack, PackId, Passage, PersonId, QueryId, SessionId,
    Span, Timestamp, Visibility,
};

use crate::library::Library;
use crate::packs::Kept;
use crate::world::{Ids, StoreError, UuidIds};

/// More cards than any pack of these checks has.
const MANY: usize = 9;

/// Runs every check.
pub async fn suite(library: &dyn Library) {
    a_pack_is_kept_and_changed(library).await;
    cards_are_kept_in_order_and_changed(library).await;
    a_turn_is_kept_once(library).await;
    a_full_pack_takes_no_card(library).await;
    who_is_in_a_class_sees_the_packs_it_is_shown(library).await;
    what_is_shown_ends_with_its_class_its_pack_and_its_owner_s_membership(library).await;
}

async fn a_pack_is_kept_and_changed(library: &dyn Library) {
    let (ada, bob) = (person(), person());
    let (older, pack) = (pack(&ada, 10), pack(&ada, 20));
    assert_eq!(library.pack(&pack.id).await.unwrap(), None);
    library.add_pack(&pack).await.unwrap();
    library.add_pack(&older).await.unwrap();
    let again = library.add_pack(&pack).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "a pack is added once: {again:?}");
    let changed = library.change_pack(&pack.id, &|p| p.title = "Zwölf “quoted” 🎓".into()).await.unwrap();
    assert_eq!((&changed.pack, changed.cards), (&Pack { title: "Zwölf “quoted” 🎓".into(), ..pack.clone() }, 0));
    assert_eq!(library.pack(&pack.id).await.unwrap(), Some(changed));
    assert_eq!(seen(library, &ada).await, [pack.id.clone(), older.id.clone()], "the latest made first");
    assert_eq!(seen(library, &bob).await, [], "other people's packs are not listed");
    library.change_pack(&older.id, &|p| p.visibility = Visibility::Public).await.unwrap();
    assert!(seen(library, &bob).await.contains(&older.id), "everybody sees what is public");
    assert_eq!(library.packs_of(&bob).await.unwrap(), [], "it is not theirs");
    let own: Vec<_> = library.packs_of(&ada).await.unwrap().into_iter().map(|one| one.pack.id).collect();
    assert_eq!(own, [pack.id.clone(), older.id.clone()], "the latest made first");
    library.change_pack(&older.id, &|p| p.visibility = Visibility::Private).await.unwrap();
    assert_eq!(seen(library, &bob).await, []);
    library.keep_card(&pack.id, &card("why?"), None, MANY).await.unwrap();
    library.delete_pack(&pack.id).await.unwrap();
    library.delete_pack(&pack.id).await.unwrap();
    assert_eq!(library.pack(&pack.id).await.unwrap(), None);
    assert_eq!(library.cards(&pack.id).await.unwrap(), []);
    let late = library.change_pack(&pack.id, &|p| p.title = "late".into()).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    let late = library.keep_card(&pack.id, &card("late"), None, MANY).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    let (cleo, mut at_once) = (person(), Vec::new());
    for _ in 0..3 {
        at_once.push(added(library, &cleo).await);
    }
    at_once.sort_by(|a, b| b.cmp(a));
    assert_eq!(seen(library, &cleo).await, at_once, "of one moment in an order that stays");
}

async fn cards_are_kept_in_order_and_changed(library: &dyn Library) {
    let (pack, other) = (added(library, &person()).await, added(library, &person()).await);
    let (first, second) = (card("first “\u{1F393}”\n1"), Card { kept: Timestamp(1), ..card("second") });
    for one in [&first, &second] {
        assert_eq!(library.keep_card(&pack, one, None, MANY).await.unwrap(), Kept::New);
    }
    let again = library.keep_card(&pack, &first, None, MANY).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "a card is kept once: {again:?}");
    assert_eq!(library.keep_card(&other, &first, None, MANY).await.unwrap(), Kept::New, "names are a pack's own");
    assert_eq!(library.cards(&pack).await.unwrap(), [first.clone(), second.clone()], "in the order in which they came");
    assert_eq!(library.pack(&pack).await.unwrap().map(|one| one.cards), Some(2));
    let changed = library.change_card(&pack, &first.id, &|card| card.answer = "another".into()).await.unwrap();
    assert_eq!(changed, Card { answer: "another".into(), ..first.clone() });
    assert_eq!(library.cards(&pack).await.unwrap(), [changed, second.clone()], "it keeps its place");
    assert_eq!(library.cards(&other).await.unwrap(), std::slice::from_ref(&first));
    assert!(library.remove_card(&pack, &first.id).await.unwrap());
    assert!(!library.remove_card(&pack, &first.id).await.unwrap());
    let late = library.change_card(&pack, &first.id, &|card| card.answer = "late".into()).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    assert_eq!(library.cards(&pack).await.unwrap(), [second]);
    assert_eq!(library.cards(&other).await.unwrap(), [first]);
}

async fn a_turn_is_kept_once(library: &dyn Library) {
    let (pack, other) = (added(library, &person()).await, added(library, &person()).await);
    let (session, query) = (SessionId::parse(fresh()).unwrap(), QueryId::parse(fresh()).unwrap());
    let (kept, again) = (card("why?"), card("why?"));
    assert_eq!(library.keep_card(&pack, &kept, Some((&session, &query)), 1).await.unwrap(), Kept::New);
    library.change_card(&pack, &kept.id, &|card| card.answer = "mine".into()).await.unwrap();
    let there = Card { answer: "mine".into(), ..kept.clone() };
    let outcome = library.keep_card(&pack, &again, Some((&session, &query)), 1).await.unwrap();
    assert_eq!(outcome, Kept::There(there.clone()), "also when the pack is full");
    assert_eq!(library.cards(&pack).await.unwrap(), [there]);
    let elsewhere = SessionId::parse(fresh()).unwrap();
    assert_eq!(library.keep_card(&pack, &again, Some((&elsewhere, &query)), MANY).await.unwrap(), Kept::New);
    assert_eq!(library.keep_card(&other, &again, Some((&session, &query)), MANY).await.unwrap(), Kept::New, "once in each pack");
    assert!(library.remove_card(&pack, &kept.id).await.unwrap());
    let anew = library.keep_card(&pack, &card("why?"), Some((&session, &query)), MANY).await.unwrap();
    assert_eq!(anew, Kept::New, "what was removed is kept anew");
}

async fn a_full_pack_takes_no_card(library: &dyn Library) {
    let pack = added(library, &person()).await;
    let cards: Vec<Card> = (0..5).map(|n| card(&format!("question {n}"))).collect();
    let at_once = cards.iter().map(|one| library.keep_card(&pack, one, None, 3));
    let outcomes: Vec<Kept> = futures::future::join_all(at_once).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Kept::New).count(), 3, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Kept::Full).count(), 2, "{outcomes:?}");
    assert_eq!(library.cards(&pack).await.unwrap().len(), 3);
}

async fn who_is_in_a_class_sees_the_packs_it_is_shown(library: &dyn Library) {
    let (ada, teacher, bob, eve) = (person(), person(), person(), person());
    let (one, two) = (added(library, &ada).await, added(library, &ada).await);
    let (class, other) = (class(library, &teacher).await, class(library, &teacher).await);
    join(library, &class, &bob).await;
    join(library, &other, &eve).await;
    let sees = async |who: &PersonId| {
        let listed = seen(library, who).await;
        for pack in [&one, &two] {
            assert_eq!(library.is_pack_shown_to(pack, who).await.unwrap() || who == &ada, listed.contains(pack));
        }
        listed.len()
    };
    assert_eq!(sees(&bob).await, 0);
    library.show_pack(&class, &one, Timestamp(5)).await.unwrap();
    library.show_pack(&class, &two, Timestamp(7)).await.unwrap();
    library.show_pack(&class, &one, Timestamp(9)).await.unwrap();
    library.show_pack(&other, &two, Timestamp(9)).await.unwrap();
    library.keep_card(&two, &card("why?"), None, MANY).await.unwrap();
    let shown = library.packs_shown(&class).await.unwrap();
    let told: Vec<_> = shown.iter().map(|shown| (&shown.pack.id, &shown.pack.owner, shown.cards)).collect();
    assert_eq!(told, [(&two, &ada, 1), (&one, &ada, 0)], "each once, the latest first");
    for (who, expected) in [(&ada, 2), (&teacher, 2), (&bob, 2), (&eve, 1), (&person(), 0)] {
        assert_eq!(sees(who).await, expected);
    }
    let counted = async || library.classes_of(&bob).await.unwrap().iter().map(|one| one.sources).collect::<Vec<_>>();
    assert_eq!(counted().await, [2], "a list of classes counts what they are shown");
    assert!(library.hide_pack(&class, &one).await.unwrap());
    assert_eq!(counted().await, [1]);
    assert!(!library.hide_pack(&class, &one).await.unwrap());
    assert_eq!((sees(&bob).await, sees(&ada).await), (1, 2));
}

async fn what_is_shown_ends_with_its_class_its_pack_and_its_owner_s_membership(library: &dyn Library) {
    let (teacher, bob, eve) = (person(), person(), person());
    let class = class(library, &teacher).await;
    let membership = join(library, &class, &bob).await;
    join(library, &class, &eve).await;
    let (theirs, gone) = (added(library, &teacher).await, added(library, &teacher).await);
    let (bobs, eves) = (added(library, &bob).await, added(library, &eve).await);
    for pack in [&theirs, &gone, &bobs, &eves] {
        library.show_pack(&class, pack, Timestamp(1)).await.unwrap();
    }
    library.delete_pack(&gone).await.unwrap();
    assert!(!library.is_pack_shown_to(&gone, &bob).await.unwrap());
    let late = library.show_pack(&class, &gone, Timestamp(2)).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    library.end_membership(&class, &membership).await.unwrap();
    library.leave_classes(&eve).await.unwrap();
    let left: Vec<PackId> = library.packs_shown(&class).await.unwrap().into_iter().map(|one| one.pack.id).collect();
    assert_eq!(left, std::slice::from_ref(&theirs), "whoever goes takes along what they showed");
    join(library, &class, &bob).await;
    assert!(library.is_pack_shown_to(&theirs, &bob).await.unwrap());
    library.delete_class(&class).await.unwrap();
    assert!(!library.is_pack_shown_to(&theirs, &bob).await.unwrap());
    assert_eq!(library.packs_shown(&class).await.unwrap(), []);
    let nowhere = library.show_pack(&class, &theirs, Timestamp(2)).await;
    assert!(matches!(nowhere, Err(StoreError::Gone)), "{nowhere:?}");
    assert!(library.pack(&theirs).await.unwrap().is_some(), "its owner keeps it");
}

/// The packs that somebody sees.
async fn seen(library: &dyn Library, who: &PersonId) -> Vec<PackId> {
    library.packs(who).await.unwrap().into_iter().map(|one| one.pack.id).collect()
}

fn fresh() -> String {
    UuidIds.fresh()
}

fn person() -> PersonId {
    PersonId::parse(fresh()).unwrap()
}

fn pack(owner: &PersonId, created: i64) -> Pack {
    Pack {
        id: PackId::parse(fresh()).unwrap(),
        owner: owner.clone(),
        visibility: Visibility::Private,
        title: "Tides".into(),
        created: Timestamp(created),
    }
}

async fn added(library: &dyn Library, owner: &PersonId) -> PackId {
    let pack = pack(owner, 1);
    library.add_pack(&pack).await.unwrap();
    pack.id
}

/// A card with something that stands behind it.
fn card(question: &str) -> Card {
    let passage = Passage::said(&LectureId::parse("l").unwrap(), 0, Span::default(), "The moon pulls the water.");
    Card {
        id: CardId::parse(fresh()).unwrap(),
        question: question.into(),
        answer: "Because the moon pulls [1].".into(),
        citations: vec![Citation::of(1, &passage, "The moon pulls", 0.5)],
        quoted: true,
        kept: Timestamp(7),
    }
}

async fn class(library: &dyn Library, teacher: &PersonId) -> ClassId {
    let name = fresh();
    let code = WrittenCode::of(std::array::from_fn(|n| name.as_bytes()[name.len() - 1 - n].wrapping_mul(7)));
    let id = ClassId::parse(name).unwrap();
    let class = Class { id: id.clone(), teacher: teacher.clone(), name: "Seas".into(), code, created: Timestamp(1) };
    library.add_class(&class).await.unwrap();
    id
}

async fn join(library: &dyn Library, class: &ClassId, who: &PersonId) -> MemberId {
    let id = MemberId::parse(fresh()).unwrap();
    let member = Member { id: id.clone(), person: who.clone(), name: None, joined: Timestamp(1) };
    library.join_class(class, &member, MANY).await.unwrap();
    id
}
