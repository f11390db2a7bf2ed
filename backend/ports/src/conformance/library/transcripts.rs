//! A lecture's words: heard window by window, put right by a person, and what is searched of them left behind.

use synapscribe_domain::{LectureId, LectureState, Millis, Phrase, Source, Word};

use super::{index, passages, saved, span};
use crate::library::{Library, Window};
use crate::world::StoreError;

/// Runs every check of this part.
pub(super) async fn suite(library: &dyn Library) {
    windows_are_finished_once_and_planned_anew(library).await;
    phrases_come_in_the_order_of_time(library).await;
    words_are_corrected_where_they_are_as_expected(library).await;
    an_index_that_is_behind_is_found(library).await;
}

async fn windows_are_finished_once_and_planned_anew(library: &dyn Library) {
    let id = saved(library).await;
    assert_eq!(library.windows(&id).await.unwrap(), [], "nothing is planned yet");
    let plan = [span(0, 20_000), span(20_000, 45_000), span(50_000, 60_000)];
    library.plan_windows(&id, &plan).await.unwrap();
    let phrase = Phrase {
        words: vec![Word { span: span(20_000, 20_400), text: "twice".into(), confidence: 0.25 }],
        confidence: 0.75,
        ..Phrase::trusted(span(20_000, 22_000), "twice \u{0} told “tale” 🎓")
    };
    library.finish_window(&id, 1, std::slice::from_ref(&phrase), None).await.unwrap();
    library.finish_window(&id, 2, &[], Some("the recogniser “gave up”")).await.unwrap();
    let window = |span, finished, skipped: Option<&str>| Window { span, finished, skipped: skipped.map(str::to_owned) };
    let marks =
        [window(plan[0], false, None), window(plan[1], true, None), window(plan[2], true, Some("the recogniser “gave up”"))];
    assert_eq!(library.windows(&id).await.unwrap(), marks, "a window without phrases is finished too, and says why");

    library.finish_window(&id, 1, std::slice::from_ref(&phrase), None).await.unwrap();
    library.finish_window(&id, 1, &[Phrase::trusted(span(20_000, 21_000), "another hearing")], Some("late")).await.unwrap();
    library.finish_window(&id, 2, &[], None).await.unwrap();
    assert_eq!(library.windows(&id).await.unwrap(), marks);
    assert_eq!(library.phrases(&id).await.unwrap(), [phrase], "the first result stands however often it is delivered");

    let shorter = [span(0, 30_000)];
    library.plan_windows(&id, &shorter).await.unwrap();
    assert_eq!(library.windows(&id).await.unwrap(), [window(shorter[0], false, None)], "a new plan starts from nothing");
    assert_eq!(library.phrases(&id).await.unwrap(), []);
    // A worker of the old plan may still hand in what it heard.
    let late = library.finish_window(&id, 2, &[Phrase::trusted(span(50_000, 51_000), "late")], None).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(library.windows(&id).await.unwrap(), [window(shorter[0], false, None)]);
    assert_eq!(library.phrases(&id).await.unwrap(), []);
}

async fn phrases_come_in_the_order_of_time(library: &dyn Library) {
    let (id, other) = (saved(library).await, saved(library).await);
    library.plan_windows(&id, &[span(0, 10_000), span(10_000, 20_000)]).await.unwrap();
    library.plan_windows(&other, &[span(0, 10_000)]).await.unwrap();
    let told = |from: u64| Phrase::trusted(span(from, from + 500), format!("at {from}"));
    library.finish_window(&id, 1, &[told(10_000), told(15_000)], None).await.unwrap();
    library.finish_window(&other, 0, &[told(1)], None).await.unwrap();
    library.finish_window(&id, 0, &[told(4_000), told(2_000)], None).await.unwrap();
    assert_eq!(library.phrases(&id).await.unwrap(), [told(2_000), told(4_000), told(10_000), told(15_000)]);
}

