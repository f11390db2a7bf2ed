//! What a device plays, recorded as its callback fetches it from the mixer: whether it comes at once, whole, without a gap and without
//! a click, and ends when it should. Opens no device.

use std::f64::consts::TAU;
use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use base64::Engine as _;
use rodio::mixer::{MixerSource, mixer};
use synapscribe_protocol::ServerMessage;

use super::loudspeaker::{Loudspeaker, Speech};
use super::output::Output;
use super::player::Player;
use super::queue::{Feed, Queue, RATE};
use crate::ask::Assembled;

/// How high the voice hums.
const PITCH: f64 = 440.0;
const LOUDNESS: f64 = 0.5;
/// What is softer is not heard.
const SILENT: f32 = 0.005;
/// No callback takes more out of the queue.
const ENOUGH: usize = 1_000;

/// A player with a device that records what it plays.
struct Studio {
    queue: Arc<Queue>,
    player: Arc<Player>,
    rate: u32,
    mixed: MixerSource,
    recorded: Vec<f32>,
}

impl Studio {
    fn new(rate: u32) -> Self {
        let queue = Arc::<Queue>::default();
        let player = Arc::new(Player::filling(Arc::clone(&queue)));
        let (sounds, mixed) = mixer(NonZero::new(2).unwrap(), NonZero::new(rate).unwrap());
        let heard = Arc::new(AtomicBool::new(true));
        sounds.add(Feed::new(Arc::clone(&queue), heard, Duration::from_secs(60), || {}));
        Self { queue, player, rate, mixed, recorded: Vec::new() }
    }

    fn play(&mut self, frames: u32) {
        for _ in 0..frames {
            let left = self.mixed.next().unwrap();
            assert_eq!(self.mixed.next(), Some(left), "both ears hear the same");
            self.recorded.push(left);
        }
    }

    /// What a device may ask for at once: 12.5 ms.
    fn call_back(&mut self) {
        self.play(self.rate / 80);
    }

    /// Says something that comes in chunks of uneven size, to its end.
    fn say(&mut self, speech: &[i16], rate: u32) {
        // Voices may begin with a twentieth of a second, and think before they go on.
        let (first, mut rest) = speech.split_at(rate as usize / 20);
        self.player.play(first, rate);
        self.call_back();
        self.call_back();
        for size in [37, 1, 800, 4_801, 319, 2_222].into_iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, after) = rest.split_at(size.min(rest.len()));
            self.player.play(chunk, rate);
            rest = after;
            while self.queue.left() >= ENOUGH {
                self.call_back();
            }
        }
        self.player.finish();
        while self.queue.left() > 0 {
            self.call_back();
        }
        // What left the queue is played.
        self.call_back();
    }

    /// The frames between the silence before and the silence after.
    fn sounding(&self) -> Range<usize> {
        let sounds = |sample: &f32| sample.abs() > SILENT;
        let first = self.recorded.iter().position(sounds).unwrap_or(0);
        let after = self.recorded.iter().rposition(sounds).map_or(0, |last| last + 1);
        first..after
    }

    fn milliseconds(&self, frames: usize) -> f64 {
        frames as f64 * 1_000.0 / f64::from(self.rate)
    }
}

/// A voice that hums, and begins and ends softly, as words do.
fn hum(rate: u32, pitch: f64, seconds: f64) -> Vec<i16> {
    let samples = (f64::from(rate) * seconds) as usize;
    let sample = |n: usize| {
        let soft = n.min(samples - 1 - n) as f64 / (f64::from(rate) / 100.0);
        soft.min(1.0) * LOUDNESS * (n as f64 / f64::from(rate) * pitch * TAU).sin()
    };
    (0..samples).map(|n| (sample(n) * 32_767.0) as i16).collect()
}

/// The longest silence, in frames.
fn longest_pause(sound: &[f32]) -> usize {
    let silent = |sample: &f32| sample.abs() <= SILENT;
    let runs = sound.chunk_by(|one, next| silent(one) == silent(next));
    runs.filter(|run| silent(&run[0])).map(<[f32]>::len).max().unwrap_or(0)
}

