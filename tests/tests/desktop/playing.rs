//! A lecture listened to in one's own way: without its silences, from phrase to phrase and from chapter to chapter, slower and faster.

use std::path::Path;
use std::process::Command;

use synapscribe_stories::{Desk, Listening, Sound, Window, run, speak};

/// Where the silence after the first sentence ends, and the tone after the second one begins, in seconds.
const SECOND: f64 = 12.0;
const TONE: f64 = 16.0;
/// How long the tone lasts: together long enough for chapters.
const LASTS: f64 = 240.0;
const HERTZ: f64 = 440.0;
/// What is said of the tone at once.
const CUE: f64 = 24.0;

/// Two sentences with a long silence between them and a tone after the second, with captions.
pub fn record(to: &Path) {
    let part = |name: &str| to.with_file_name(format!("{name}.wav"));
    let (spoken, first, second, tone) = (part("spoken"), part("first part"), part("second part"), part("tone"));
    for (words, lasts, into) in
        [("Water boils when it is hot enough.", SECOND, &first), ("Then it turns to steam.", TONE - SECOND, &second)]
    {
        speak(words, "slt", &spoken).unwrap();
        let lasts = lasts.to_string();
        run(Command::new("sox").arg(&spoken).arg(into).args(["pad", "0", &lasts, "trim", "0", &lasts])).unwrap().well();
    }
    let (lasts, hertz) = (LASTS.to_string(), HERTZ.to_string());
    let mut sox = Command::new("sox");
    sox.args(["-n", "-r", "16000", "-c", "1", "-b", "16"]).arg(&tone).args(["synth", &lasts, "sine", &hertz, "gain", "-12"]);
    run(&mut sox).unwrap().well();
    run(Command::new("sox").args([&first, &second, &tone]).arg(to)).unwrap().well();

    let mut captions = "WEBVTT\n".to_owned();
    let mut cue = |from: f64, until: f64, words: &str| {
        captions.push_str(&format!("\n{} --> {}\n{words}\n", stamp(from), stamp(until)));
    };
    cue(0.0, 3.0, "Water boils when it is hot enough.");
    cue(SECOND, SECOND + 3.0, "Then it turns to steam.");
    for n in 0..(LASTS / CUE) as u32 {
        let from = TONE + CUE * f64::from(n);
        cue(from, from + CUE - 0.5, &format!("Listen to the kettle for the {n}th time."));
    }
    std::fs::write(to.with_extension("vtt"), captions).unwrap();
}

fn stamp(seconds: f64) -> String {
    let (minutes, seconds) = ((seconds / 60.0) as u32, seconds % 60.0);
    format!("{minutes:02}:{seconds:06.3}")
}

/// Listens to such a recording, which the library has by the name that is given.
pub async fn in_ones_own_way(desk: &Desk, sound: &Sound, window: &Window, name: &str) {
    window.ask(CAUGHT).await;
    let opened = format!(
        "const row = [...document.querySelectorAll('a.row-title')].find((row) => row.textContent.includes('{name}'));
        row?.click();
        return row !== undefined"
    );
    window.until("opening the lecture", &opened).await;
    window.see("Listen to the kettle").await;

    // Silence is skipped on request, and what is said is not.
    window.ask(SKIP).await;
    window.find(".line-play").await.click().await.unwrap();
    let second = format!("return window.lecture?.currentTime > {} && (window.lecture.pause(), true)", SECOND + 0.5);
    window.until("the second sentence", &second).await;
    // The player leaps by itself, too: to the beginning, and to its own place where it was stuck.
    let leapt = format!("return window.leaps.some((to) => to > 8 && to < {SECOND})");
    window.until("a leap to the end of the silence", &leapt).await;
    window.ask(SKIP).await;

    window.find(".waveform").await.send_keys("\u{e011}").await.unwrap();
    stands_at(window, 0.0).await;
    for (key, at) in [("]", SECOND), ("]", TONE), ("[", SECOND)] {
        press(window, key).await;
        stands_at(window, at).await;
    }
    window.find(".chapters li:last-child .chapter").await.send_keys("\u{e007}").await.unwrap();
    window.until("the last chapter", CHAPTER).await;

    for (keys, rate) in [("......", 3.0), (",,,,,,,,", 0.5)] {
        press(window, keys).await;
        let chosen = format!("return document.querySelector('.rate select').value === '{rate}'");
        window.until(&format!("a speed of {rate}"), &chosen).await;
        assert_eq!(window.ask("return window.lecture.preservesPitch").await, true);
        let heard = sound.listen().unwrap();
        let begin = format!("window.stood = window.lecture.currentTime; [window.since, window.rate] = [null, {rate}]");
        window.ask(&begin).await;
        press(window, "k").await;
        window.until(&format!("two seconds that pass at {rate}×"), MEASURED).await;
        let speed = window.ask("return window.speed").await.as_f64().unwrap();
        press(window, "k").await;
        window.until("its pause", "return window.lecture.paused").await;
        let pitch = pitch(desk, heard);
        println!("at {rate}×: {pitch:.0} Hz, {speed:.2} seconds a second");
        assert!((pitch - HERTZ).abs() < HERTZ / 10.0, "{HERTZ} Hz are heard as {pitch} Hz at {rate}×");
    }
    press(window, "..").await;
}

