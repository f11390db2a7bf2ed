//! The loudspeaker that a person chose: the lecture is heard there, and an answer goes on when it is gone.

use std::time::SystemTime;

use synapscribe_stories::{Desk, Sound, Window};

#[tokio::test(flavor = "multi_thread")]
async fn a_lecture_is_heard_on_the_chosen_loudspeaker() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    sound.plug_in("headphones").unwrap();
    let (systems, chosen) = (sound.ear().unwrap(), sound.ear_at("headphones").unwrap());
    let window = desk.open(&sound).await.unwrap();
    play_sample(&window).await;
    systems.sound(SystemTime::now()).await;
    assert_eq!(chosen.latest(), None, "nobody chose that one yet");

    choose(&window, "headphones").await;
    play_sample(&window).await;
    chosen.sound(SystemTime::now()).await;
    let then = SystemTime::now();
    chosen.sound(then).await;
    assert_eq!(systems.first_after(then), None, "it is heard on both");

    // Where a person moved it by hand it stays, unless the chosen loudspeaker is plugged in.
    sound.move_to("speaker").unwrap();
    systems.sound(SystemTime::now()).await;
    sound.plug_in("projector").unwrap();
    let then = SystemTime::now();
    for _ in 0..100 {
        systems.sound(SystemTime::now()).await;
    }
    assert_eq!(chosen.first_after(then), None, "another one was plugged in");

    choose(&window, "").await;
    play_sample(&window).await;
    systems.sound(SystemTime::now()).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loudspeaker_that_is_plugged_in_while_the_settings_are_open_can_be_chosen() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    window.ask("location.hash = '#/settings'").await;
    window.until("the system's own loudspeaker", &offered("speaker")).await;
    let lines = sound.lines().unwrap();
    for another in ["projector", "television", "amplifier"] {
        sound.plug_in(another).unwrap();
        window.until("one more that was plugged in", &offered(another)).await;
    }
    assert!(sound.lines().unwrap() <= lines + 1, "each look leaves a line to the sound server behind");
    let headset = sound.plug_in("headset").unwrap();
    window.until("the one that was plugged in", &offered("headset")).await;
    let chosen = sound.ear_at("headset").unwrap();
    choose(&window, "headset").await;
    play_sample(&window).await;
    chosen.sound(SystemTime::now()).await;

    window.ask("location.hash = '#/settings'").await;
    window.until("the chosen one", &offered("headset")).await;
    drop(chosen);
    sound.pull_out(headset).unwrap();
    window.until("its being gone", &format!("return !(() => {{ {} }})()", offered("headset"))).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_on_when_its_loudspeaker_is_pulled_out_and_when_the_sound_server_starts_again() {
    let (desk, mut sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    let headphones = sound.plug_in("headphones").unwrap();
    let (systems, chosen) = (sound.ear().unwrap(), sound.ear_at("headphones").unwrap());
    let window = desk.open(&sound).await.unwrap();
    choose(&window, "headphones").await;
    open_sample(&window).await;
    ask(&window, "How does the example with the three gears work?").await;
    chosen.sound(SystemTime::now()).await;
    let then = SystemTime::now();
    sound.pull_out(headphones).unwrap();
    systems.sound(then).await;
    // It comes back by itself to the one that was chosen.
    sound.plug_in("headphones").unwrap();
    sound.ear_at("headphones").unwrap().sound(SystemTime::now()).await;

    ask(&window, "What is the chain rule?").await;
    sound.ear_at("headphones").unwrap().sound(SystemTime::now()).await;
    sound.start_again().unwrap();
    let systems = sound.ear().unwrap();
    systems.sound(SystemTime::now()).await;
    window.until("the answer's end", "return document.querySelectorAll('.turn-facts').length === 2").await;
    assert_eq!(window.ask("return document.querySelector('[role=alert]')").await, serde_json::Value::Null);
    window.close().await;
}

async fn ask(window: &Window, question: &str) {
    window.find(".type input").await.send_keys(&format!("{question}\u{e007}")).await.unwrap();
}

async fn open_sample(window: &Window) {
    window.ask("location.hash = '#/lecture/sample-gradient-descent'").await;
    window.see("Good morning").await;
}

/// Opens the sample lecture and plays it.
async fn play_sample(window: &Window) {
    open_sample(window).await;
    window.find(".play-button").await.click().await.unwrap();
}

/// Whether the settings offer a loudspeaker, by a part of its name.
fn offered(name: &str) -> String {
    format!(
        "return [...(document.querySelectorAll('.pick select')[1]?.options ?? [])].some(({{ value }}) => value.includes('{name}'))"
    )
}

/// Chooses a loudspeaker in the settings, by a part of its name; an empty one is the system's choice.
async fn choose(window: &Window, name: &str) {
    window.ask("location.hash = '#/settings'").await;
    let chosen = format!(
        "const pick = document.querySelectorAll('.pick select')[1];
         const wanted = [...(pick?.options ?? [])].find(({{ value }}) => '{name}' === '' ? value === '' : value.includes('{name}'));
         if (!wanted) return false;
         pick.value = wanted.value;
         pick.dispatchEvent(new Event('change', {{ bubbles: true }}));
         return true"
    );
    window.until("choosing a loudspeaker", &chosen).await;
}
