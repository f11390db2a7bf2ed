//! A book dropped in the terminal answers with its pages, alone and together with a lecture, and leaves nothing when it is deleted.

use synapscribe_stories::{Host, Tides, run};

const BOOK: &str = "# Waves\n\n## What makes them\n\nThe wind makes waves when it blows over the water. A fetch is the stretch of water \
    over which the wind blows.\n\n## Rogue waves\n\nA rogue wave is more than twice as high as the waves around it.\n";

#[test]
fn a_book_is_asked_alone_and_beside_a_lecture_and_goes_without_a_trace() {
    let host = Host::quiet_with(|_| ()).unwrap();
    let tides = Tides::drop_on(&host).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Waves at sea.md");
    std::fs::write(&file, BOOK).unwrap();
    let uploaded = run(host.terminal().unwrap().arg("upload").arg(&file).args(["--wait", "--json"])).unwrap().well();
    let last = uploaded.events().pop().unwrap();
    assert_eq!((&last["state"], &last["pages"]), (&"ready".into(), &1.into()), "{}", uploaded.out);
    let book = last["lectureId"].as_str().unwrap().to_owned();
    let listed = run(host.terminal().unwrap().arg("library")).unwrap().well();
    assert!(listed.out.contains(&book) && listed.out.contains(&tides.lecture), "{}", listed.out);

    let ask = |args: &[&str]| run(host.terminal().unwrap().args(["ask", "--silent"]).args(args)).unwrap().well();
    let alone = ask(&["--document", "Waves", "What is a rogue wave?"]);
    assert!(alone.out.contains("twice as high") && alone.out.contains("[1] page 1"), "{}", alone.out);
    let both = ["--lecture", &tides.lecture, "--document", &book];
    let printed = ask(&[&both[..], &["What is a fetch?"]].concat());
    assert!(printed.out.contains("stretch of water") && printed.out.contains("page 1"), "{}", printed.out);
    let said = ask(&[&both[..], &["What is a spring tide?"]].concat());
    assert!(said.out.contains("the sun and the moon") && said.out.contains("[1] 0:"), "{}", said.out);
    let foreign = ask(&["--document", &book, "What causes the tides?"]);
    assert!(foreign.out.contains("This document does not answer that."), "{}", foreign.out);

    let deleted = run(host.terminal().unwrap().args(["library", "delete", &book])).unwrap().well();
    assert!(deleted.out.contains("Waves"), "{}", deleted.out);
    let gone = run(host.terminal().unwrap().args(["ask", "--document", &book, "What is a fetch?"])).unwrap();
    assert!(!gone.status.success() && gone.err.contains("there is no document"), "{}", gone.err);
    let left = run(host.terminal().unwrap().arg("library")).unwrap().well();
    assert!(!left.out.contains(&book) && left.out.contains(&tides.lecture), "{}", left.out);
}