/// The sharpest bend of the curve; a hum has gentle ones, and a lost or doubled frame makes a sharp one.
fn sharpest_bend(sound: &[f32]) -> f64 {
    sound.windows(3).map(|of| f64::from((of[0] - 2.0 * of[1] + of[2]).abs())).fold(0.0, f64::max)
}

#[test]
fn an_answer_in_uneven_chunks_is_heard_at_once_and_whole_without_a_gap_or_a_click() {
    const SECONDS: f64 = 3.07;
    for voice in [16_000, 22_050, 24_000] {
        for rate in [44_100, 48_000] {
            let case = format!("a voice at {voice} Hz on a device at {rate} Hz");
            let mut studio = Studio::new(rate);
            // It has been open for a while and stands in the middle of something.
            for _ in 0..3 {
                studio.call_back();
            }
            let before = studio.recorded.len();
            studio.say(&hum(voice, PITCH, SECONDS), voice);
            let sounding = studio.sounding();
            let late = studio.milliseconds(sounding.start - before);
            assert!(late <= 2.0, "{case} begins {late} ms after its first chunk");
            let off = studio.milliseconds(sounding.len()) - SECONDS * 1_000.0;
            assert!(off.abs() <= 2.0, "{case} lasts {off} ms more than what was said");
            let pause = studio.milliseconds(longest_pause(&studio.recorded[sounding]));
            assert!(pause <= 1.0, "{case} is silent for {pause} ms");
            let bend = LOUDNESS * (TAU * PITCH / f64::from(rate)).powi(2);
            let sharpest = sharpest_bend(&studio.recorded) / bend;
            assert!(sharpest <= 3.0, "{case} bends {sharpest} times as sharply as the voice");
        }
    }
}

#[test]
fn a_device_at_another_rate_does_not_drift() {
    let mut studio = Studio::new(44_100);
    // Every second of it is the same, and so is what is heard of it.
    let speech: Vec<f32> = hum(RATE, PITCH, 1.0).into_iter().map(|sample| f32::from(sample) / 32_768.0).collect();
    let second = |studio: &mut Studio| {
        studio.player.play_f32(&speech, RATE);
        studio.recorded.clear();
        studio.play(studio.rate);
    };
    // The first one has to begin.
    second(&mut studio);
    second(&mut studio);
    let heard = studio.recorded.clone();
    assert!(heard.iter().any(|sample| sample.abs() > SILENT));
    for number in 3..=60 {
        second(&mut studio);
        assert!(studio.recorded == heard, "second {number} is heard in another place");
    }
}

#[test]
fn what_is_said_ends_within_fifty_milliseconds_and_the_next_answer_begins_with_its_first_sample() {
    let next = hum(16_000, 700.0, 0.5);
    for rate in [44_100, 48_000] {
        let mut alone = Studio::new(rate);
        alone.say(&next, 16_000);
        let expected = &alone.recorded[alone.sounding()];
        for callbacks in [3, 4, 7] {
            let case = format!("after {callbacks} callbacks at {rate} Hz");
            let mut studio = Studio::new(rate);
            studio.player.play(&hum(24_000, PITCH, 2.0), 24_000);
            for _ in 0..callbacks {
                studio.call_back();
            }
            assert!(studio.sounding().len() > 1_000, "nothing is said {case}");
            let last = studio.recorded.pop().unwrap_or_default();
            studio.recorded.clear();
            studio.recorded.push(last);
            studio.player.stop();
            for _ in 0..8 {
                studio.call_back();
            }
            // What the device has in its buffers is heard before it.
            let held = Output::closed(&studio.queue).holds().as_secs_f64() * 1_000.0;
            let ends = held + studio.milliseconds(studio.sounding().end);
            assert!(ends <= 50.0, "it is heard for {ends} ms {case}");
            let step = studio.recorded.windows(2).map(|of| (of[0] - of[1]).abs()).fold(0.0, f32::max);
            assert!(step <= 0.05, "it ends with a step of {step} {case}");
            studio.recorded.clear();
            studio.say(&next, 16_000);
            let begins = studio.milliseconds(studio.sounding().start);
            assert!(begins <= 20.0, "the next answer begins after {begins} ms {case}");
            let heard = &studio.recorded[studio.sounding()];
            let off = studio.milliseconds(heard.len().abs_diff(expected.len()));
            assert!(off <= 1.0, "the next answer is {off} ms longer or shorter {case}");
            // On a device at another rate its first sample may fall between two frames.
            let worst = heard.iter().zip(expected).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
            assert!(worst <= 0.05, "the next answer is off by {worst} {case}");
        }
    }
}

