//! How the desktop app answers a hand: from its start to a usable window, from a key to a recording, from an interruption to
//! silence, from the first sound on the wire to the loudspeaker, and from a dropped file to its progress bar. Measured on the
//! built app in a real window, with a sound server of its own.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use serde_json::Value;
use synapscribe_stories::{Desk, Ear, Sound, Window, speak};

use crate::peer;
use crate::program::{Host, memory_mb};
use crate::table::{Better, Row, Table, percentile};

const STARTS: usize = 7;
const TIMES: usize = 11;
/// An app that nobody touches for so long is idle: models that nobody uses have left the memory.
const IDLE: Duration = Duration::from_secs(90);

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    // As its person finds it every day, not as it is the very first time, when the sample is made.
    let (desk, sound) = (Desk::with_sample()?, Sound::start()?);
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let window = desk.open(&sound).await?;
        starts.push(usable(&window).await?);
        window.close().await;
    }
    let bare = bare_window(&desk)?;
    table.add(
        Row::new("desktop: cold start to a usable window, p50", percentile(&mut starts, 0.5), "ms", Better::Lower)
            .bar(1000.0)
            .peer("the page in a bare WebKit window, its host running", bare.usable_ms),
    );

    let window = desk.open(&sound).await?;
    usable(&window).await?;
    tokio::time::sleep(IDLE).await;
    let process = window.process().context("the driver started the app")?;
    let memory =
        |what: &str, mb| Row::new(format!("desktop: idle memory of the app's own process, {what}"), mb, "MB", Better::Lower);
    let other = "a bare WebKit window's, in Python";
    table.add(memory("resident", memory_mb(process)?).bar(200.0).peer(other, bare.resident_mb));
    table.add(memory("its part of what it shares with others", share_mb(process)?).peer(other, bare.share_mb));

    dropping(table, &desk, &window).await?;
    asking(table, &desk, &sound, &window).await?;
    window.close().await;
    Ok(())
}

/// Milliseconds from the process's beginning until the page said that a person can begin.
async fn usable(window: &Window) -> anyhow::Result<f64> {
    window.until("a usable window", "return performance.getEntriesByName('usable').length > 0").await;
    let at = number(window, "performance.timeOrigin + performance.getEntriesByName('usable')[0].startTime").await?;
    Ok(at - began_ms(window.process().context("the driver started the app")?)?)
}

/// When a process began, as milliseconds since 1970; the kernel tells it in hundredths of a second since the machine's start.
fn began_ms(process: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').context("a process has a name")?.1;
    let ticks: f64 = after_name.split_whitespace().nth(19).context("a process tells its beginning")?.parse()?;
    let up: f64 = std::fs::read_to_string("/proc/uptime")?.split(' ').next().context("the machine is up")?.parse()?;
    Ok(ms(SystemTime::now()) - up * 1000.0 + ticks * 10.0)
}

/// A process's memory when each page is divided among those who use it: the webview's own processes use the same libraries.
fn share_mb(process: u32) -> anyhow::Result<f64> {
    let all = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let line = all.lines().find(|line| line.starts_with("Pss:")).context("a process tells its share")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("the share is a number")?.parse()?;
    Ok(kilobytes / 1024.0)
}

/// The same page in a window with nothing else.
struct Bare {
    /// From the window's being made until it is usable, p50.
    usable_ms: f64,
    resident_mb: f64,
    share_mb: f64,
}

fn bare_window(desk: &Desk) -> anyhow::Result<Bare> {
    let host = Host::start(true)?;
    let mut starts = Vec::new();
    let mut memory = None;
    for turn in 1..=STARTS {
        let mut window = Command::new("/usr/bin/python3");
        window.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/window.py")).arg(&host.address);
        // The last one is left alone for as long as the app was, before it tells its memory.
        let idle = if turn == STARTS { IDLE } else { Duration::ZERO };
        window.arg(idle.as_millis().to_string());
        desk.give_to(&mut window);
        let said = window.output()?;
        ensure!(said.status.success(), "the bare window did not show the page: {}", String::from_utf8_lossy(&said.stderr));
        let said = serde_json::from_slice(&said.stdout)?;
        starts.push(peer::number(&said, "ms")?);
        memory = Some((peer::number(&said, "resident_mb")?, peer::number(&said, "share_mb")?));
    }
    let (resident_mb, share_mb) = memory.context("a window was opened")?;
    Ok(Bare { usable_ms: percentile(&mut starts, 0.5), resident_mb, share_mb })
}

