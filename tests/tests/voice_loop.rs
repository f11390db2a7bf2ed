//! A lecture is dropped, asked out loud, answered with citations and heard: through the built program, over the network.

use std::time::Duration;

use serde_json::Value;
use synapscribe_stories::{Host, Said, answer_in, hear, run, share_heard, speak};

const LECTURE: &str = "Welcome to this lecture about tides. The tide is the slow rise and fall of the sea. \
    Tides are caused by the pull of the moon on the water of the ocean. \
    The sun also pulls on the water, but its effect is less than half as strong. \
    A spring tide happens when the sun and the moon pull in the same direction. \
    Then the high water is very high and the low water is very low. \
    In most places there are two high tides every day.";

/// The JSON lines a program printed.
fn lines(said: &Said) -> Vec<Value> {
    said.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn of_type<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|l| l["type"] == kind).collect()
}

/// What a lecture says, phrase by phrase.
fn phrases_of(host: &Host, lecture: &str) -> Vec<Value> {
    let said = run(host.terminal().unwrap().args(["library", "transcript", lecture, "--json"])).unwrap().well();
    lines(&said)[0]["phrases"].as_array().unwrap().clone()
}

/// The seconds of a citation are those of its words: not before them, and not when half of them are said.
#[track_caller]
fn plays_its_words(citation: &Value, phrases: &[Value]) {
    let excerpt = citation["excerpt"].as_str().unwrap();
    // Two sentences may begin with the same words: as many are compared as the phrase has of them.
    let words: Vec<&str> = excerpt.split_whitespace().collect();
    let text = |phrase: &Value| phrase["text"].as_str().unwrap().to_owned();
    let holding = |count: usize| {
        let opening = words[..count].join(" ");
        move |phrase: &&Value| excerpt.starts_with(&text(phrase)) || text(phrase).contains(&opening)
    };
    let opening = (1..=words.len()).rev().find(|count| phrases.iter().any(|phrase| holding(*count)(&phrase))).unwrap_or(1);
    let (holds, opening) = (holding(opening), words[..opening].join(" "));
    let phrase = phrases.iter().find(holds).unwrap_or_else(|| panic!("nobody said {excerpt:?}: {phrases:?}"));
    let seconds = |of: &Value| (of["from"].as_f64().unwrap(), of["to"].as_f64().unwrap());
    let ((from, to), (begin, end)) = (seconds(citation), seconds(phrase));
    assert!(from < end && begin < to, "{citation} does not play {phrase}");
    assert!(from >= begin - 0.5, "{citation} begins before {phrase}");
    let opens = excerpt.starts_with(&text(phrase)) || text(phrase).starts_with(&opening);
    assert!(!opens || from <= begin + 0.1, "{citation} begins in the middle of {phrase}");
}

#[test]
fn a_recording_becomes_spoken_cited_answers() {
    let host = Host::quiet();
    let folder = tempfile::tempdir().unwrap();

    // The lecturer drops a recording without captions.
    let recording = folder.path().join("About_tides.wav");
    speak(LECTURE, "slt", &recording).unwrap();
    let said = run(host.terminal().unwrap().arg("upload").arg(&recording).args(["--wait", "--json"])).unwrap().well();
    let events = lines(&said);
    let last = events.last().unwrap();
    assert_eq!(last["state"], "ready", "{last}");
    let lecture = last["lectureId"].as_str().unwrap();

    // What became of it is reported.
    let shown = run(host.terminal().unwrap().args(["library", "show", lecture, "--json"])).unwrap().well();
    assert!(shown.out.contains("recognised") && shown.out.contains("About tides"), "{}", shown.out);

    // The student asks out loud, in another voice.
    let question = folder.path().join("question.wav");
    speak("What happens when the sun and the moon pull in the same direction?", "rms", &question).unwrap();
    let saved = folder.path().join("answer.wav");
    let mut ask = host.terminal().unwrap();
    ask.args(["ask", "--lecture", lecture, "--audio"]).arg(&question).arg("--save").arg(&saved).arg("--json");
    let said = run(&mut ask).unwrap().well();
    let events = lines(&said);
    let understood = of_type(&events, "query_text")[0]["text"].as_str().unwrap().to_lowercase();
    assert!(understood.contains("moon") && understood.contains("direction"), "understood as {understood:?}");
    let answer = answer_in(&events);
    // The lecture itself was recognised, so single words of it may be wrong.
    assert!(answer.to_lowercase().contains("water") || answer.to_lowercase().contains("tide"), "{answer}");
    let citation = &of_type(&events, "citation")[0]["citation"];
    assert_eq!(citation["lectureId"], lecture);
    assert!(citation["to"].as_f64() > citation["from"].as_f64());
    plays_its_words(citation, &phrases_of(&host, lecture));
    let chunks = of_type(&events, "audio_chunk");
    let indexes: Vec<u64> = chunks.iter().filter_map(|c| c["index"].as_u64()).collect();
    assert_eq!(indexes, (0..chunks.len() as u64).collect::<Vec<_>>());
    let done = of_type(&events, "answer_done")[0];
    assert_eq!(done["found"], true);
    assert_eq!(done["generated"], false, "without a language model nothing is generated");

    // The spoken answer is what was written: another recogniser hears its words.
    let share = share_heard(&answer, &hear(&saved).unwrap());
    assert!(share >= 0.4, "only {share:.2} of the answer's words were heard");

    // A follow-up needs the session to be understood.
    let session = done["sessionId"].as_str().unwrap();
    let mut again = host.terminal().unwrap();
    again.args(["ask", "--lecture", lecture, "--session", session, "--json", "and how high is the water then?"]);
    let followed = answer_in(&lines(&run(&mut again).unwrap().well()));
    assert!(followed.to_lowercase().contains("water"), "{followed}");

    // What the lecture does not hold is not made up.
    let mut other = host.terminal().unwrap();
    other.args(["ask", "--lecture", lecture, "--json", "Who wrote the opera Carmen?"]);
    let events = lines(&run(&mut other).unwrap().well());
    assert_eq!(of_type(&events, "answer_done")[0]["found"], false, "{}", answer_in(&events));

    // The session remembers, also after the host was stopped and started again.
    let data = tempfile::tempdir().unwrap();
    let sessions = run(host.terminal().unwrap().args(["sessions", "show", session, "--json"])).unwrap().well();
    assert!(sessions.out.contains("water") || sessions.out.contains("tide"), "{}", sessions.out);
    let backup = data.path().join("backup.tar");
    run(host.terminal().unwrap().arg("--data").arg(host.data()).arg("backup").arg(&backup)).unwrap().well();
    let home = host.data().to_owned();
    let restored = data.path().join("restored");
    run(host.terminal().unwrap().arg("--data").arg(&restored).arg("restore").arg(&backup)).unwrap().well();
    let second = Host::quiet_on(&restored, |_| {}).unwrap();
    let mut listing = second.terminal().unwrap();
    listing.env("HOME", &home).args(["library", "list", "--json"]);
    let said = run(&mut listing).unwrap().well();
    assert!(said.out.contains(lecture), "the restored host lost the lecture: {}", said.out);
    assert!(second.stop(Duration::from_secs(10)), "the host did not stop when asked");
}

