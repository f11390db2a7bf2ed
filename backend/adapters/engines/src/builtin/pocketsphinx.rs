//! The built-in ear: English speech to timed words through the pocketsphinx library, expecting a lecture's own words; knows no storage.

use std::path::PathBuf;
use std::sync::Arc;

use synapscribe_domain::{Code, Failure, Pcm, Phrase};

use super::lecture_words::LectureWords;

#[cfg(all(unix, feature = "pocketsphinx"))]
mod decoders;
#[cfg(all(unix, feature = "pocketsphinx"))]
mod lexicon;
#[cfg(all(unix, feature = "pocketsphinx"))]
mod native;
#[cfg(all(unix, feature = "pocketsphinx"))]
mod recogniser;

#[cfg(not(all(unix, feature = "pocketsphinx")))]
mod recogniser {
    //! Stands in where the ear was left out at build time: there is never an instance of it.
    use std::sync::Arc;
    use synapscribe_domain::{Failure, Pcm, Phrase};

    #[derive(Debug)]
    pub enum Recogniser {}

    impl Recogniser {
        pub fn open(_: super::Settings) -> Result<Self, Failure> {
            Err(super::missing("this build has no built-in recogniser"))
        }
        pub fn decoders(&self) -> usize {
            match *self {}
        }
        pub fn warm(&self, _: Option<&Arc<super::LectureWords>>) -> Result<(), Failure> {
            match *self {}
        }
        pub fn recognise(
            &self,
            _: &Pcm,
            _: Option<&Arc<super::LectureWords>>,
            _: &dyn Fn() -> bool,
        ) -> Result<Vec<Phrase>, Failure> {
            match *self {}
        }
        pub fn listen(
            self: &Arc<Self>,
            _: Option<&Arc<super::LectureWords>>,
            _: &dyn Fn() -> bool,
        ) -> Result<Listening, Failure> {
            match **self {}
        }
    }

    #[derive(Debug)]
    pub enum Listening {}

    impl Listening {
        pub fn hear(&mut self, _: &[f32]) -> Result<Option<String>, Failure> {
            match *self {}
        }
        pub fn finish(self, _: &dyn Fn() -> bool) -> Result<Vec<Phrase>, Failure> {
            match self {}
        }
    }
}

/// Where the models are and how they are used.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder that holds the acoustic model, the dictionary and the general language model.
    pub models: PathBuf,
    /// How much the lecture's own words count against general English, 0 to 1.
    pub own_weight: f32,
    /// How many recordings are worked on at once; each decoder takes about 70 MB.
    pub decoders: usize,
    /// Below this many decibels of speech over noise the recording is cleaned first.
    pub denoise_below: f32,
    /// Single settings of the library that differ from its defaults, by name.
    pub numbers: Vec<(String, f64)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            models: PathBuf::from("/usr/share/pocketsphinx/model/en-us"),
            own_weight: 0.6,
            decoders: std::thread::available_parallelism().map_or(1, usize::from),
            denoise_below: 25.0,
            // The general model weighs 8.5 in the second pass; with a lecture's own words that drowns what was said.
            numbers: vec![("-fwdflatlw".into(), 7.0)],
        }
    }
}

/// The recogniser with its pool of decoders. Cloning is cheap and shares everything.
#[derive(Debug, Clone)]
pub struct Ear(Arc<recogniser::Recogniser>);

impl Ear {
    /// Finds the library and the models, without reading them yet; fails with `engine_missing` and the packages to install.
    pub fn open(settings: Settings) -> Result<Self, Failure> {
        recogniser::Recogniser::open(settings).map(|inner| Self(Arc::new(inner)))
    }

    /// How many recordings it works on at once.
    pub fn decoders(&self) -> usize {
        self.0.decoders()
    }

    /// Builds a decoder for a lecture so that its first question need not wait; takes about a fifth of a second.
    pub fn warm(&self, lecture: Option<&Arc<LectureWords>>) -> Result<(), Failure> {
        self.0.warm(lecture)
    }

    /// Recognises a whole recording. Phrases end at pauses; times count from the start of the recording. Asked between stretches of
    /// at most 12 s, `cancelled` ends the work with `Cancelled`.
    pub fn recognise(
        &self,
        audio: &Pcm,
        lecture: Option<&Arc<LectureWords>>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<Phrase>, Failure> {
        self.0.recognise(audio, lecture, cancelled)
    }

    /// Begins to listen to a recording that is still being made; waits for a decoder when all are busy.
    pub fn listen(&self, lecture: Option<&Arc<LectureWords>>, cancelled: &dyn Fn() -> bool) -> Result<Listening, Failure> {
        self.0.listen(lecture, cancelled).map(Listening)
    }
}

/// A recording being heard while it is made.
pub struct Listening(recogniser::Listening);

impl Listening {
    /// Takes the next samples and returns the words so far.
    pub fn hear(&mut self, samples: &[f32]) -> Result<Option<String>, Failure> {
        self.0.hear(samples)
    }

    /// The recording has ended: the words, with times.
    pub fn finish(self, cancelled: &dyn Fn() -> bool) -> Result<Vec<Phrase>, Failure> {
        self.0.finish(cancelled)
    }
}

fn missing(what: &str) -> Failure {
    Failure::new(
        Code::EngineMissing,
        format!("{what}; install its packages (apt install libpocketsphinx3 pocketsphinx-en-us) or choose another recogniser"),
    )
}
