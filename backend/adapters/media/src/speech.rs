//! Finds the stretches of speech in a recording, so that it can be cut where nobody speaks.

use earshot::Detector;
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Millis, Pcm, Span};
use synapscribe_ports::SpeechMap;

/// Samples the detector looks at in one go, 16 ms.
const FRAME: usize = 256;

/// Samples over which loudness is measured, about a quarter of a second.
const STRETCH: usize = 16 * FRAME;

/// From this score on, somebody speaks; below the lower one, nobody does any more.
const STARTS: f32 = 0.5;
const STOPS: f32 = 0.35;

/// Below this root mean square (-60 dB) nothing can be understood, whatever it sounds like.
const AUDIBLE: f32 = 0.001;

/// A pause shorter than this is part of the speech (the stop of a consonant, a breath).
const PAUSE_MS: u64 = 300;

/// Anything shorter is a click or a cough.
const SHORTEST_MS: u64 = 100;

/// Added on both sides, because the detector needs a moment to be sure.
const MARGIN_MS: u64 = 100;

/// Listens to speech block by block; memory grows with the number of spans only.
pub struct SpeechMeter {
    detector: Box<Detector>,
    frame: Vec<f32>,
    samples: u64,
    spans: Vec<Span>,
    since: Option<u64>,
    last_voice: u64,
    energy: f64,
    measured: usize,
    loudest: f32,
}

impl Default for SpeechMeter {
    fn default() -> Self {
        Self::new()
    }
}

impl SpeechMeter {
    /// A meter that has heard nothing yet.
    pub fn new() -> Self {
        Self {
            detector: Detector::default_boxed(),
            frame: Vec::with_capacity(FRAME),
            samples: 0,
            spans: Vec::new(),
            since: None,
            last_voice: 0,
            energy: 0.0,
            measured: 0,
            loudest: 0.0,
        }
    }

    /// Listens to the next samples, at the speech rate.
    pub fn push(&mut self, mut block: &[f32]) {
        while !block.is_empty() {
            let taken = block.len().min(FRAME - self.frame.len());
            self.frame.extend_from_slice(&block[..taken]);
            self.samples += taken as u64;
            block = &block[taken..];
            if self.frame.len() == FRAME {
                self.listen();
            }
        }
    }

    /// Whether somebody was speaking at the end of what was pushed so far.
    pub fn speaking(&self) -> bool {
        self.since.is_some()
    }

    /// What was heard in all; the meter does not see damaged packets and draws no outline.
    pub fn finish(mut self) -> SpeechMap {
        let total = at(self.samples);
        if !self.frame.is_empty() {
            self.listen();
        }
        self.close_stretch();
        self.close_span();
        let mut spans: Vec<Span> = Vec::with_capacity(self.spans.len());
        for span in self.spans {
            let from = Millis(span.from.0.saturating_sub(MARGIN_MS));
            let to = Millis(span.to.0 + MARGIN_MS).min(total);
            match spans.last_mut() {
                Some(before) if from.0 <= before.to.0 => before.to = before.to.max(to),
                _ => spans.push(Span::new(from, to)),
            }
        }
        SpeechMap { spans, loudest_rms: self.loudest, length: total, ..SpeechMap::default() }
    }

    fn listen(&mut self) {
        let energy: f64 = self.frame.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
        self.energy += energy;
        self.measured += self.frame.len();
        if self.measured >= STRETCH {
            self.close_stretch();
        }
        let audible = (energy / self.frame.len().max(1) as f64).sqrt() as f32 >= AUDIBLE;
        // Filters overshoot a little; the detector insists on its range. A last, short frame is filled with silence.
        self.frame.iter_mut().for_each(|x| *x = if x.is_finite() { x.clamp(-1.0, 1.0) } else { 0.0 });
        self.frame.resize(FRAME, 0.0);
        let score = self.detector.predict_f32(&self.frame);
        self.frame.clear();
        let now = at(self.samples).0;
        let threshold = if self.since.is_some() { STOPS } else { STARTS };
        if audible && score >= threshold {
            self.since.get_or_insert(now.saturating_sub(FRAME as u64 * 1000 / u64::from(SPEECH_RATE)));
            self.last_voice = now;
        } else if self.since.is_some() && now - self.last_voice >= PAUSE_MS {
            self.close_span();
        }
    }

    fn close_stretch(&mut self) {
        if self.measured > 0 {
            let rms = (self.energy / self.measured as f64).sqrt() as f32;
            self.loudest = self.loudest.max(rms);
        }
        (self.energy, self.measured) = (0.0, 0);
    }

    fn close_span(&mut self) {
        if let Some(since) = self.since.take()
            && self.last_voice >= since + SHORTEST_MS
        {
            self.spans.push(Span::new(Millis(since), Millis(self.last_voice)));
        }
    }
}

/// The stretches of speech in something short enough to be in memory.
pub fn speech_spans(pcm: &Pcm) -> Vec<Span> {
    let mut meter = SpeechMeter::new();
    meter.push(&pcm.0);
    meter.finish().spans
}

fn at(samples: u64) -> Millis {
    Millis(samples * 1000 / u64::from(SPEECH_RATE))
}
