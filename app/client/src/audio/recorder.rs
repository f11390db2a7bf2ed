//! The microphone: opened ahead, listened to with a short memory, and recorded on demand without losing the first or the
//! last syllable. Knows no question.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cpal::traits::{DeviceTrait as _, StreamTrait as _};
use cpal::{BufferSize, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig};
use tokio::sync::Notify;

use super::devices::Stand;
use super::{FILTER, SPEECH_RATE, devices, quiet};
use crate::error::{ClientError, Result, code};

/// Sound from before the key was pressed, because people begin to speak as they press it.
const PRE_ROLL: Duration = Duration::from_millis(300);

/// Sound from after the key was released; it also covers what the device still holds back.
const TAIL: Duration = Duration::from_millis(150);

/// A device that delivers nothing for this long has stopped.
const STALLED: Duration = Duration::from_millis(700);

/// An open microphone. What it hears is forgotten after a third of a second unless it is being recorded.
pub struct Recorder {
    shared: Arc<Shared>,
    /// The microphone that it is to hear; empty where that has no name.
    home: String,
    /// Whether a person chose it; otherwise it is the system's choice, which may change.
    is_choice: bool,
    /// Whether another one is heard in its place, because it was not there.
    away: bool,
    /// Heard as long as it is kept; tests bring their own sound.
    _stream: Option<cpal::Stream>,
}

/// What is to be done about a microphone that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Nothing.
    Nothing,
    /// It is taken away, and no other one is there.
    Lost,
    /// Another one is to be heard: it is there again after one stood in for it, one can stand in for it, or the system chose anew.
    Anew,
}

/// What was recorded, at the rate of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Mono samples at [`SPEECH_RATE`].
    pub samples: Vec<i16>,
}

impl Taken {
    /// Its length in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(SPEECH_RATE)
    }
}

struct Shared {
    capture: Mutex<Capture>,
    more: Notify,
}

impl Shared {
    fn capture(&self) -> std::sync::MutexGuard<'_, Capture> {
        // A panic elsewhere leaves plain samples behind, which are good to use.
        self.capture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Opens the default microphone at its own rate; takes up to a tenth of a second, so not from an async task.
    /// `longest` is how much is recorded at most.
    pub fn open(longest: Duration) -> Result<Self> {
        Self::open_on("", longest)
    }

    /// The same, with a microphone that was chosen.
    pub fn open_on(device: &str, longest: Duration) -> Result<Self> {
        quiet::hush();
        let chosen = device;
        let device = devices::input(chosen).ok_or_else(|| refused(ErrorKind::DeviceNotAvailable))?;
        let opened = device.id().ok();
        let (home, away) = match chosen {
            "" => (opened.map(|id| id.to_string()).unwrap_or_default(), false),
            chosen => (chosen.to_owned(), chosen.parse::<cpal::DeviceId>().ok() != opened),
        };
        let supported = device.default_input_config().map_err(|error| refused(error.kind()))?;
        let (format, mut config) = (supported.sample_format(), supported.config());
        let rate = config.sample_rate;
        let shared = Arc::new(Shared { capture: Mutex::new(Capture::new(rate, longest)), more: Notify::new() });
        // Small buffers make the meter lively; a device that has none of that size is taken as it is.
        config.buffer_size = BufferSize::Fixed(rate / 50);
        let stream = build(&device, &config, format, &shared).or_else(|_| {
            config.buffer_size = BufferSize::Default;
            build(&device, &config, format, &shared)
        })?;
        stream.play().map_err(|error| refused(error.kind()))?;
        Ok(Self { shared, home, is_choice: !chosen.is_empty(), away, _stream: Some(stream) })
    }

    /// Changes how much is recorded at most, also of what is being recorded.
    pub fn limit(&self, longest: Duration) {
        let mut capture = self.shared.capture();
        capture.longest = samples(capture.rate, longest);
    }

    /// Begins to record, a moment ago.
    pub fn start(&self) {
        self.shared.capture().start();
    }

    /// How loud it is now, 0 to 1 in even steps of what people call loudness.
    pub fn level(&self) -> f32 {
        self.shared.capture().level()
    }

    /// Seconds recorded so far; zero when nothing is being recorded.
    pub fn seconds(&self) -> f64 {
        self.shared.capture().seconds()
    }

    /// Whether as much was recorded as may be.
    pub fn is_full(&self) -> bool {
        self.shared.capture().is_full()
    }

