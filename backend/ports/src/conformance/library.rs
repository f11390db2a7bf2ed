//! How every library behaves. It knows nothing of how words are stemmed or vectors compared, only what must be found.

mod transcripts;

use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{
    IngestReport, Lecture, LectureId, LectureState, Mark, Millis, ObjectKey, Passage, PersonId, Phrase, Source, Span, Spot,
    Timestamp, TranscriptSource, Visibility, Waveform,
};

use crate::embedder::Meaning;
use crate::library::{Library, Scope};
use crate::world::{Ids, StoreError, UuidIds};

/// Runs every check.
pub async fn suite(library: &dyn Library) {
    a_lecture_is_added_once_and_changed(library).await;
    changes_at_once_are_all_kept(library).await;
    people_see_public_lectures_and_their_own_newest_first(library).await;
    transcripts::suite(library).await;
    a_report_is_kept_and_replaced(library).await;
    a_waveform_is_kept_and_replaced(library).await;
    passages_are_replaced_as_a_whole(library).await;
    words_find_passages_of_one_lecture(library).await;
    vectors_find_passages_of_one_lecture(library).await;
    vectors_of_another_space_are_not_compared(library).await;
    a_person_finds_only_what_they_may_see(library).await;
    the_closest_of_many_are_found(library).await;
    any_words_are_searched_without_an_error(library).await;
    lectures_whose_recording_never_came_are_found(library).await;
    a_deleted_lecture_leaves_no_trace(library).await;
    work_that_outlives_its_lecture_leaves_no_trace(library).await;
}

async fn a_lecture_is_added_once_and_changed(library: &dyn Library) {
    let lecture = lecture(&person(), Visibility::Private, 5);
    assert_eq!(library.lecture(&lecture.id).await.unwrap(), None, "a lecture nobody added");
    let early = library.change_lecture(&lecture.id, &|l| l.title = "too early".into()).await;
    assert!(matches!(early, Err(StoreError::Gone)), "what is not there cannot be changed: {early:?}");
    library.add_lecture(&lecture).await.unwrap();
    assert_eq!(library.lecture(&lecture.id).await.unwrap().as_ref(), Some(&lecture), "a lecture reads as it was added");
    let again = library.add_lecture(&Lecture { title: "another".into(), ..lecture.clone() }).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "a lecture is added once: {again:?}");
    let changed = library.change_lecture(&lecture.id, &|l| {
        l.state = LectureState::Transcribing { done: 3, total: 9 };
        l.title = "Zwölf “quoted” \u{0} titles 🎓".into();
        l.tokens = Some(8_000);
    });
    let changed = changed.await.unwrap();
    assert_eq!((changed.tokens, changed.owner == lecture.owner), (Some(8_000), true), "the change is made to what was there");
    assert_eq!(library.lecture(&lecture.id).await.unwrap().as_ref(), Some(&changed), "and stands");
    assert_eq!(library.lectures(&lecture.owner).await.unwrap(), [changed]);
}

async fn changes_at_once_are_all_kept(library: &dyn Library) {
    let id = saved(library).await;
    let more = |l: &mut Lecture| l.tokens = Some(l.tokens.unwrap_or(0) + 1);
    for changed in futures::future::join_all((0..20).map(|_| library.change_lecture(&id, &more))).await {
        changed.unwrap();
    }
    assert_eq!(library.lecture(&id).await.unwrap().unwrap().tokens, Some(20), "one change was lost under another");
}

