//! Asked by microphone and heard by loudspeaker, through the devices of a real sound server.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::Value;
use synapscribe_stories::{Host, Sound, Terminal, answer_in, hear, run, share_heard, speak};

#[test]
fn a_question_is_asked_by_microphone_and_its_answer_heard_by_loudspeaker() {
    let host = Host::with_sample();
    let sound = Sound::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let question = folder.path().join("question.wav");
    speak("What happens if the learning rate is too large?", "rms", &question).unwrap();

    let heard = sound.listen().unwrap();
    let mut ask = host.terminal().unwrap();
    ask.args(["ask", "--lecture", "sample", "--mic", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    sound.give_to(&mut ask);
    let mut ask = ask.spawn().unwrap();
    let mut lines = BufReader::new(ask.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut events: Vec<Value> = Vec::new();
    let mut until = |kind: &str, events: &mut Vec<Value>| {
        for line in lines.by_ref() {
            events.push(serde_json::from_str(&line).unwrap());
            if events.last().is_some_and(|event| event["type"] == kind) {
                return;
            }
        }
        panic!("the program ended without {kind}: {events:?}");
    };
    until("listening", &mut events);
    sound.say(&question).unwrap();
    ask.stdin.take().unwrap().write_all(b"\n").unwrap();
    until("answer_done", &mut events);
    // The program ends when everything was played.
    assert!(ask.wait().unwrap().success());
    let recording = folder.path().join("heard.wav");
    heard.end(&recording).unwrap();

    let of = |kind: &'static str| events.iter().filter(move |event| event["type"] == kind);
    let understood = of("query_text").next().unwrap()["text"].as_str().unwrap().to_lowercase();
    assert!(understood.contains("learning rate"), "understood as {understood:?}");
    let answer = answer_in(of("answer_text"));
    let words = hear(&recording).unwrap();
    let share = share_heard(&answer, &words);
    println!("{:.0} % of the answer's longer words were heard from the loudspeaker", share * 100.0);
    assert!(share >= 0.4, "of {answer:?} only {words:?} was heard");
}

#[test]
fn the_full_screen_listens_answers_is_interrupted_and_plays_the_lecturer() {
    let host = Host::with_sample();
    let sound = Sound::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let question = folder.path().join("question.wav");
    speak("What did she mean by the chain rule?", "rms", &question).unwrap();
    let mut talk = host.terminal().unwrap();
    talk.arg("talk");
    sound.give_to(&mut talk);
    let terminal = Terminal::open(&talk).unwrap();

    terminal.see("How Neural Networks Learn");
    terminal.press(&["Enter"]).unwrap();
    terminal.see("Ask anything about this lecture.");
    terminal.see("space to talk");
    terminal.press(&["Space"]).unwrap();
    terminal.see("listening");
    sound.say(&question).unwrap();
    terminal.press(&["Space"]).unwrap();
    let screen = terminal.see("[1]").to_lowercase();
    assert!(screen.contains("chain rule"), "{screen}");
    // Space interrupts, however far the answer is; the citation then plays the lecturer's own seconds.
    terminal.press(&["Space"]).unwrap();
    terminal.see("space to talk");
    let heard = sound.listen().unwrap();
    terminal.press(&["1"]).unwrap();
    terminal.see("The lecturer,");
    terminal.see("speaking");
    terminal.see("space to talk");
    let recording = folder.path().join("heard.wav");
    heard.end(&recording).unwrap();
    let words = hear(&recording).unwrap();
    // A recogniser without a lecture to expect mishears some of it: any word will do that is said of the chain rule alone.
    let said = ["chain", "channel", "rule", "composition", "product", "slopes", "gears", "multiply", "rates", "backpropagation"];
    assert!(words.iter().any(|word| said.contains(&word.as_str())), "the clip said {words:?}");

    // Typing works as well, and Esc leads out.
    terminal.write("What is overfitting?").unwrap();
    terminal.press(&["Enter"]).unwrap();
    terminal.see("you  What is overfitting?");
    terminal.press(&["C-c"]).unwrap();
    terminal.ended();
}

#[test]
fn without_devices_there_is_a_polite_word_and_text_works() {
    let host = Host::with_sample();
    let nowhere = tempfile::tempdir().unwrap();
    let mut talk = host.terminal().unwrap();
    talk.args(["talk", "--lecture", "sample"]).env("XDG_RUNTIME_DIR", nowhere.path());
    let terminal = Terminal::open(&talk).unwrap();
    terminal.see("type your question and read the answer");
    terminal.write("What is the loss?").unwrap();
    terminal.press(&["Enter"]).unwrap();
    terminal.see("[1]");
    terminal.press(&["C-c"]).unwrap();
    terminal.ended();

    let said = run(host.terminal().unwrap().args(["ask", "--lecture", "sample", "--mic"]).env("XDG_RUNTIME_DIR", nowhere.path()));
    let said = said.unwrap();
    assert!(!said.status.success() && said.err.contains("microphone"), "{}", said.err);
}
