//! What the operating system opens the app with: addresses and files, at the first start and while it runs.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use synapscribe_stories::{Desk, Sound, Window, program, speak};

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_a_file_opens_in_the_one_window_there_is() {
    let (desk, sound) = (Desk::with_sample().unwrap().with_bus().unwrap(), Sound::start().unwrap());
    let window = desk.open_with(&sound, &["synapscribe://lecture/sample-gradient-descent?at=30"]).await.unwrap();
    window.see("Good morning").await;
    stands_at(&window, "0:30").await;

    // An address from elsewhere leads the window nowhere; it is the page still, which is told of the next one.
    window.ask("location.href = 'http://127.0.0.1:9/'").await;
    desk.start_again(&sound, &["synapscribe://settings"]).unwrap();
    window.see("Text size").await;
    desk.start_again(&sound, &["synapscribe://lecture/sample-gradient-descent?at=45"]).unwrap();
    stands_at(&window, "0:45").await;
    // Once more is news as well.
    window.ask("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', code: 'ArrowLeft', bubbles: true }))").await;
    stands_at(&window, "0:40").await;
    desk.start_again(&sound, &["synapscribe://lecture/sample-gradient-descent?at=45"]).unwrap();
    stands_at(&window, "0:45").await;

    // A name without a folder is one of where the second start was made.
    speak("The moon pulls on the water.", "slt", &desk.home().join("First tides.wav")).unwrap();
    desk.start_again(&sound, &["First tides.wav"]).unwrap();
    desk.start_again(&sound, &["synapscribe://library"]).unwrap();
    window.see("First tides").await;

    let file = desk.home().join("Später.wav");
    speak("The sun pulls on the water as well.", "slt", &file).unwrap();
    let url = format!("file://{}", file.display().to_string().replace('ä', "%C3%A4"));
    // A start while the app is still ending is a start of its own, and loses nothing.
    let ending = window.leave().await;
    let window = desk.open_with(&sound, &[&url]).await.unwrap();
    window.see("Später").await;
    window.see("First tides").await;
    drop(ending);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_image_tells_the_system_itself_which_addresses_it_opens() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    // What an AppImage does first is to say where it lies.
    let image = desk.home().join("SynapScribe.AppImage");
    let app = program("synapscribe-desktop").unwrap();
    std::fs::write(&image, format!("#!/bin/sh\nexport APPIMAGE=\"$0\"\nexec '{}' \"$@\"\n", app.display())).unwrap();
    std::fs::set_permissions(&image, std::fs::Permissions::from_mode(0o755)).unwrap();
    let window = desk.open_program(&sound, &image, &[]).await.unwrap();
    let entry = desk.home().join("data/applications/synapscribe-desktop-handler.desktop");
    let told = [format!("Exec=\"{}\" %u", image.display()), "MimeType=x-scheme-handler/synapscribe".to_owned()];
    let begun = Instant::now();
    while !std::fs::read_to_string(&entry).is_ok_and(|entry| told.iter().all(|line| entry.contains(line))) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} does not say {told:?}", entry.display());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    window.close().await;
}

/// Waits until the player shows a time.
async fn stands_at(window: &Window, time: &str) {
    let shown = format!("return (document.querySelector('[data-testid=time]')?.textContent ?? '').startsWith('{time}')");
    window.until(&format!("standing at {time}"), &shown).await;
}