async fn people_see_public_lectures_and_their_own_newest_first(library: &dyn Library) {
    let (ada, bob) = (person(), person());
    let private = lecture(&ada, Visibility::Private, 20);
    let public = lecture(&ada, Visibility::Public, 30);
    let older = lecture(&bob, Visibility::Private, 10);
    for one in [&private, &public, &older] {
        library.add_lecture(one).await.unwrap();
    }
    let all = [&private, &public, &older].map(|l| l.id.clone());
    let seen = async |who: &PersonId| -> Vec<LectureId> {
        let listed = library.lectures(who).await.unwrap();
        listed.into_iter().map(|l| l.id).filter(|id| all.contains(id)).collect()
    };
    assert_eq!(seen(&ada).await, [public.id.clone(), private.id.clone()], "newest first");
    assert_eq!(seen(&bob).await, [public.id.clone(), older.id.clone()], "other people's private lectures stay hidden");
    library.change_lecture(&private.id, &|l| l.visibility = Visibility::Public).await.unwrap();
    assert_eq!(seen(&bob).await.len(), 3, "a lecture made public appears");
}

async fn a_waveform_is_kept_and_replaced(library: &dyn Library) {
    let (id, other) = (saved(library).await, saved(library).await);
    assert_eq!(library.waveform(&id).await.unwrap(), None);
    for peaks in [vec![0, 255, 7], vec![1]] {
        let waveform = Waveform { peaks };
        library.save_waveform(&id, &waveform).await.unwrap();
        assert_eq!(library.waveform(&id).await.unwrap(), Some(waveform));
    }
    assert_eq!(library.waveform(&other).await.unwrap(), None);
}

async fn a_report_is_kept_and_replaced(library: &dyn Library) {
    let (id, other) = (saved(library).await, saved(library).await);
    assert_eq!(library.report(&id).await.unwrap(), None);
    let mut report = report();
    library.save_report(&id, &report).await.unwrap();
    report.notes.push("read again".into());
    library.save_report(&id, &report).await.unwrap();
    assert_eq!(library.report(&id).await.unwrap(), Some(report));
    assert_eq!(library.report(&other).await.unwrap(), None, "reports belong to one lecture");
}

