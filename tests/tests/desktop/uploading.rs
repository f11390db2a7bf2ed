//! Recordings come in by hand: dropped, pasted, over a slow line, and from a server that was gone in between.

use std::time::SystemTime;

use synapscribe_stories::{Desk, Host, Relay, Sound, Window, long_recording, speak};

use crate::playing;

#[tokio::test(flavor = "multi_thread")]
async fn dropped_and_pasted_recordings_become_lectures_and_a_restart_finds_them_with_all_that_was_asked_and_chosen() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    window.find("a.row-title").await;
    let dropped = desk.home().join("Über Gezeiten.wav");
    speak("Tides are caused by the pull of the moon on the water of the ocean. The sun pulls as well.", "slt", &dropped).unwrap();
    let pasted = desk.home().join("Spring tides.wav");
    speak("A spring tide happens when the sun and the moon pull in the same direction.", "slt", &pasted).unwrap();
    let kettle = desk.home().join("Kettle.wav");
    playing::record(&kettle);
    desk.drop_files(&window, &[&dropped, &kettle, &kettle.with_extension("vtt")]).await.unwrap();
    window.see("Über Gezeiten").await;
    desk.picture("desktop-dropped").unwrap();

    let copied = desk.copy_files(&[&pasted]).unwrap();
    desk.look_at_window().unwrap();
    desk.hand(&["key", "ctrl+v"]).unwrap();
    window.see("Spring tides").await;
    drop(copied);
    window.until("the lectures' becoming ready", &listed(&["Über Gezeiten", "Spring tides", "Kettle"])).await;
    playing::in_ones_own_way(&desk, &sound, &window, "Kettle").await;
    window.ask("location.hash = '#/'").await;
    window.see("Über Gezeiten").await;

    // Captions that are made later, beside the recording that was dropped, are for the lecture that it became.
    let captions = dropped.with_extension("vtt");
    std::fs::write(&captions, "WEBVTT\n\n00:00.000 --> 00:05.000\nThe moon, said the lecturer, pulls on the water.\n").unwrap();
    desk.drop_files(&window, &[&captions]).await.unwrap();
    window.until("opening the lecture", OPENED).await;
    window.see("said the lecturer").await;
    window.ask("location.hash = '#/'").await;
    window.until("one lecture of that name", ONE).await;

    to_settings(&window).await;
    window.ask(CHOOSE).await;
    window.until("the theme and silence", CHOSEN).await;
    window.ask("location.hash = '#/lecture/sample-gradient-descent'").await;
    window.see("Good morning").await;
    window.find(".type input").await.send_keys(&format!("{QUESTION}\u{e007}")).await.unwrap();
    window.find(".turn-facts").await;
    let said = window.ask(SAID).await;
    let (question, answer) = said.as_str().and_then(|said| said.split_once('\n')).expect("a question and its answer");
    assert_eq!(question, QUESTION);
    assert!(answer.to_lowercase().contains("learning rate"), "{answer}");
    window.close().await;

    let window = desk.open(&sound).await.unwrap();
    window.until("finding the lectures again", &listed(&["Über Gezeiten", "Spring tides"])).await;
    desk.picture("desktop-again").unwrap();
    window.ask("location.hash = '#/conversations'").await;
    window.find(".talk-open").await.click().await.unwrap();
    window.find(".turn-facts").await;
    assert_eq!(window.ask(SAID).await, said, "the question and its answer are as they were");
    to_settings(&window).await;
    window.until("the theme and silence again", CHOSEN).await;
    window.close().await;
}

const QUESTION: &str = "What happens if the learning rate is too large?";
/// A question and its answer, as they stand there.
const SAID: &str = "return [...document.querySelectorAll('.question, .answer')].map((one) => one.textContent).join('\\n')";
const CHOOSE: &str = "document.querySelector('input[type=radio][value=dark]').click();
    [...document.querySelectorAll('.switch')].find((one) => /Speak answers/.test(one.textContent)).querySelector('input').click()";
const CHOSEN: &str =
    "const speaks = [...document.querySelectorAll('.switch')].find((one) => /Speak answers/.test(one.textContent));
    return document.documentElement.dataset.theme === 'dark' && speaks?.querySelector('input').checked === false";

const OPENED: &str = "const row = [...document.querySelectorAll('a.row-title')].find((row) => /Gezeiten/.test(row.textContent));
    row?.click();
    return row !== undefined";
const ONE: &str = "const all = [...document.querySelectorAll('.row-title, .upload-name')];
    return all.filter((one) => /Gezeiten/.test(one.textContent)).length === 1";

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_paused_over_a_restart_and_goes_on_and_a_server_that_was_gone_is_found_again() {
    let (desk, sound) = (Desk::new().unwrap(), Sound::start().unwrap());
    // A server on one's own network has no certificate.
    let line = Relay::open_on_the_network().await.unwrap();
    let serve = || Host::start_behind(&desk.home().join("server"), line.address()).unwrap();
    let host = serve();
    line.lead_to(host.address());

    let window = desk.open(&sound).await.unwrap();
    use_server(&window, line.address()).await;

    let recording = desk.home().join("A long talk.wav");
    long_recording(&recording).unwrap();
    line.pace(400_000);
    desk.drop_files(&window, &[&recording, &recording.with_extension("vtt")]).await.unwrap();
    window.find(".upload button[aria-label^='Pause']").await.click().await.unwrap();
    window.find(".upload button[aria-label^='Go on']").await;
    window.see("Paused at").await;
    desk.picture("desktop-paused").unwrap();
    window.close().await;

    let window = desk.open(&sound).await.unwrap();
    let go_on = window.find(".upload button[aria-label^='Go on']").await;
    let shown = window.see("Paused at").await;
    assert!(shown.contains("A long talk"), "{shown}");
    line.pace(0);
    go_on.click().await.unwrap();
    window
        .until("its arrival", "return document.querySelector('.upload') === null && /A long talk/.test(document.body.innerText)")
        .await;

    host.kill();
    window.find("[data-testid=offline]").await;
    desk.picture("desktop-offline").unwrap();
    // What is known is still shown.
    window.see("A long talk").await;
    let host = serve();
    line.lead_to(host.address());
    window.until("finding the server again", "return document.querySelector('[data-testid=offline]') === null").await;
    window.until("the lecture's becoming ready", &listed(&["A long talk"])).await;
    let ear = sound.ear().unwrap();
    window.find("a.row-title").await.click().await.unwrap();
    window.find(".play-button").await.click().await.unwrap();
    ear.sound(SystemTime::now()).await;
    window.close().await;
}

async fn to_settings(window: &Window) {
    window.ask("location.hash = '#/settings'").await;
    window.see("Text size").await;
}

/// Chooses a server in the settings, as its person would, and goes back to the library.
async fn use_server(window: &Window, address: &str) {
    to_settings(window).await;
    window.find(".settings-server input").await.send_keys(&format!("{address}\u{e007}")).await.unwrap();
    let used = format!(
        "return document.querySelector('.settings-server input').value === '{address}' && document.querySelector('.settings-server button').disabled"
    );
    window.until("the use of the server", &used).await;
    window.ask("location.hash = '#/'").await;
}

/// Whether the library has lectures of these names that can be opened.
fn listed(names: &[&str]) -> String {
    let names = serde_json::to_string(names).unwrap();
    format!(
        "const rows = [...document.querySelectorAll('a.row-title')].map((row) => row.textContent);
        return {names}.every((name) => rows.some((row) => row.includes(name)))"
    )
}