async fn words_are_corrected_where_they_are_as_expected(library: &dyn Library) {
    let (id, other) = (saved(library).await, saved(library).await);
    for id in [&id, &other] {
        library.plan_windows(id, &[span(0, 10_000), span(10_000, 20_000)]).await.unwrap();
        let heard = |from, text: &str| Phrase { confidence: 0.25, ..Phrase::trusted(span(from, from + 500), text) };
        library.finish_window(id, 0, &[heard(2_000, "the train rule"), heard(4_000, "says")], None).await.unwrap();
        library.finish_window(id, 1, &[heard(12_000, "the train rule")], None).await.unwrap();
    }
    assert_eq!(library.revision(&id).await.unwrap(), 0);
    let corrected = library.correct_phrase(&id, Millis(12_000), "the train rule", "the “chain” rule 🎓").await.unwrap();
    assert!(corrected.corrected && corrected.confidence == 1.0 && corrected.span == span(12_000, 12_500), "{corrected:?}");
    let phrases = library.phrases(&id).await.unwrap();
    let words: Vec<&str> = phrases.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(words, ["the train rule", "says", "the “chain” rule 🎓"], "only the phrase that was meant changes");
    assert_eq!(phrases[2], corrected);
    for (from, expected) in [(12_000, "the train rule"), (11_999, "the “chain” rule 🎓"), (4_000, "said")] {
        let refused = library.correct_phrase(&id, Millis(from), expected, "x").await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{from} {expected}: {refused:?}");
    }
    library.correct_phrase(&id, Millis(12_000), "the “chain” rule 🎓", "the chain rule").await.unwrap();
    assert_eq!(library.revision(&id).await.unwrap(), 2, "every correction counts, and refused ones do not");
    assert_eq!(library.revision(&other).await.unwrap(), 0);
    assert_eq!(library.phrases(&other).await.unwrap()[2].text, "the train rule");
}

async fn an_index_that_is_behind_is_found(library: &dyn Library) {
    // Others may be behind as well in the same library, so that only these are looked at.
    let (ready, busy, empty) = (saved(library).await, saved(library).await, saved(library).await);
    let behind = async |model: Option<&str>| -> Vec<LectureId> {
        let mut found: Vec<Source> = Vec::new();
        while let Some(next) = library.stale(model, found.last()).await.unwrap() {
            assert!(!found.contains(&next), "each once");
            found.push(next);
        }
        let found = found.iter().filter_map(Source::lecture);
        found.filter(|id| [&ready, &busy, &empty].contains(id)).cloned().collect()
    };
    for id in [&ready, &busy] {
        library.plan_windows(id, &[span(0, 1_000)]).await.unwrap();
        library.finish_window(id, 0, &[Phrase::trusted(span(0, 900), "quokka")], None).await.unwrap();
        index(library, &passages(id, &["quokka"]), "old", &[[0.0, 1.0]]).await;
    }
    for id in [&ready, &empty] {
        library.change_lecture(id, &|l| l.state = LectureState::Ready).await.unwrap();
    }
    assert_eq!(behind(Some("old")).await, [], "an index of the model in use is up to date");
    assert_eq!(behind(None).await, [], "without a model vectors do not matter");
    assert_eq!(
        behind(Some("new")).await,
        std::slice::from_ref(&ready),
        "what is still being made is not behind, nor what is empty"
    );
    library.index(&Source::from(&ready), &passages(&ready, &["quokka"]), "", &[]).await.unwrap();
    assert_eq!(behind(Some("old")).await, std::slice::from_ref(&ready), "passages without vectors are behind");
    index(library, &passages(&ready, &["quokka"]), "old", &[[0.0, 1.0]]).await;

    library.correct_phrase(&ready, Millis(0), "quokka", "wombat").await.unwrap();
    assert_eq!(behind(None).await, std::slice::from_ref(&ready), "corrected words are to be indexed");
    library.note_indexed(&ready, 1).await.unwrap();
    assert_eq!(behind(Some("old")).await, []);
    library.correct_phrase(&ready, Millis(0), "wombat", "numbat").await.unwrap();
    library.note_indexed(&ready, 1).await.unwrap();
    assert_eq!(behind(None).await, std::slice::from_ref(&ready), "an index of an earlier revision is behind");
    library.note_indexed(&ready, 2).await.unwrap();
}