async fn passages_are_replaced_as_a_whole(library: &dyn Library) {
    let id = saved(library).await;
    let mut first = passages(&id, &["elephants remember", "tigers forget", "odd \u{0} “text” 🎓"]);
    let mark = |(at, from, to)| Mark { at, spot: Spot::Said(span(from, to)) };
    first[0].marks = [(0, 0, 300), (10, 700, 900)].map(mark).to_vec();
    index(library, &first, "space", &[[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]).await;
    assert_eq!(library.passages(&Source::from(&id)).await.unwrap(), first, "passages read as they were indexed");
    index(library, &first, "space", &[[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]).await;
    assert_eq!(library.passages(&Source::from(&id)).await.unwrap(), first, "indexing twice changes nothing");
    let found = in_lecture(library, &id, &["elephants"], None, 9).await;
    assert_eq!(found.iter().map(|c| &c.passage).collect::<Vec<_>>(), [&first[0]], "what is found is what was indexed");

    let second = passages(&id, &["whales sing"]);
    index(library, &second, "space", &[[0.0, 1.0]]).await;
    assert_eq!(library.passages(&Source::from(&id)).await.unwrap(), second);
    assert_eq!(in_lecture(library, &id, &["elephants", "tigers"], None, 9).await, [], "words that are gone find nothing");
    let near = in_lecture(library, &id, &[], Some(("space", &[1.0, 0.0])), 9).await;
    assert_eq!(texts(&near), ["whales sing"], "vectors that are gone are not compared");
    library.index(&Source::from(&id), &[], "space", &[]).await.unwrap();
    assert_eq!(library.passages(&Source::from(&id)).await.unwrap(), [], "an empty index is an index");
}

async fn words_find_passages_of_one_lecture(library: &dyn Library) {
    let (id, other) = (saved(library).await, saved(library).await);
    let mine =
        passages(&id, &["the marmot sleeps", "the marmot and the badger dig", "nothing here", "a badger digs alone tonight"]);
    index(library, &mine, "", &[]).await;
    index(library, &passages(&other, &["marmot badger marmot badger"]), "", &[]).await;
    let found = in_lecture(library, &id, &["marmot", "badger"], None, 9).await;
    assert_eq!(found.len(), 3, "a passage with any of the words is found, in this lecture only: {found:?}");
    assert!(
        found
            .iter()
            .all(|c| c.passage.source == Source::from(&id) && c.similarity.is_none() && c.text_score.is_some_and(|s| s > 0.0))
    );
    let best = found.iter().max_by(|a, b| a.text_score.unwrap().total_cmp(&b.text_score.unwrap())).unwrap();
    assert_eq!(best.passage, mine[1], "both words count more than one");
    assert_eq!(texts(&in_lecture(library, &id, &["marmot", "badger"], None, 1).await), ["the marmot and the badger dig"]);
    assert_eq!(in_lecture(library, &id, &["MARMOT"], None, 9).await.len(), 2, "case does not matter");
    assert_eq!(in_lecture(library, &id, &["unicorn"], None, 9).await, []);
    assert_eq!(in_lecture(library, &id, &[], None, 9).await, [], "nothing to look for finds nothing");
    assert_eq!(in_lecture(library, &id, &["marmot"], None, 0).await, [], "no more than asked for");
}

async fn vectors_find_passages_of_one_lecture(library: &dyn Library) {
    let (id, other) = (saved(library).await, saved(library).await);
    index(library, &passages(&id, &["north", "east", "north-east"]), "space", &[[0.0, 1.0], [1.0, 0.0], [0.6, 0.8]]).await;
    index(library, &passages(&other, &["elsewhere"]), "space", &[[0.0, 1.0]]).await;
    let found = in_lecture(library, &id, &[], Some(("space", &[0.0, 1.0])), 2).await;
    assert_eq!(by_similarity(&found), [("north", 1.0), ("north-east", 0.8)], "the closest, with their cosine");
    let both = in_lecture(library, &id, &["east"], Some(("space", &[0.0, 1.0])), 1).await;
    let words: Vec<_> = both.iter().filter(|c| c.text_score.is_some()).map(|c| c.passage.text.as_str()).collect();
    assert!(both.len() <= 2 && words.len() == 1 && words[0].contains("east"), "at most `limit` of each, joined: {both:?}");
    assert!(both.iter().any(|c| c.passage.text == "north" && c.text_score.is_none()), "{both:?}");
    let joined = in_lecture(library, &id, &["north"], Some(("space", &[0.0, 1.0])), 9).await;
    assert_eq!(joined.len(), 3, "what both find appears once: {joined:?}");
    assert!(joined.iter().any(|c| c.passage.text == "north" && c.text_score.is_some() && c.similarity.is_some()));
}

async fn vectors_of_another_space_are_not_compared(library: &dyn Library) {
    let (ada, mut ids) = (person(), Vec::new());
    for (model, text) in [("old", "saved in the old space"), ("new", "saved in the new space")] {
        let one = lecture(&ada, Visibility::Private, 1);
        library.add_lecture(&one).await.unwrap();
        index(library, &passages(&one.id, &[text]), model, &[[0.0, 1.0]]).await;
        ids.push(one.id);
    }
    for scope in [Scope::of(&ids[0]), Scope::VisibleTo(ada.clone())] {
        let found = library.search(&scope, &words(&["old"]), Some(("new", &[0.0, 1.0])), 9).await.unwrap();
        let old =
            found.iter().find(|c| c.passage.source == Source::from(&ids[0])).expect("words find a passage whatever its vectors");
        assert_eq!(old.similarity, None, "vectors of different models mean nothing to each other");
        let other = library.search(&scope, &[], Some(("none", &[0.0, 1.0])), 9).await.unwrap();
        assert_eq!(other, [], "a space nobody uses holds nothing");
        let longer = library.search(&scope, &[], Some(("old", &[0.0, 1.0, 0.0])), 9).await.unwrap();
        assert_eq!(longer, [], "a vector of another length is not compared");
    }
    let new = library.search(&Scope::VisibleTo(ada), &[], Some(("new", &[0.0, 1.0])), 9).await.unwrap();
    assert_eq!(texts(&new), ["saved in the new space"]);
}

async fn a_person_finds_only_what_they_may_see(library: &dyn Library) {
    let (ada, bob) = (person(), person());
    // Words and a model of this check alone, so that other lectures in the same library do not show up.
    let (word, model) = (fresh().replace(char::is_numeric, "x"), fresh());
    let secret = lecture(&ada, Visibility::Private, 1);
    let open = lecture(&ada, Visibility::Public, 2);
    for one in [&secret, &open] {
        library.add_lecture(one).await.unwrap();
        index(library, &passages(&one.id, &[&format!("{word} spoken"), "something else"]), &model, &[[0.0, 1.0], [1.0, 0.0]])
            .await;
    }
    let seen = async |who: &PersonId| -> Vec<LectureId> {
        let scope = Scope::VisibleTo(who.clone());
        let both = library.search(&scope, &words(&[&word]), Some((&model, &[0.0, 1.0])), 9).await.unwrap();
        let by_words = library.search(&scope, &words(&[&word]), None, 9).await.unwrap();
        let by_meaning = library.search(&scope, &[], Some((&model, &[0.0, 1.0])), 9).await.unwrap();
        let lectures = |found: &[Candidate]| {
            let mut ids: Vec<_> = found.iter().filter_map(|c| c.passage.source.lecture().cloned()).collect();
            ids.sort();
            ids.dedup();
            ids
        };
        assert_eq!(lectures(&both), lectures(&by_words), "words and vectors keep to the same lectures");
        assert_eq!(lectures(&both), lectures(&by_meaning), "words and vectors keep to the same lectures");
        lectures(&both)
    };
    let mut all = vec![secret.id.clone(), open.id.clone()];
    all.sort();
    assert_eq!(seen(&ada).await, all);
    assert_eq!(seen(&bob).await, std::slice::from_ref(&open.id), "another person's private lecture is never found");
    library.change_lecture(&secret.id, &|l| l.visibility = Visibility::Public).await.unwrap();
    assert_eq!(seen(&bob).await, all, "a lecture made public is found");
    library.change_lecture(&secret.id, &|l| l.visibility = Visibility::Private).await.unwrap();
    assert_eq!(seen(&bob).await, std::slice::from_ref(&open.id), "a lecture made private again is found no more");
    library.delete_lecture(&open.id).await.unwrap();
    assert_eq!(seen(&bob).await, [], "a deleted lecture is found no more");
    assert_eq!(seen(&ada).await, [secret.id]);
}

async fn the_closest_of_many_are_found(library: &dyn Library) {
    let (ada, model) = (person(), fresh());
    let angle = |n: usize| (n as f32 * 0.011).sin_cos();
    for part in 0..4 {
        let one = lecture(&ada, Visibility::Private, part as i64);
        library.add_lecture(&one).await.unwrap();
        let texts: Vec<String> = (0..30).map(|n| format!("number {}", n * 4 + part)).collect();
        let vectors: Vec<[f32; 2]> = (0..30).map(|n| angle(n * 4 + part).into()).collect();
        index(library, &passages(&one.id, &texts.iter().map(String::as_str).collect::<Vec<_>>()), &model, &vectors).await;
    }
    let probe: [f32; 2] = angle(50).into();
    let found = library.search(&Scope::VisibleTo(ada), &[], Some((&model, &probe)), 5).await.unwrap();
    let mut near = texts(&found);
    near.sort();
    assert_eq!(near, ["number 48", "number 49", "number 50", "number 51", "number 52"], "neighbours are found across lectures");
}

async fn any_words_are_searched_without_an_error(library: &dyn Library) {
    let id = saved(library).await;
    index(library, &passages(&id, &["plain words"]), "space", &[[0.0, 1.0]]).await;
    let long = "x".repeat(10_000);
    let odd = [
        "\"",
        "'",
        "*",
        "NEAR",
        "AND",
        "OR",
        "NOT",
        "(",
        "a\0b",
        "🎓",
        "^plain",
        "text:plain",
        "-",
        "",
        "%",
        "plain*",
        "é\u{301}",
        &long,
    ];
    for word in odd {
        for scope in [Scope::of(&id), Scope::VisibleTo(person())] {
            library.search(&scope, &words(&[word]), None, 3).await.unwrap_or_else(|e| panic!("searching {word:?}: {e}"));
        }
    }
    let found = in_lecture(library, &id, &[odd.as_slice(), &["words"]].concat(), None, 3).await;
    assert_eq!(texts(&found), ["plain words"], "odd words do not keep a plain one from being found");
    for vector in [[0.0, 0.0], [f32::NAN, 1.0], [f32::INFINITY, 0.0]] {
        library.search(&Scope::of(&id), &[], Some(("space", &vector)), 3).await.unwrap();
    }
}

async fn lectures_whose_recording_never_came_are_found(library: &dyn Library) {
    let owner = person();
    let mut arrived = lecture(&owner, Visibility::Private, 10);
    arrived.state = LectureState::Validating;
    let mut granted = [10, 20, 21].map(|created| lecture(&owner, Visibility::Private, created));
    for (n, one) in granted.iter_mut().enumerate() {
        one.state = if n == 0 { LectureState::Making { done: 3, total: 9 } } else { LectureState::Uploading };
    }
    for one in granted.iter().chain([&arrived]) {
        library.add_lecture(one).await.unwrap();
    }
    let found = library.abandoned(Timestamp(20)).await.unwrap();
    let theirs: Vec<_> = found.into_iter().filter(|lecture| lecture.owner == owner).collect();
    assert_eq!(theirs, granted[..2], "those granted by then and still without a recording, oldest first");
}

async fn a_deleted_lecture_leaves_no_trace(library: &dyn Library) {
    let (gone, stays) = (saved(library).await, saved(library).await);
    for id in [&gone, &stays] {
        library.plan_windows(id, &[span(0, 1_000)]).await.unwrap();
        library.finish_window(id, 0, &[Phrase::trusted(span(0, 900), "quokka")], None).await.unwrap();
        index(library, &passages(id, &["quokka"]), "space", &[[0.0, 1.0]]).await;
        library.save_report(id, &report()).await.unwrap();
        library.save_waveform(id, &Waveform { peaks: vec![1] }).await.unwrap();
    }
    library.delete_lecture(&gone).await.unwrap();
    library.delete_lecture(&gone).await.unwrap();
    nothing_is_left(library, &gone).await;
    assert!(library.lecture(&stays).await.unwrap().is_some(), "other lectures stay");
    assert_eq!(library.phrases(&stays).await.unwrap().len(), 1);
    assert_eq!(in_lecture(library, &stays, &["quokka"], Some(("space", &[0.0, 1.0])), 9).await.len(), 1);
}

async fn work_that_outlives_its_lecture_leaves_no_trace(library: &dyn Library) {
    let lecture = lecture(&person(), Visibility::Private, 1);
    library.add_lecture(&lecture).await.unwrap();
    let id = lecture.id.clone();
    library.plan_windows(&id, &[span(0, 1_000)]).await.unwrap();
    library.delete_lecture(&id).await.unwrap();
    // A worker that does not know of the deletion is told of it, and brings nothing back.
    let told = [
        library.add_lecture(&lecture).await,
        library.change_lecture(&id, &|l| l.state = LectureState::Ready).await.map(drop),
        library.plan_windows(&id, &[span(0, 1_000)]).await,
        library.finish_window(&id, 0, &[Phrase::trusted(span(0, 900), "quokka")], None).await,
        library.index(&Source::from(&id), &passages(&id, &["quokka"]), "space", &[vec![0.0, 1.0].into()]).await,
        library.index(&Source::from(&id), &[], "", &[]).await,
        library.note_indexed(&id, 0).await,
        library.correct_phrase(&id, Millis(0), "quokka", "wombat").await.map(drop),
        library.revision(&id).await.map(drop),
        library.save_report(&id, &report()).await,
        library.save_waveform(&id, &Waveform::default()).await,
    ];
    for (n, told) in told.into_iter().enumerate() {
        assert!(matches!(told, Err(StoreError::Gone)), "step {n}: {told:?}");
    }
    nothing_is_left(library, &id).await;
}

async fn nothing_is_left(library: &dyn Library, id: &LectureId) {
    assert_eq!(library.lecture(id).await.unwrap(), None);
    assert_eq!(library.windows(id).await.unwrap(), []);
    assert_eq!(library.phrases(id).await.unwrap(), []);
    assert_eq!(library.passages(&Source::from(id)).await.unwrap(), []);
    assert_eq!(library.report(id).await.unwrap(), None);
    assert_eq!(library.waveform(id).await.unwrap(), None);
    assert_eq!(in_lecture(library, id, &["quokka"], Some(("space", &[0.0, 1.0])), 9).await, []);
}

fn fresh() -> String {
    UuidIds.fresh()
}

fn person() -> PersonId {
    PersonId::parse(fresh()).unwrap()
}

fn span(from: u64, to: u64) -> Span {
    Span::new(Millis(from), Millis(to))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}

fn lecture(owner: &PersonId, visibility: Visibility, created: i64) -> Lecture {
    let id = LectureId::parse(fresh()).unwrap();
    let key = ObjectKey::lecture(owner, &id, "lecture.mp3");
    let (title, state) = ("A lecture".into(), LectureState::Uploading);
    Lecture { id, owner: owner.clone(), visibility, title, key, state, media: None, tokens: None, created: Timestamp(created) }
}

async fn saved(library: &dyn Library) -> LectureId {
    let lecture = lecture(&person(), Visibility::Private, 1);
    library.add_lecture(&lecture).await.unwrap();
    lecture.id
}

fn passages(lecture: &LectureId, texts: &[&str]) -> Vec<Passage> {
    let passage =
        |(n, text): (usize, &&str)| Passage::said(lecture, n as u32, span(n as u64 * 1_000, n as u64 * 1_000 + 900), *text);
    texts.iter().enumerate().map(passage).collect()
}

async fn index(library: &dyn Library, passages: &[Passage], model: &str, vectors: &[[f32; 2]]) {
    let Some(first) = passages.first() else { return };
    let meanings: Vec<Meaning> = vectors.iter().map(|v| v.to_vec().into()).collect();
    library.index(&first.source, passages, model, &meanings).await.unwrap();
}

async fn in_lecture(
    library: &dyn Library,
    id: &LectureId,
    look: &[&str],
    vector: Option<(&str, &[f32])>,
    limit: usize,
) -> Vec<Candidate> {
    library.search(&Scope::of(id), &words(look), vector, limit).await.unwrap()
}

fn texts(found: &[Candidate]) -> Vec<&str> {
    found.iter().map(|c| c.passage.text.as_str()).collect()
}

/// The texts with their similarity to two digits, the closest first.
fn by_similarity(found: &[Candidate]) -> Vec<(&str, f32)> {
    let round = |c: &Candidate| (c.similarity.expect("it was compared") * 100.0).round() / 100.0;
    let mut out: Vec<_> = found.iter().map(|c| (c.passage.text.as_str(), round(c))).collect();
    out.sort_by(|a, b| b.1.total_cmp(&a.1));
    out
}

fn report() -> IngestReport {
    IngestReport {
        source: TranscriptSource::Recognised,
        duration: Millis(60_000),
        speech_share: 0.9,
        silences: vec![span(1_000, 4_000)],
        doubtful: Vec::new(),
        missing: Vec::new(),
        skipped: vec![(span(5_000, 9_000), "the recogniser gave up".into())],
        notes: Vec::new(),
        refused_captions: Some("they belong to another recording".into()),
        words: 100,
        passages: 3,
    }
}