    /// Ends the recording, after the last syllable.
    pub async fn stop(&self) -> Result<Taken> {
        self.shared.capture().end_in(TAIL);
        loop {
            let more = self.shared.more.notified();
            {
                let mut capture = self.shared.capture();
                if capture.broken {
                    return Err(unplugged());
                }
                if capture.is_over() {
                    return Ok(capture.take());
                }
            }
            if tokio::time::timeout(STALLED, more).await.is_err() {
                return self.shared.capture().take_stalled();
            }
        }
    }

    /// Whether the device was unplugged or taken away.
    pub fn is_broken(&self) -> bool {
        self.shared.capture().broken
    }

    /// What is to be done about it; waits for the sound server, so not from an async task.
    pub(super) fn care(&self) -> Care {
        if self.is_broken() {
            return Care::Lost;
        }
        let stand = if self.home.is_empty() { None } else { devices::stand(&self.home, self.is_choice) };
        stand.map_or(Care::Nothing, |stand| care(stand, self.away))
    }

    /// Throws the recording away.
    pub fn discard(&self) {
        drop(self.shared.capture().take());
    }
}

#[cfg(test)]
impl Recorder {
    /// One that hears only what it is told.
    pub(super) fn without_device(longest: Duration) -> Self {
        let capture = Mutex::new(Capture::new(SPEECH_RATE, longest));
        let shared = Arc::new(Shared { capture, more: Notify::new() });
        Self { shared, home: String::new(), is_choice: false, away: false, _stream: None }
    }

    /// As if it were pulled out.
    pub(super) fn unplug(&self) {
        self.shared.capture().broken = true;
    }

    pub(super) fn hear(&self, sound: &[f32]) {
        self.shared.capture().hear(sound);
        self.shared.more.notify_waiters();
    }
}

/// What is to be done where the microphone that is to be heard stands so, and another one is heard in its place or not.
fn care(stand: Stand, away: bool) -> Care {
    match (stand, away) {
        (Stand::Gone, _) => Care::Lost,
        (Stand::There, true) | (Stand::Elsewhere, false) => Care::Anew,
        (Stand::There, false) | (Stand::Elsewhere, true) => Care::Nothing,
    }
}

fn build(device: &cpal::Device, config: &StreamConfig, format: SampleFormat, shared: &Arc<Shared>) -> Result<cpal::Stream> {
    match format {
        SampleFormat::F32 => build_as::<f32>(device, config, shared),
        SampleFormat::I16 => build_as::<i16>(device, config, shared),
        SampleFormat::U16 => build_as::<u16>(device, config, shared),
        SampleFormat::I32 => build_as::<i32>(device, config, shared),
        SampleFormat::I8 => build_as::<i8>(device, config, shared),
        SampleFormat::U8 => build_as::<u8>(device, config, shared),
        _ => Err(refused(ErrorKind::UnsupportedConfig)),
    }
}

fn build_as<T>(device: &cpal::Device, config: &StreamConfig, shared: &Arc<Shared>) -> Result<cpal::Stream>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let channels = usize::from(config.channels.max(1));
    let (heard, failed) = (Arc::clone(shared), Arc::clone(shared));
    let mut mono: Vec<f32> = Vec::new();
    let on_sound = move |data: &[T], _: &cpal::InputCallbackInfo| {
        mono.clear();
        mono.extend(
            data.chunks_exact(channels).map(|frame| frame.iter().map(|s| f32::from_sample_(*s)).sum::<f32>() / channels as f32),
        );
        heard.capture().hear(&mono);
        heard.more.notify_waiters();
    };
    let on_error = move |error: cpal::Error| {
        tracing::debug!(%error, "the microphone reports");
        // An overrun loses a moment, a changed route nothing; only these end the recording.
        if matches!(error.kind(), ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable) {
            failed.capture().broken = true;
            failed.more.notify_waiters();
        }
    };
    device.build_input_stream::<T, _, _>(*config, on_sound, on_error, None).map_err(|error| refused(error.kind()))
}

fn refused(kind: ErrorKind) -> ClientError {
    let (code, message) = match kind {
        ErrorKind::PermissionDenied => (
            code::REFUSED_MICROPHONE,
            "the microphone may not be used; allow it in the system's privacy settings, or type the question",
        ),
        ErrorKind::DeviceBusy => (code::BUSY_MICROPHONE, "another program holds the microphone; close it, or type the question"),
        ErrorKind::UnsupportedConfig => (
            code::NO_MICROPHONE,
            "the microphone speaks a format this program does not know; choose another one, or type the question",
        ),
        _ => (code::NO_MICROPHONE, "no microphone was found; plug one in, or type the question"),
    };
    ClientError::passing(code, message)
}

/// What is said of one that was there.
pub(super) fn unplugged() -> ClientError {
    ClientError::passing(code::UNPLUGGED, "the microphone was unplugged; plug it in again, or type the question")
}

