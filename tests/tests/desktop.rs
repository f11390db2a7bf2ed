//! The desktop app as its person meets it: a window opens, the sample is there, a hand is raised, an answer is heard.

use std::time::Duration;

use synapscribe_stories::{Desk, Sound, hear, share_heard, speak};

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_is_raised_and_the_answer_heard() {
    let (desk, sound) = (Desk::new().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    window.see("How Neural Networks Learn").await;
    desk.picture("desktop-library").unwrap();
    window.find("a.row-title").await.click().await.unwrap();
    window.see("Good morning").await;
    desk.picture("desktop-lecture").unwrap();

    let question = desk.home().join("question.wav");
    speak("What happens if the learning rate is too large?", "rms", &question).unwrap();
    let heard = sound.listen().unwrap();
    hold_space(&window, true).await;
    window.find("[data-testid=listening]").await;
    sound.say(&question).unwrap();
    desk.picture("desktop-listening").unwrap();
    hold_space(&window, false).await;
    window.until("an answer", "return /learning rate/i.test(document.querySelector('.answer')?.textContent ?? '')").await;
    window.find(".answer").await;
    desk.picture("desktop-answer").unwrap();
    let answer = window.ask("return document.querySelector('.answer').textContent").await;
    // It is heard to its end.
    tokio::time::sleep(Duration::from_secs(9)).await;
    let recording = desk.home().join("heard.wav");
    heard.end(&recording).unwrap();
    let words = hear(&recording).unwrap();
    let share = share_heard(answer.as_str().unwrap(), &words);
    println!("{:.0} % of the answer was heard: {words:?}", share * 100.0);
    assert!(share >= 0.4, "of {answer} only {words:?} was heard");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_recording_becomes_a_lecture_that_is_there_again_after_a_restart() {
    let (desk, sound) = (Desk::new().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    window.find("a.row-title").await;
    let recording = desk.home().join("Über Gezeiten.wav");
    speak("Tides are caused by the pull of the moon on the water of the ocean. The sun pulls as well.", "slt", &recording)
        .unwrap();
    desk.drop_files(&[&recording]).unwrap();
    window.see("Über Gezeiten").await;
    desk.picture("desktop-dropped").unwrap();
    let listed = "return [...document.querySelectorAll('a.row-title')].some((row) => row.textContent.includes('Über Gezeiten'))";
    window.until("the lecture's becoming ready", listed).await;
    window.close().await;

    let window = desk.open(&sound).await.unwrap();
    window.until("finding the lecture again", listed).await;
    desk.picture("desktop-again").unwrap();
    window.close().await;
}

/// A key that is held, as the page hears it.
async fn hold_space(window: &synapscribe_stories::Window, down: bool) {
    let kind = if down { "keydown" } else { "keyup" };
    window
        .ask(&format!(
            "document.activeElement.dispatchEvent(new KeyboardEvent('{kind}', {{ code: 'Space', key: ' ', bubbles: true, cancelable: true }}))"
        ))
        .await;
}
