//! A hand is raised, an answer is heard, interrupted, and its citation played.

use std::time::{Duration, Instant, SystemTime};

use synapscribe_stories::{Desk, Sound, Window, hear, share_heard, speak};

/// Nothing for so long is the end of what was said; pauses within are shorter.
const QUIET: Duration = Duration::from_millis(2500);
/// Nothing that is waited for takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_is_raised_the_answer_heard_and_the_lecturers_own_seconds_played() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    open_sample(&desk, &window).await;

    let question = desk.home().join("question.wav");
    speak("What happens if the learning rate is too large?", "rms", &question).unwrap();
    let (ear, heard) = (sound.ear().unwrap(), sound.listen().unwrap());
    hold_space(&window, true).await;
    window.find("[data-testid=listening]").await;
    sound.say(&question).unwrap();
    desk.picture("desktop-listening").unwrap();
    hold_space(&window, false).await;
    let asked = SystemTime::now();
    window.until("an answer", "return /learning rate/i.test(document.querySelector('.answer')?.textContent ?? '')").await;
    desk.picture("desktop-answer").unwrap();
    ear.sound(asked).await;
    ear.silence(QUIET).await;
    window.until("the answer's end", "return document.querySelector('.turn-facts') !== null").await;
    let answer = window.ask("return document.querySelector('.answer').textContent").await;
    let words = recognised(&desk, heard);
    let share = share_heard(answer.as_str().unwrap(), &words);
    println!("{:.0} % of the answer was heard: {words:?}", share * 100.0);
    assert!(share >= 0.4, "of {answer} only {words:?} was heard");

    // The citation is the lecturer's own voice, and what the lecture says at that place.
    let excerpt = window.ask("return document.querySelector('.citation-words').textContent").await;
    let (heard, clicked) = (sound.listen().unwrap(), SystemTime::now());
    window.find("[data-testid=citation]").await.click().await.unwrap();
    window.find(".clip-note").await;
    ear.sound(clicked).await;
    window.until("the clip's end", "return document.querySelector('.clip-note') === null").await;
    ear.silence(Duration::from_millis(500)).await;
    let words = recognised(&desk, heard);
    let share = share_heard(excerpt.as_str().unwrap(), &words);
    println!("{:.0} % of the cited seconds were heard: {words:?}", share * 100.0);
    assert!(share >= 0.4, "of {excerpt} only {words:?} was heard");

    // The page plays from the app's own server alone, and sees nothing of where recordings lie.
    window.ask(ADDRESS).await;
    window.until("the recording's address", "return typeof window.played === 'string'").await;
    let address = window.ask("return window.played").await;
    let address = address.as_str().unwrap();
    assert!(address.starts_with("http://127.0.0.1:") && !address.contains(['?', '%']), "{address}");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_interrupted_falls_silent_and_stays_so() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    open_sample(&desk, &window).await;
    let (ear, asked) = (sound.ear().unwrap(), SystemTime::now());
    window.find(".type input").await.send_keys("How does the example with the three gears work?\u{e007}").await.unwrap();
    ear.sound(asked).await;

    let pressed = SystemTime::now();
    hold_space(&window, true).await;
    window.find("[data-testid=listening]").await;
    // The answer's own words would last for many seconds more.
    let last = ear.silence(QUIET).await;
    // The bar is 50 ms and measured by the bench; here both processors are busy with other stories.
    let went_on = last.duration_since(pressed).unwrap_or_default();
    assert!(went_on < Duration::from_secs(5), "it was still heard {went_on:?} after the press");
    desk.picture("desktop-interrupted").unwrap();
    lose_the_microphone(&desk, &sound, &window).await;
    window.close().await;
}

/// The microphone is pulled out in the middle of a question and missed at the next; one types meanwhile, and it is used again by itself.
async fn lose_the_microphone(desk: &Desk, sound: &Sound, window: &Window) {
    sound.pull_out_microphone().unwrap();
    window.see("The microphone was unplugged").await;
    desk.picture("desktop-unplugged").unwrap();
    hold_space(window, false).await;
    let lines = sound.lines().unwrap();
    window.ask(COUNT).await;
    window.until("counting", "return window.told === 0").await;
    window.find(".type input").await.send_keys("What is the chain rule?\u{e007}").await.unwrap();
    window.until("an answer to what was typed", &answered(2)).await;
    window.until("some looks for a microphone", "return performance.now() - window.counted > 4000").await;
    assert_eq!(window.ask("return window.told").await, 0, "each look for a microphone is told of");
    hold_space(window, true).await;
    window.see("No microphone was found").await;
    hold_space(window, false).await;
    // One line is kept, and those of a look at this moment end with it.
    let begun = Instant::now();
    while sound.lines().unwrap() > lines + 1 {
        assert!(begun.elapsed() < PATIENCE, "each look for a microphone leaves a line to the sound server behind");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    sound.plug_in_microphone().unwrap();
    window.until("its being there again", "return document.querySelector('[data-testid=notice]') === null").await;
    let question = desk.home().join("question.wav");
    speak("What happens if the learning rate is too large?", "rms", &question).unwrap();
    hold_space(window, true).await;
    window.find("[data-testid=listening]").await;
    sound.say(&question).unwrap();
    hold_space(window, false).await;
    window.until("an answer to what was said", &answered(3)).await;
    let answer = window.ask("return [...document.querySelectorAll('.answer')].at(-1).textContent").await;
    assert!(answer.as_str().unwrap().to_lowercase().contains("learning rate"), "{answer}");
}

/// Counts what the shell tells of the microphone.
const COUNT: &str = "const { invoke, transformCallback } = window.__TAURI_INTERNALS__;
    const handler = transformCallback(() => { window.told += 1 });
    invoke('plugin:event|listen', { event: 'recorder', target: { kind: 'Any' }, handler })
        .then(() => { [window.told, window.counted] = [0, performance.now()] })";

/// Whether so many questions are answered, or were until they were interrupted.
fn answered(count: usize) -> String {
    format!("return document.querySelectorAll('.turn-facts').length === {count}")
}

const ADDRESS: &str =
    "window.__TAURI_INTERNALS__.invoke('audio', { id: 'sample-gradient-descent' }).then((url) => { window.played = url })";
/// The sample lecture, from the library.
async fn open_sample(desk: &Desk, window: &Window) {
    window.see("How Neural Networks Learn").await;
    desk.picture("desktop-library").unwrap();
    window.find("a.row-title").await.click().await.unwrap();
    window.see("Good morning").await;
    desk.picture("desktop-lecture").unwrap();
}

fn recognised(desk: &Desk, heard: synapscribe_stories::Listening) -> Vec<String> {
    let recording = desk.home().join("heard.wav");
    heard.end(&recording).unwrap();
    hear(&recording).unwrap()
}

/// A key that is held, as the page hears it.
async fn hold_space(window: &Window, down: bool) {
    let kind = if down { "keydown" } else { "keyup" };
    window
        .ask(&format!(
            "document.body.dispatchEvent(new KeyboardEvent('{kind}', {{ code: 'Space', key: ' ', bubbles: true, cancelable: true }}))"
        ))
        .await;
}