/// Notes in the page when something becomes visible and when the shell tells of something, under `bench`.
const NOTES: &str = "
    const now = () => performance.timeOrigin + performance.now();
    const bench = (window.bench = {});
    const shell = window.__TAURI_INTERNALS__;
    const told = (event, note) =>
        shell.invoke('plugin:event|listen', { event, target: { kind: 'Any' }, handler: shell.transformCallback(note) });
    addEventListener('keydown', (event) => { if (event.code === 'Space' && !event.repeat) bench.pressed = now(); }, true);
    told('recorder', ({ payload }) => { if (payload.phase === 'recording') bench.recording = now(); });
    told('answer', ({ payload }) => { if (payload.type === 'first_sound') bench.firstSound = now(); });
    new MutationObserver(() => {
        if (!bench.bar && document.querySelector('[role=progressbar]')) bench.bar = now();
    }).observe(document.body, { childList: true, subtree: true });";

async fn dropping(table: &mut Table, desk: &Desk, window: &Window) -> anyhow::Result<()> {
    window.ask(NOTES).await;
    let mut taken = Vec::new();
    for n in 0..TIMES {
        let file = desk.home().join(format!("Lecture {n}.wav"));
        speak(&format!("This is lecture number {n}. It is about the tides."), "slt", &file)?;
        window.ask("delete window.bench.bar").await;
        let held = desk.drag_files(window, &[&file]).await?;
        let dropped = SystemTime::now();
        held.let_go()?;
        taken.push(note(window, "bar").await? - ms(dropped));
        window.until("its becoming ready", "return document.querySelector('[role=progressbar]') === null").await;
    }
    let p95 = percentile(&mut taken, 0.95);
    table.add(Row::new("desktop: dropped file to its progress bar, p95", p95, "ms", Better::Lower).bar(100.0));
    Ok(())
}

async fn asking(table: &mut Table, desk: &Desk, sound: &Sound, window: &Window) -> anyhow::Result<()> {
    window.ask("location.hash = '#/lecture/sample-gradient-descent'").await;
    window.see("Good morning").await;
    desk.look_at_window()?;
    let ear = sound.ear()?;
    let (mut recording, mut silence, mut first) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TIMES {
        window.ask("window.bench.firstSound = window.bench.recording = window.bench.pressed = 0").await;
        let asked = SystemTime::now();
        window.find(".type input").await.send_keys("How does the example with the three gears work?\u{e007}").await?;
        let told = note(window, "firstSound").await?;
        first.push(ms(ear.sound(asked).await) - told);
        // In the middle of a sentence.
        tokio::time::sleep(Duration::from_millis(900)).await;
        window.ask("document.activeElement.blur()").await;
        desk.hand(&["keydown", "space"])?;
        let pressed = note(window, "pressed").await?;
        recording.push(note(window, "recording").await? - pressed);
        silence.push((ms(silent(&ear).await) - pressed).max(0.0));
        desk.hand(&["keyup", "space"])?;
        window.until("the end of listening", "return document.querySelector('[data-testid=listening]') === null").await;
        // What was recorded held no word; whatever is said about that is over before the next question.
        ear.silence(Duration::from_secs(2)).await;
    }
    let mut row = |name: &str, values: &mut Vec<f64>, bar| {
        table.add(Row::new(format!("desktop: {name}, p95"), percentile(values, 0.95), "ms", Better::Lower).bar(bar));
    };
    row("key press to recording", &mut recording, 50.0);
    row("interruption to silence at the loudspeaker", &mut silence, 50.0);
    row("first sound from the wire to the loudspeaker", &mut first, 60.0);
    Ok(())
}

/// The last moment of sound, once it has been quiet for longer than a pause between words.
async fn silent(ear: &Ear) -> SystemTime {
    ear.silence(Duration::from_millis(1200)).await
}

/// A moment that the page noted.
async fn note(window: &Window, name: &str) -> anyhow::Result<f64> {
    let begun = Instant::now();
    loop {
        let at = window.ask(&format!("return window.bench.{name} ?? 0")).await.as_f64().unwrap_or_default();
        if at > 0.0 {
            return Ok(at);
        }
        ensure!(begun.elapsed() < Duration::from_secs(60), "the page did not note {name}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn number(window: &Window, expression: &str) -> anyhow::Result<f64> {
    let said: Value = window.ask(&format!("return {expression}")).await;
    said.as_f64().with_context(|| format!("{expression} is {said}"))
}

fn ms(at: SystemTime) -> f64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0
}
