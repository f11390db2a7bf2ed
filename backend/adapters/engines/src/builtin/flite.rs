//! The built-in voice: English text to speech through the flite library, on this machine; knows nothing of answers or lectures.

use std::ops::ControlFlow;

use synapscribe_domain::{Code, Failure, Pcm};

use super::spoken;

#[cfg(all(unix, feature = "flite"))]
mod native;

#[cfg(not(all(unix, feature = "flite")))]
mod native {
    //! Stands in where the voice was left out at build time: there is never an instance of it.
    use std::ops::ControlFlow;
    use synapscribe_domain::Failure;

    #[derive(Debug, Clone, Copy)]
    pub enum Native {}

    impl Native {
        pub fn load() -> Result<Self, Failure> {
            Err(super::missing("this build has no built-in voice"))
        }
        pub fn has(self, _: super::Voice) -> bool {
            match self {}
        }
        pub fn synthesise(
            self,
            _: super::Voice,
            _: &str,
            _: f32,
            _: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
        ) -> Result<ControlFlow<()>, Failure> {
            match self {}
        }
        pub fn lookup(self, _: &str) -> Vec<String> {
            match self {}
        }
    }
}

/// The voices, clearest to a recogniser first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Voice {
    /// A woman from the United States; the one to take when nobody asks.
    Slt,
    /// A man from the United States.
    Rms,
    /// A man from Scotland.
    Awb,
    /// An older, faster diphone voice.
    Kal16,
}

impl Voice {
    /// All of them.
    pub const ALL: [Voice; 4] = [Voice::Slt, Voice::Rms, Voice::Awb, Voice::Kal16];

    /// The name it is chosen by.
    pub fn name(self) -> &'static str {
        match self {
            Voice::Slt => "slt",
            Voice::Rms => "rms",
            Voice::Awb => "awb",
            Voice::Kal16 => "kal16",
        }
    }

    /// A few words about it for people.
    pub fn description(self) -> &'static str {
        match self {
            Voice::Slt => "a woman from the United States",
            Voice::Rms => "a man from the United States",
            Voice::Awb => "a man from Scotland",
            Voice::Kal16 => "an older, faster voice with a robot's charm",
        }
    }

    /// The voice of this name.
    pub fn from_name(name: &str) -> Option<Voice> {
        Voice::ALL.into_iter().find(|voice| voice.name() == name)
    }
}

/// How fast to speak: 1 is the voice's own pace, from half to twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed(f32);

impl Speed {
    /// The voice's own pace.
    pub const NORMAL: Speed = Speed(1.0);

    /// Brings any number into the range; what is not a number is the normal pace.
    pub fn new(factor: f32) -> Self {
        Self(if factor.is_finite() { factor.clamp(0.5, 2.0) } else { 1.0 })
    }
}

/// The longest stretch that is synthesised in one go, in bytes of plain text: about 15 seconds.
const BREATH: usize = 220;
/// Words that the library would read letter by letter because it takes their consonants for unspeakable, as it can read them.
const RESPELT: [(&str, &str); 5] = [
    ("thousandth", "thousanth"),
    ("thousandths", "thousanths"),
    ("twelfths", "twelths"),
    ("mnemonic", "nemonic"),
    ("mnemonics", "nemonics"),
];
/// Samples a millisecond.
const PER_MS: usize = 16;
/// Quieter than this is the silence that the engine puts around every utterance.
const QUIET: f32 = 0.008;
/// What is kept of the silence before the first sound; without the cut every piece would start 200 ms late.
const LEAD_MS: usize = 10;
/// The same where somebody waits to hear it: what comes before is much softer yet, and nobody hears it.
const SOON_MS: usize = 4;
/// The pause kept after a sentence, and after a clause.
const SENTENCE_PAUSE_MS: usize = 260;
const CLAUSE_PAUSE_MS: usize = 110;