#[test]
fn a_citation_plays_the_caption_that_holds_its_words() {
    let host = Host::with_sample();
    let phrases = phrases_of(&host, "sample");
    for question in
        ["What did she mean by the chain rule?", "What is dropout?", "What happens if the learning rate is too large?"]
    {
        let said = run(host.terminal().unwrap().args(["ask", "--lecture", "sample", "--json", question])).unwrap().well();
        let events = lines(&said);
        let cited = of_type(&events, "citation");
        assert!(!cited.is_empty(), "{question}: {}", said.out);
        for event in cited {
            plays_its_words(&event["citation"], &phrases);
        }
    }
}

#[test]
fn captions_beside_a_recording_are_used_and_wrong_ones_are_told() {
    let host = Host::quiet();
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("short.wav");
    speak("The zyglob is a purple machine. It turns tea into music.", "slt", &recording).unwrap();
    let captions = "WEBVTT\n\n00:00.000 --> 00:01.800\nThe zyglob is a purple machine.\n\n00:01.800 --> 00:03.400\nIt turns tea into music.\n";
    std::fs::write(folder.path().join("short.vtt"), captions).unwrap();
    let said = run(host.terminal().unwrap().arg("upload").arg(&recording).args(["--wait", "--json"])).unwrap().well();
    let lecture = lines(&said).last().unwrap()["lectureId"].as_str().unwrap().to_owned();
    let transcript = run(host.terminal().unwrap().args(["library", "transcript", &lecture])).unwrap().well();
    assert!(transcript.out.contains("zyglob"), "{}", transcript.out);

    let other = folder.path().join("other.wav");
    std::fs::copy(&recording, &other).unwrap();
    std::fs::write(folder.path().join("other.vtt"), "WEBVTT\n\n59:00.000 --> 59:10.000\nFrom another lecture.\n").unwrap();
    let said = run(host.terminal().unwrap().arg("upload").arg(&other).args(["--wait", "--json"])).unwrap().well();
    let lecture = lines(&said).last().unwrap()["lectureId"].as_str().unwrap().to_owned();
    let shown = run(host.terminal().unwrap().args(["library", "show", &lecture])).unwrap().well();
    assert!(shown.out.contains("another recording"), "the report does not say why: {}", shown.out);

    // The very same file is the same lecture, which gets a title of its own, and by that the captions that are right.
    let terminal = |arguments: &[&str]| run(host.terminal().unwrap().args(arguments)).unwrap();
    let again = terminal(&["upload", other.to_str().unwrap(), "--wait", "--json"]).well();
    assert_eq!(again.of_type("already_there")[0]["lectureId"], lecture.as_str(), "{}", again.out);
    assert_eq!(lines(&again).last().unwrap()["state"], "ready");
    terminal(&["library", "rename", &lecture, "Strange machines"]).well();
    let (right, wrong) = (folder.path().join("right.vtt"), folder.path().join("wrong.vtt"));
    std::fs::write(&right, captions).unwrap();
    std::fs::write(&wrong, "WEBVTT\n\n59:00.000 --> 59:10.000\nFrom another lecture.\n").unwrap();
    terminal(&["upload", right.to_str().unwrap(), "--lecture", "strange machines", "--wait"]).well();
    let transcript = terminal(&["library", "transcript", "strange machines"]).well();
    assert!(transcript.out.contains("zyglob"), "{}", transcript.out);
    let refused = terminal(&["upload", wrong.to_str().unwrap(), "--lecture", &lecture, "--wait"]);
    assert!(refused.status.code() == Some(5) && refused.err.contains("another recording"), "{}{}", refused.out, refused.err);
    let transcript = terminal(&["library", "transcript", &lecture]).well();
    assert!(transcript.out.contains("zyglob"), "words that were right are lost: {}", transcript.out);
    let misused = terminal(&["upload", other.to_str().unwrap(), "--lecture", &lecture]);
    assert_eq!(misused.status.code(), Some(2), "{}{}", misused.out, misused.err);
}