/// What is heard and what is kept of it.
struct Capture {
    rate: u32,
    longest: usize,
    recent: VecDeque<f32>,
    taking: Option<Vec<f32>>,
    // Samples of what is being recorded that were heard before it began.
    before: usize,
    // Samples to take yet before a recording that was ended is over.
    tail: Option<usize>,
    loudness: f32,
    broken: bool,
}

impl Capture {
    fn new(rate: u32, longest: Duration) -> Self {
        Self {
            rate,
            longest: samples(rate, longest),
            recent: VecDeque::with_capacity(samples(rate, PRE_ROLL)),
            taking: None,
            before: 0,
            tail: None,
            loudness: 0.0,
            broken: false,
        }
    }

    fn start(&mut self) {
        let recent: Vec<f32> = self.recent.drain(..).collect();
        (self.before, self.taking, self.tail) = (recent.len(), Some(recent), None);
    }

    fn hear(&mut self, sound: &[f32]) {
        let power = sound.iter().map(|s| s * s).sum::<f32>() / sound.len().max(1) as f32;
        self.loudness = power.sqrt();
        if let Some(taking) = &mut self.taking {
            let room = self.longest.saturating_sub(taking.len()).min(self.tail.unwrap_or(usize::MAX));
            taking.extend_from_slice(&sound[..sound.len().min(room)]);
            if let Some(tail) = &mut self.tail {
                *tail = tail.saturating_sub(sound.len());
            }
        } else {
            let keep = samples(self.rate, PRE_ROLL);
            self.recent.extend(sound);
            let surplus = self.recent.len().saturating_sub(keep);
            self.recent.drain(..surplus);
        }
    }

    fn end_in(&mut self, tail: Duration) {
        self.tail = Some(samples(self.rate, tail));
    }

    fn is_over(&self) -> bool {
        self.taking.is_none() || self.tail == Some(0) || self.is_full()
    }

    fn is_full(&self) -> bool {
        self.taking.as_ref().is_some_and(|taking| taking.len() >= self.longest)
    }

    fn take(&mut self) -> Taken {
        self.tail = None;
        let taken = self.taking.take().unwrap_or_default();
        let speech = synapscribe_sound::whole(&taken, self.rate, SPEECH_RATE, FILTER);
        // At another rate it may be a sample longer, and a limit may have been told that is shorter than what was recorded.
        let most = (self.longest as f64 * f64::from(SPEECH_RATE) / f64::from(self.rate)) as usize;
        Taken { samples: speech.iter().take(most).map(|s| (s.clamp(-1.0, 1.0) * 32767.0) as i16).collect() }
    }

    /// What was recorded before the device stopped. The moment before the key was pressed alone is no question.
    fn take_stalled(&mut self) -> Result<Taken> {
        let nothing = self.taking.as_ref().is_none_or(|taking| taking.len() <= self.before);
        let taken = self.take();
        if nothing {
            let message = "the microphone gave no sound; choose another one in the settings, or type the question";
            return Err(ClientError::passing(code::EMPTY_QUESTION, message));
        }
        Ok(taken)
    }

    fn seconds(&self) -> f64 {
        self.taking.as_ref().map_or(0.0, |taking| taking.len() as f64 / f64::from(self.rate))
    }

    fn level(&self) -> f32 {
        // 60 decibels cover a whisper to a shout.
        ((20.0 * self.loudness.max(1e-6).log10() + 60.0) / 60.0).clamp(0.0, 1.0)
    }
}