/// An answer whose speech comes in chunks, as the server sends them.
struct Coming {
    said: Speech,
    so_far: Assembled,
    chunks: u32,
}

impl Coming {
    fn on(loudspeaker: &Loudspeaker) -> Self {
        Self { said: loudspeaker.speech(), so_far: Assembled::default(), chunks: 0 }
    }

    /// Takes the next chunk; says whether it is the first that is heard.
    fn chunk(&mut self, speech: &[i16], rate: u32) -> bool {
        let bytes: Vec<u8> = speech.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let index = self.chunks;
        self.chunks += 1;
        self.take(&ServerMessage::AudioChunk {
            query_id: "q".into(),
            index,
            format: "pcm_s16le".into(),
            sample_rate: rate,
            data: base64::engine::general_purpose::STANDARD.encode(bytes),
        })
    }

    fn end(&mut self) {
        self.take(&ServerMessage::AudioComplete { query_id: "q".into(), chunks: self.chunks, seconds: 0.5, s3_key: None });
    }

    fn take(&mut self, message: &ServerMessage) -> bool {
        assert!(self.so_far.take(message), "it says something new");
        self.said.take(message, &self.so_far)
    }
}

#[test]
fn nothing_more_is_heard_of_an_answer_that_fell_silent_and_the_next_one_begins_with_its_first_sample() {
    const VOICE: u32 = 16_000;
    let (first, next) = (hum(VOICE, PITCH, 2.0), hum(VOICE, 700.0, 0.5));
    let mut alone = Studio::new(RATE);
    alone.say(&next, VOICE);
    let expected = &alone.recorded[alone.sounding()];

    let mut studio = Studio::new(RATE);
    let loudspeaker = Loudspeaker::of(Arc::clone(&studio.player));
    let mut interrupted = Coming::on(&loudspeaker);
    let mut chunks = first.chunks(4_000);
    assert!(interrupted.chunk(chunks.next().unwrap(), VOICE));
    for _ in 0..4 {
        studio.call_back();
    }
    assert!(studio.sounding().len() > 1_000, "nothing is said");
    loudspeaker.hush();
    studio.call_back();
    studio.recorded.clear();
    // The server goes on until it hears of it.
    for chunk in chunks.by_ref().take(4) {
        assert!(!interrupted.chunk(chunk, VOICE));
        studio.call_back();
    }
    assert!(studio.sounding().is_empty() && studio.player.is_idle(), "it goes on");

    // What still comes of it disturbs the next answer as little.
    let mut coming = Coming::on(&loudspeaker);
    let (beginning, rest) = next.split_at(VOICE as usize / 20);
    assert!(coming.chunk(beginning, VOICE), "its first sound is told");
    for chunk in chunks {
        assert!(!interrupted.chunk(chunk, VOICE));
    }
    interrupted.end();
    assert!(!coming.chunk(rest, VOICE));
    coming.end();
    while studio.queue.left() > 0 {
        studio.call_back();
    }
    studio.call_back();
    let heard = &studio.recorded[studio.sounding()];
    assert_eq!(heard.len(), expected.len(), "it is heard whole");
    let worst = heard.iter().zip(expected).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
    assert!(worst <= 0.001, "it is off by {worst}");
}

#[test]
fn an_answer_that_fell_silent_before_its_first_sound_is_not_heard_at_all() {
    let mut studio = Studio::new(RATE);
    let loudspeaker = Loudspeaker::of(Arc::clone(&studio.player));
    let mut coming = Coming::on(&loudspeaker);
    loudspeaker.hush();
    assert!(!coming.chunk(&hum(16_000, PITCH, 0.5), 16_000));
    coming.end();
    studio.call_back();
    assert!(studio.player.is_idle() && studio.sounding().is_empty());
}
