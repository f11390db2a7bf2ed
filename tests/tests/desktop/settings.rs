//! What a person chooses is there again after a restart.

use std::process::Command;

use synapscribe_stories::{Desk, Sound, Window, run};

#[tokio::test(flavor = "multi_thread")]
async fn theme_text_size_devices_and_retention_are_chosen_and_kept() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    to_settings(&window).await;
    window.ask("document.querySelector('input[type=radio][value=dark]').click()").await;
    window.ask("document.querySelector('input[type=radio][value=\"1.3\"]').click()").await;
    window.until("the theme and the size", CHOSEN).await;
    // The system's choice, and at least one device by its name.
    window.until("devices of both kinds", DEVICES).await;
    let chosen = window
        .ask(
            "const pick = document.querySelectorAll('.pick select')[1];
             pick.value = pick.options[1].value;
             pick.dispatchEvent(new Event('change', { bubbles: true }));
             return pick.value",
        )
        .await;
    // The host inside the app keeps what was asked for as long as its person says.
    window.find("input[type=radio][value='7']:checked").await;
    window.ask("document.querySelector(\"input[type=radio][value='3']\").click()").await;
    window.find("input[type=radio][value='3']:checked").await;
    desk.picture("desktop-settings").unwrap();
    window.close().await;

    let window = desk.open(&sound).await.unwrap();
    window.until("the theme and the size again", CHOSEN).await;
    to_settings(&window).await;
    window.until("devices of both kinds", DEVICES).await;
    assert_eq!(window.ask("return document.querySelectorAll('.pick select')[1].value").await, chosen);
    window.find("input[type=radio][value='3']:checked").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_where_it_was_and_as_large() {
    let (desk, sound) = (Desk::with_sample().unwrap(), Sound::start().unwrap());
    let window = desk.open(&sound).await.unwrap();
    window.find("a.row-title").await;
    let found = ["search", "--sync", "--onlyvisible", "--name", "^SynapScribe$"];
    desk.hand(&[&found[..], &["windowsize", "900", "640", "windowmove", "150", "90"]].concat()).unwrap();
    window.until("its being moved", PLACED).await;
    // As at a logout.
    let process = window.process().unwrap().to_string();
    run(Command::new("kill").arg(process)).unwrap().well();
    window.close().await;

    let window = desk.open(&sound).await.unwrap();
    window.until("its being there again", PLACED).await;
    window.close().await;
}

const PLACED: &str = "return [screenX, screenY, innerWidth, innerHeight].join() === '150,90,900,640'";
const CHOSEN: &str = "const root = document.documentElement;
    return root.dataset.theme === 'dark' && root.style.getPropertyValue('--text-scale') === '1.3'";
const DEVICES: &str =
    "return [...document.querySelectorAll('.pick select')].slice(0, 2).filter((pick) => pick.options.length > 1).length === 2";

async fn to_settings(window: &Window) {
    window.ask("location.hash = '#/settings'").await;
    window.see("Text size").await;
}