/// What plays is no part of the page; it is caught as it begins.
const CAUGHT: &str = "const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
        if (window.lecture !== this) {
            [window.lecture, window.leaps] = [this, []];
            this.addEventListener('seeking', () => window.leaps.push(this.currentTime));
        }
        return play.call(this);
    }";
const SKIP: &str = "document.querySelector('.skip input').click()";
const CHAPTER: &str = "const last = document.querySelector('.chapters li:last-child .chapter');
    const [minutes, seconds] = last.querySelector('.chapter-time').textContent.split(':').map(Number);
    const off = window.lecture.currentTime - (minutes * 60 + seconds);
    return last.getAttribute('aria-current') === 'true' && minutes > 0 && off > -0.5 && off < 1.5";
/// From the first moment at which it has moved. Sound that was waited for on a busy machine is no measure of it; then it begins anew.
const MEASURED: &str = "const { lecture } = window;
    const now = performance.now();
    if (lecture.paused || lecture.currentTime === window.stood) return false;
    window.since ??= [lecture.currentTime, now];
    if (now - window.since[1] < 2000) return false;
    window.speed = (lecture.currentTime - window.since[0]) * 1000 / (now - window.since[1]);
    window.since = null;
    return Math.abs(window.speed / window.rate - 1) < 0.3";

async fn stands_at(window: &Window, seconds: f64) {
    let there = format!("return Math.abs(window.lecture.currentTime - {seconds}) < 0.2");
    window.until(&format!("standing at {seconds} s"), &there).await;
}

/// Keys that the lecture has, wherever the keyboard is.
async fn press(window: &Window, keys: &str) {
    window.find(".transcript-scroll").await.send_keys(keys).await.unwrap();
}

/// How high what was heard is.
fn pitch(desk: &Desk, heard: Listening) -> f64 {
    /// What comes before the samples, and how many of these there are in a second.
    const HEADER: usize = 44;
    const RATE: f64 = 16_000.0;
    let recording = desk.home().join("heard.wav");
    heard.end(&recording).unwrap();
    let bytes = std::fs::read(&recording).unwrap();
    let samples: Vec<i16> = bytes[HEADER..].chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect();
    let loud = |sample: &i16| sample.unsigned_abs() > 1_000;
    let (first, last) = (samples.iter().position(loud).unwrap(), samples.iter().rposition(loud).unwrap());
    let sounding = &samples[first..=last];
    let rises: Vec<usize> = (1..sounding.len()).filter(|n| sounding[n - 1] < 0 && sounding[*n] >= 0).collect();
    let mut waves: Vec<usize> = rises.windows(2).map(|two| two[1] - two[0]).collect();
    waves.sort_unstable();
    // The middle one, because a gap in the sound is no wave.
    RATE / waves[waves.len() / 2] as f64
}