/// The voice library, loaded once for the whole process and shared by all threads.
#[derive(Debug, Clone, Copy)]
pub struct Flite(native::Native);

impl Flite {
    /// Opens the library; fails with `engine_missing` and the name of the package when it is not installed.
    pub fn load() -> Result<Self, Failure> {
        native::Native::load().map(Self)
    }

    /// The voices that are installed.
    pub fn voices(self) -> Vec<Voice> {
        Voice::ALL.into_iter().filter(|voice| self.0.has(*voice)).collect()
    }

    /// Fails with `engine_missing` when the voice is not installed.
    pub fn check(self, voice: Voice) -> Result<(), Failure> {
        if self.0.has(voice) { Ok(()) } else { Err(missing(&format!("the voice {} is not installed", voice.name()))) }
    }

    /// Speaks a text and hands the sound over as it is made, a twentieth of a second at a time, 16 kHz mono. The sink stops the
    /// voice with `Break`, also in the middle of a word; the answer tells whether it did.
    pub fn speak_into(
        self,
        text: &str,
        voice: Voice,
        speed: Speed,
        sink: &mut dyn FnMut(&[f32]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Failure> {
        self.say(text, voice, speed, SOON_MS * PER_MS, sink)
    }

    fn say(
        self,
        text: &str,
        voice: Voice,
        speed: Speed,
        lead: usize,
        sink: &mut dyn FnMut(&[f32]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Failure> {
        let plain = respell(&spoken::say(text));
        for breath in spoken::breaths(&plain, BREATH) {
            let pause = if breath.ends_with(['.', '!', '?']) { SENTENCE_PAUSE_MS } else { CLAUSE_PAUSE_MS };
            let mut trim = Trim::new(lead, pause * PER_MS);
            let flow = self.0.synthesise(voice, breath, 1.0 / speed.0, &mut |samples| {
                let heard = trim.push(samples);
                if heard.is_empty() { ControlFlow::Continue(()) } else { sink(heard) }
            })?;
            if flow.is_break() || sink(&trim.finish()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Speaks a text to the end.
    pub fn speak(self, text: &str, voice: Voice, speed: Speed) -> Result<Pcm, Failure> {
        let mut pcm = Vec::new();
        let _ = self.say(text, voice, speed, LEAD_MS * PER_MS, &mut |samples| {
            pcm.extend_from_slice(samples);
            ControlFlow::Continue(())
        })?;
        Ok(Pcm(pcm))
    }

    /// How a word is pronounced, in the phones of the recogniser's dictionary; empty when it holds no letter.
    /// `spelled` reads it letter by letter, as a short form in capitals.
    pub fn pronounce(self, word: &str, spelled: bool) -> Vec<String> {
        let word: String =
            word.chars().filter(|c| c.is_ascii_alphabetic() || *c == '\'').collect::<String>().to_ascii_lowercase();
        if spelled || word.len() == 1 {
            return word.chars().flat_map(letter).map(|phone| (*phone).to_owned()).collect();
        }
        // The letter rules know no apostrophe: the ending is added by the rule that English uses.
        let (stem, possessive) = match word.strip_suffix("'s") {
            Some(stem) => (stem.to_owned(), true),
            None => (word, false),
        };
        let mut phones = self.0.lookup(&respell(&stem.replace('\'', "")));
        if possessive && let Some(last) = phones.last() {
            let ending: &[&str] = match last.as_str() {
                "S" | "Z" | "SH" | "ZH" | "CH" | "JH" => &["IH", "Z"],
                "P" | "T" | "K" | "F" | "TH" => &["S"],
                _ => &["Z"],
            };
            phones.extend(ending.iter().map(|phone| (*phone).to_owned()));
        }
        phones
    }
}

fn respell(plain: &str) -> String {
    let respelt = |word: &str| {
        let lower = word.to_ascii_lowercase();
        RESPELT.iter().find(|(from, _)| *from == lower).map_or_else(|| word.to_owned(), |(_, to)| (*to).to_owned())
    };
    let mut out = String::with_capacity(plain.len());
    for token in plain.split_inclusive(|c: char| !c.is_ascii_alphabetic()) {
        let word = token.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        out.push_str(&respelt(word));
        out.push_str(&token[word.len()..]);
    }
    out
}

fn missing(what: &str) -> Failure {
    Failure::new(
        Code::EngineMissing,
        format!("{what}; install the package libflite1 (apt install libflite1) or choose another voice"),
    )
}

/// The name of a letter in phones.
fn letter(c: char) -> &'static [&'static str] {
    match c {
        'a' => &["EY"],
        'b' => &["B", "IY"],
        'c' => &["S", "IY"],
        'd' => &["D", "IY"],
        'e' => &["IY"],
        'f' => &["EH", "F"],
        'g' => &["JH", "IY"],
        'h' => &["EY", "CH"],
        'i' => &["AY"],
        'j' => &["JH", "EY"],
        'k' => &["K", "EY"],
        'l' => &["EH", "L"],
        'm' => &["EH", "M"],
        'n' => &["EH", "N"],
        'o' => &["OW"],
        'p' => &["P", "IY"],
        'q' => &["K", "Y", "UW"],
        'r' => &["AA", "R"],
        's' => &["EH", "S"],
        't' => &["T", "IY"],
        'u' => &["Y", "UW"],
        'v' => &["V", "IY"],
        'w' => &["D", "AH", "B", "AH", "L", "Y", "UW"],
        'x' => &["EH", "K", "S"],
        'y' => &["W", "AY"],
        'z' => &["Z", "IY"],
        _ => &[],
    }
}

/// Cuts the engine's silence before the first sound, and turns the silence at the end into a pause of known length.
struct Trim {
    started: bool,
    /// Quiet samples that may be the end, or may be a stop inside a word.
    held: Vec<f32>,
    out: Vec<f32>,
    lead: usize,
    pause: usize,
}

impl Trim {
    fn new(lead: usize, pause: usize) -> Self {
        Self { started: false, held: Vec::new(), out: Vec::new(), lead, pause }
    }

    fn push(&mut self, samples: &[i16]) -> &[f32] {
        self.out.clear();
        for sample in samples {
            let sample = f32::from(*sample) / 32_768.0;
            self.held.push(sample);
            if sample.abs() >= QUIET {
                if !self.started {
                    self.started = true;
                    let spare = self.held.len().saturating_sub(self.lead);
                    self.held.drain(..spare);
                }
                self.out.append(&mut self.held);
            }
        }
        &self.out
    }

    fn finish(mut self) -> Vec<f32> {
        if self.started {
            self.held.resize(self.pause, 0.0);
        } else {
            self.held.clear();
        }
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_around_speech_is_cut_and_a_pause_of_known_length_follows() {
        let mut trim = Trim::new(40, 100);
        assert!(trim.push(&[0; 4000]).is_empty());
        let heard = trim.push(&[8000; 10]).len();
        assert_eq!(heard, 40 + 9);
        assert!(trim.push(&[0; 50]).is_empty());
        assert_eq!(trim.push(&[8000; 1]).len(), 51);
        assert!(trim.push(&[0; 5000]).is_empty());
        assert_eq!(trim.finish().len(), 100);
    }

    #[test]
    fn words_that_would_be_spelt_out_are_respelt() {
        assert_eq!(respell("One thousandth, a Mnemonic. So"), "One thousanth, a nemonic. So");
    }

    #[test]
    fn a_voice_is_found_by_its_name() {
        for voice in Voice::ALL {
            assert_eq!(Voice::from_name(voice.name()), Some(voice));
        }
        assert_eq!(Voice::from_name("hal"), None);
        assert_eq!(Speed::new(f32::NAN), Speed::NORMAL);
        assert_eq!(Speed::new(9.0), Speed(2.0));
    }
}