fn samples(rate: u32, time: Duration) -> usize {
    (f64::from(rate) * time.as_secs_f64()) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture() -> Capture {
        Capture::new(SPEECH_RATE, Duration::from_secs(2))
    }

    #[test]
    fn what_was_said_just_before_and_after_is_kept_and_the_rest_forgotten() {
        let mut capture = capture();
        capture.hear(&[0.1; 16_000]);
        capture.hear(&[0.25; 4_800]);
        capture.start();
        capture.hear(&[0.5; 1_600]);
        capture.end_in(TAIL);
        assert!(!capture.is_over());
        capture.hear(&[0.75; 2_000]);
        assert!(!capture.is_over());
        capture.hear(&[0.9; 2_000]);
        assert!(capture.is_over());
        let taken = capture.take().samples;
        assert_eq!(taken.len(), 4_800 + 1_600 + 2_400);
        assert_eq!((taken[0], taken[4_799], taken[4_800], *taken.last().unwrap()), (8191, 8191, 16383, 29490));
        assert!(capture.recent.is_empty());
    }

    #[test]
    fn a_word_that_begins_before_the_key_is_pressed_and_ends_after_it_is_released_is_recorded_whole() {
        for rate in [44_100, 48_000, 16_000] {
            let mut capture = Capture::new(rate, Duration::from_secs(10));
            let block = rate as usize / 50;
            let (pressed, released) = (100 * block, 150 * block);
            // A moment less than what is kept lies before the one and behind the other.
            let moment = rate as usize / 100;
            let word = pressed + moment - samples(rate, PRE_ROLL)..released + samples(rate, TAIL) - moment;
            let hum = |n: usize| (n as f64 / f64::from(rate) * 440.0 * std::f64::consts::TAU).sin() as f32 * 0.5;
            let at = |n: usize| if word.contains(&n) { hum(n - word.start) } else { 0.0 };
            let mut heard = 0;
            while heard < released || !capture.is_over() {
                if heard == pressed {
                    capture.start();
                }
                if heard == released {
                    capture.end_in(TAIL);
                }
                let sound: Vec<f32> = (heard..heard + block).map(at).collect();
                capture.hear(&sound);
                heard += block;
                assert!(heard < 2 * released, "it never ends at {rate} Hz");
            }
            let taken = capture.take().samples;
            let lasts = SPEECH_RATE as usize * (300 + 1_000 + 150) / 1_000;
            assert!(taken.len().abs_diff(lasts) <= 1, "{} of {lasts} samples at {rate} Hz", taken.len());
            let loud = |sample: &i16| sample.unsigned_abs() > 3_000;
            let (first, last) = (taken.iter().position(loud).unwrap(), taken.iter().rposition(loud).unwrap());
            let hundredth = SPEECH_RATE as usize / 100;
            assert!(first.abs_diff(hundredth) <= 16, "it begins at {first} at {rate} Hz");
            assert!(last.abs_diff(lasts - hundredth) <= 16, "it ends at {last} of {lasts} at {rate} Hz");
        }
    }

    #[test]
    fn a_recording_has_an_end() {
        let mut capture = capture();
        capture.start();
        capture.hear(&[0.5; 40_000]);
        assert!(capture.is_full() && capture.is_over());
        assert_eq!(capture.take().seconds(), 2.0);
        assert!(capture.take().samples.is_empty());
    }

    #[test]
    fn a_limit_that_is_told_later_counts_for_what_is_being_recorded() {
        for rate in [44_100, 48_000, 16_000] {
            let mut capture = Capture::new(rate, Duration::from_secs(10));
            capture.start();
            capture.hear(&vec![0.5; rate as usize * 4]);
            assert!(!capture.is_full());
            capture.longest = samples(rate, Duration::from_secs(3));
            assert!(capture.is_full() && capture.is_over());
            assert_eq!(capture.take().samples.len(), 3 * SPEECH_RATE as usize, "at {rate} Hz");
        }
    }

    #[test]
    fn a_device_that_gave_nothing_since_the_key_was_pressed_makes_no_question_of_the_moment_before() {
        let mut capture = capture();
        capture.hear(&[0.5; 16_000]);
        capture.start();
        let error = capture.take_stalled().unwrap_err();
        assert!(error.code == code::EMPTY_QUESTION && error.message.contains("the microphone gave no sound"), "{error:?}");
        assert!(capture.taking.is_none(), "it is over");
        // What was said before it stopped is asked.
        capture.hear(&[0.5; 16_000]);
        capture.start();
        capture.hear(&[0.5; 1_600]);
        assert_eq!(capture.take_stalled().unwrap().samples.len(), 4_800 + 1_600);
    }

    #[test]
    fn another_one_is_heard_where_the_microphone_is_gone_and_the_same_once_it_is_back() {
        for (stand, away, cared) in [
            (Stand::There, false, Care::Nothing),
            (Stand::Elsewhere, false, Care::Anew),
            (Stand::Elsewhere, true, Care::Nothing),
            (Stand::There, true, Care::Anew),
            (Stand::Gone, false, Care::Lost),
            (Stand::Gone, true, Care::Lost),
        ] {
            assert_eq!(care(stand, away), cared, "{stand:?}, away: {away}");
        }
        let recorder = Recorder::without_device(Duration::from_secs(2));
        assert_eq!(recorder.care(), Care::Nothing, "nobody has to be asked about one without a name");
        recorder.unplug();
        assert_eq!(recorder.care(), Care::Lost);
    }

    #[test]
    fn the_level_follows_loudness() {
        let mut capture = capture();
        assert_eq!(capture.level(), 0.0);
        capture.hear(&[1.0; 100]);
        assert_eq!(capture.level(), 1.0);
        capture.hear(&[0.0316; 100]);
        assert!((capture.level() - 0.5).abs() < 0.01);
        capture.hear(&[]);
        assert_eq!(capture.level(), 0.0);
    }
}
