//! Which engines to use: the settings, and the engines they lead to. It reads no environment itself; binaries hand it in.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{Embedder, Narrator, PageRecogniser, Transcriber, Tutor};

use crate::absent::Absent;
use crate::extractive::ExtractiveTutor;
use crate::hashed::HashedEmbedder;
use crate::in_process::{BuiltInEar, BuiltInVoice};
use crate::models::{ModelKind, ModelStore};
use crate::openai::{ApiEmbedder, ChatTranscriber, ChatTutor, Endpoint, Secret, SpeechNarrator, Timeouts, WhisperApiTranscriber};
use crate::tesseract::Tesseract;

/// A server and the model to use on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSettings {
    /// The server's address, with or without `/v1`, such as `http://127.0.0.1:8000`.
    pub url: String,
    /// The model's name as the server knows it.
    #[serde(default)]
    pub model: String,
    /// The key to send with every request; never written out again.
    #[serde(default, skip_serializing)]
    pub key: Option<Secret>,
}

/// How a recognition server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TranscribeMode {
    /// Chat completions with the recording inside, as vLLM serves speech-language models.
    Chat,
    /// `/v1/audio/transcriptions`, as whisper-class servers offer it.
    #[default]
    WhisperApi,
}

/// All engines' settings. With none of them everything stays on this machine and works without a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EngineSettings {
    /// The language model that writes answers; without it the answer is made of the lecture's own sentences.
    pub chat: Option<ServerSettings>,
    /// The tokens that the language model reads.
    pub chat_window: u32,
    /// The server that recognises speech; without it whisper from `whisper_model`, or the built-in ear.
    pub transcribe: Option<ServerSettings>,
    /// How that server is spoken to.
    pub transcribe_mode: TranscribeMode,
    /// The language spoken, as two letters; the server finds out where this is missing.
    pub language: Option<String>,
    /// The server that speaks; without it the built-in voice.
    pub speech: Option<ServerSettings>,
    /// The voice that is used when nobody asks for another; the engine's own where this is missing.
    pub voice: Option<String>,
    /// The server that makes vectors; without it the small model from `minilm`, or hashed words.
    pub embed: Option<ServerSettings>,
    /// The length of that server's vectors; learned from its first answer where this is missing.
    pub embed_dimension: Option<usize>,
    /// A whisper model file in ggml form, as `synapscribe models get` fetches it.
    pub whisper_model: Option<PathBuf>,
    /// A folder with all-MiniLM-L6-v2: `model.safetensors`, `tokenizer.json` and `config.json`.
    pub minilm: Option<PathBuf>,
    /// The tesseract program, which recognises the text of scanned pages; looked for on the path where this is missing.
    pub tesseract: Option<PathBuf>,
    /// The languages of scanned pages, as tesseract names them.
    pub page_languages: String,
    /// Seconds a server may take to its first byte.
    pub first_byte_seconds: u64,
    /// Seconds a server may fall silent in the middle of an answer.
    pub silence_seconds: u64,
}

impl Default for EngineSettings {
    fn default() -> Self {
        let usual = Timeouts::default();
        Self {
            chat: None,
            chat_window: 8192,
            transcribe: None,
            transcribe_mode: TranscribeMode::default(),
            language: None,
            speech: None,
            voice: None,
            embed: None,
            embed_dimension: None,
            whisper_model: None,
            minilm: None,
            tesseract: None,
            page_languages: "eng".to_owned(),
            first_byte_seconds: usual.first.as_secs(),
            silence_seconds: usual.between.as_secs(),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is set to something other than {expected}")]
pub struct SettingError {
    /// The variable's name.
    pub name: &'static str,
    /// What it may be.
    pub expected: &'static str,
}

/// Every variable that [`EngineSettings::from_env`] reads, with its meaning, for documentation and `doctor`.
pub const VARIABLES: &[(&str, &str)] = &[
    ("SYNAPSCRIBE_CHAT_URL", "address of an OpenAI-compatible server that writes answers"),
    ("SYNAPSCRIBE_CHAT_MODEL", "the language model's name on it"),
    ("SYNAPSCRIBE_CHAT_KEY", "its key, if it wants one"),
    ("SYNAPSCRIBE_CHAT_WINDOW", "tokens the model reads (8192)"),
    ("SYNAPSCRIBE_TRANSCRIBE_URL", "address of a server that recognises speech"),
    ("SYNAPSCRIBE_TRANSCRIBE_MODEL", "the model's name on it"),
    ("SYNAPSCRIBE_TRANSCRIBE_KEY", "its key, if it wants one"),
    ("SYNAPSCRIBE_TRANSCRIBE_MODE", "chat or whisper-api (whisper-api)"),
    ("SYNAPSCRIBE_LANGUAGE", "the language spoken, as two letters"),
    ("SYNAPSCRIBE_SPEECH_URL", "address of a server that speaks"),
    ("SYNAPSCRIBE_SPEECH_MODEL", "the model's name on it (tts-1)"),
    ("SYNAPSCRIBE_SPEECH_KEY", "its key, if it wants one"),
    ("SYNAPSCRIBE_SPEECH_VOICE", "the voice to speak with"),
    ("SYNAPSCRIBE_EMBED_URL", "address of a server that makes vectors"),
    ("SYNAPSCRIBE_EMBED_MODEL", "the model's name on it"),
    ("SYNAPSCRIBE_EMBED_KEY", "its key, if it wants one"),
    ("SYNAPSCRIBE_EMBED_DIMENSION", "the length of its vectors"),
    ("SYNAPSCRIBE_WHISPER_MODEL", "a whisper model file in ggml form"),
    ("SYNAPSCRIBE_MINILM", "a folder with all-MiniLM-L6-v2"),
    ("SYNAPSCRIBE_TESSERACT", "the tesseract program, where it is not on the path"),
    ("SYNAPSCRIBE_PAGE_LANGUAGES", "the languages of scanned pages as tesseract names them, such as eng+deu (eng)"),
    ("SYNAPSCRIBE_ENGINE_FIRST_BYTE_SECONDS", "seconds a server may take to its first byte (30)"),
    ("SYNAPSCRIBE_ENGINE_SILENCE_SECONDS", "seconds a server may fall silent in its answer (15)"),
];

impl EngineSettings {
    /// Reads the variables of [`VARIABLES`]; one that is empty counts as not set.
    pub fn from_env(read: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let text = |name: &str| read(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let server = |url: &str, model: &str, key: &str| {
            text(url).map(|url| ServerSettings { url, model: text(model).unwrap_or_default(), key: text(key).map(Secret::new) })
        };
        let number = |name: &'static str| {
            text(name)
                .map(|v| {
                    v.parse::<u32>().ok().filter(|n| *n > 0).ok_or(SettingError { name, expected: "a whole number above 0" })
                })
                .transpose()
        };
        let usual = Self::default();
        Ok(Self {
            chat: server("SYNAPSCRIBE_CHAT_URL", "SYNAPSCRIBE_CHAT_MODEL", "SYNAPSCRIBE_CHAT_KEY"),
            chat_window: number("SYNAPSCRIBE_CHAT_WINDOW")?.unwrap_or(usual.chat_window),
            transcribe: server("SYNAPSCRIBE_TRANSCRIBE_URL", "SYNAPSCRIBE_TRANSCRIBE_MODEL", "SYNAPSCRIBE_TRANSCRIBE_KEY"),
            transcribe_mode: match text("SYNAPSCRIBE_TRANSCRIBE_MODE").as_deref() {
                None | Some("whisper-api") => TranscribeMode::WhisperApi,
                Some("chat") => TranscribeMode::Chat,
                Some(_) => return Err(SettingError { name: "SYNAPSCRIBE_TRANSCRIBE_MODE", expected: "chat or whisper-api" }),
            },
            language: text("SYNAPSCRIBE_LANGUAGE"),
            speech: server("SYNAPSCRIBE_SPEECH_URL", "SYNAPSCRIBE_SPEECH_MODEL", "SYNAPSCRIBE_SPEECH_KEY"),
            voice: text("SYNAPSCRIBE_SPEECH_VOICE"),
            embed: server("SYNAPSCRIBE_EMBED_URL", "SYNAPSCRIBE_EMBED_MODEL", "SYNAPSCRIBE_EMBED_KEY"),
            embed_dimension: number("SYNAPSCRIBE_EMBED_DIMENSION")?.map(|n| n as usize),
            whisper_model: text("SYNAPSCRIBE_WHISPER_MODEL").map(PathBuf::from),
            minilm: text("SYNAPSCRIBE_MINILM").map(PathBuf::from),
            tesseract: text("SYNAPSCRIBE_TESSERACT").map(PathBuf::from),
            page_languages: text("SYNAPSCRIBE_PAGE_LANGUAGES").unwrap_or(usual.page_languages),
            first_byte_seconds: number("SYNAPSCRIBE_ENGINE_FIRST_BYTE_SECONDS")?.map_or(usual.first_byte_seconds, u64::from),
            silence_seconds: number("SYNAPSCRIBE_ENGINE_SILENCE_SECONDS")?.map_or(usual.silence_seconds, u64::from),
        })
    }

    /// Adds the models that are on this machine where the settings name none: those chosen in the host's data folder, then the
    /// small embedding model in the user's cache folder, where the set-up puts it. Every program that answers for the host has
    /// to use this, or its vectors lie in another space than the lectures'.
    pub fn with_found_models(mut self, data: &Path, cache: Option<&Path>) -> Self {
        let chosen = ModelStore::in_data_folder(data);
        if let Err(fault) = chosen.sound() {
            tracing::warn!(code = fault.code.as_str(), "models of one's own are left out: {}", fault.message);
        }
        self.whisper_model = self.whisper_model.or_else(|| chosen.in_use(ModelKind::Ear));
        self.minilm = self.minilm.or_else(|| chosen.in_use(ModelKind::Meaning)).or_else(|| {
            let fetched = cache?.join("synapscribe/models/all-MiniLM-L6-v2");
            fetched.join("model.safetensors").is_file().then_some(fetched)
        });
        self
    }

    fn endpoint(&self, server: &ServerSettings, usual_model: &str) -> Endpoint {
        Endpoint {
            url: server.url.clone(),
            model: if server.model.is_empty() { usual_model.to_owned() } else { server.model.clone() },
            key: server.key.clone(),
            timeouts: Timeouts::from(self),
        }
    }
}

/// How long a server of these settings may take to its first byte, and fall silent after it.
impl From<&EngineSettings> for Timeouts {
    fn from(settings: &EngineSettings) -> Self {
        Self {
            first: Duration::from_secs(settings.first_byte_seconds),
            between: Duration::from_secs(settings.silence_seconds),
            ..Self::default()
        }
    }
}

/// The engines in use.
#[derive(Clone)]
pub struct Engines {
    /// The ear.
    pub transcriber: Arc<dyn Transcriber>,
    /// What answers.
    pub tutor: Arc<dyn Tutor>,
    /// The voice.
    pub narrator: Arc<dyn Narrator>,
    /// What compares meanings, if anything does.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// What recognises the text of scanned pages.
    pub recogniser: Arc<dyn PageRecogniser>,
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engines")
            .field("transcriber", &self.transcriber.card())
            .field("tutor", &self.tutor.card())
            .field("narrator", &self.narrator.card())
            .field("embedder", &self.embedder.as_ref().map(|e| e.card()))
            .field("recogniser", &self.recogniser.card())
            .finish()
    }
}

/// The engines that the settings name, and built-in ones where they name none. A setting that cannot work fails here; a built-in
/// engine whose library is not installed, and a whisper model that cannot be read, say so when they are used, so that everything else
/// works.
pub fn build(settings: &EngineSettings) -> Result<Engines, Failure> {
    Ok(Engines {
        transcriber: transcriber(settings)?,
        tutor: tutor(settings)?,
        narrator: narrator(settings)?,
        embedder: Some(embedder(settings)?),
        recogniser: Arc::new(Tesseract::new(settings.tesseract.clone(), &settings.page_languages)),
    })
}

fn transcriber(settings: &EngineSettings) -> Result<Arc<dyn Transcriber>, Failure> {
    if let Some(server) = &settings.transcribe {
        return Ok(match settings.transcribe_mode {
            TranscribeMode::Chat => Arc::new(ChatTranscriber::new(settings.endpoint(server, "Qwen/Qwen2.5-Omni-7B"))?),
            TranscribeMode::WhisperApi => {
                Arc::new(WhisperApiTranscriber::new(settings.endpoint(server, "whisper-1"), settings.language.clone())?)
            }
        });
    }
    if let Some(model) = &settings.whisper_model {
        // Listening by another ear than the one that was chosen would only show in what was misheard.
        let absent = |why: Failure| Arc::new(Absent::new(Failure::new(Code::EngineMissing, why.message))) as Arc<dyn Transcriber>;
        return Ok(whisper(model, settings).unwrap_or_else(absent));
    }
    Ok(match BuiltInEar::open() {
        Ok(ear) => Arc::new(ear),
        Err(why) => Arc::new(Absent::new(why)),
    })
}

#[cfg(feature = "whisper")]
fn whisper(model: &Path, settings: &EngineSettings) -> Result<Arc<dyn Transcriber>, Failure> {
    Ok(Arc::new(crate::whisper::WhisperTranscriber::open(model, settings.language.clone())?))
}

#[cfg(not(feature = "whisper"))]
fn whisper(_: &Path, _: &EngineSettings) -> Result<Arc<dyn Transcriber>, Failure> {
    Err(Failure::new(
        Code::EngineMissing,
        "a whisper model is set, but this program was built without whisper; build it with the feature whisper, or unset the model",
    ))
}

fn tutor(settings: &EngineSettings) -> Result<Arc<dyn Tutor>, Failure> {
    Ok(match &settings.chat {
        Some(server) if server.model.is_empty() => {
            return Err(Failure::new(
                Code::EngineMissing,
                "a language model server is set, but no model; set its name too (SYNAPSCRIBE_CHAT_MODEL)",
            ));
        }
        Some(server) => Arc::new(ChatTutor::new(settings.endpoint(server, ""), settings.chat_window)?),
        None => Arc::new(ExtractiveTutor),
    })
}

fn narrator(settings: &EngineSettings) -> Result<Arc<dyn Narrator>, Failure> {
    if let Some(server) = &settings.speech {
        let voice = settings.voice.clone().unwrap_or_else(|| "alloy".to_owned());
        return Ok(Arc::new(SpeechNarrator::new(settings.endpoint(server, "tts-1"), voice)?));
    }
    let voice = match BuiltInVoice::open(settings.voice.as_deref()) {
        Ok(voice) => voice,
        Err(why) => return Ok(Arc::new(Absent::new(why))),
    };
    let known: Vec<String> = voice.voices().into_iter().map(|card| card.name).collect();
    match &settings.voice {
        Some(wanted) if !known.contains(wanted) => Err(Failure::new(
            Code::EngineMissing,
            format!("there is no voice “{wanted}” built in; set SYNAPSCRIBE_SPEECH_VOICE to one of {}", known.join(", ")),
        )),
        _ => Ok(Arc::new(voice)),
    }
}

fn embedder(settings: &EngineSettings) -> Result<Arc<dyn Embedder>, Failure> {
    if let Some(server) = &settings.embed {
        if server.model.is_empty() {
            return Err(Failure::new(
                Code::EngineMissing,
                "an embedding server is set, but no model; set its name too (SYNAPSCRIBE_EMBED_MODEL)",
            ));
        }
        return Ok(Arc::new(ApiEmbedder::new(settings.endpoint(server, ""), settings.embed_dimension)?));
    }
    match &settings.minilm {
        Some(folder) => minilm(folder),
        None => Ok(Arc::new(HashedEmbedder)),
    }
}

#[cfg(feature = "minilm")]
fn minilm(folder: &Path) -> Result<Arc<dyn Embedder>, Failure> {
    Ok(Arc::new(crate::minilm::MiniLm::open(folder)?))
}

#[cfg(not(feature = "minilm"))]
fn minilm(_: &Path) -> Result<Arc<dyn Embedder>, Failure> {
    tracing::warn!("this program was built without the small embedding model; hashed words are used instead");
    Ok(Arc::new(HashedEmbedder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &'static [(&'static str, &'static str)]) -> Result<EngineSettings, SettingError> {
        EngineSettings::from_env(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn nothing_set_means_everything_stays_here() {
        let settings = read(&[("SYNAPSCRIBE_CHAT_URL", " ")]).unwrap();
        assert_eq!(settings, EngineSettings::default());
        let engines = build(&settings).unwrap();
        let cards = [engines.transcriber.card(), engines.tutor.card(), engines.narrator.card(), engines.embedder.unwrap().card()];
        assert!(cards.iter().all(|c| c.sends_to.is_none()), "{cards:?}");
    }

    #[test]
    fn servers_are_chosen_by_their_variables() {
        let settings = read(&[
            ("SYNAPSCRIBE_CHAT_URL", "http://gpu.example.edu:8000"),
            ("SYNAPSCRIBE_CHAT_MODEL", "qwen"),
            ("SYNAPSCRIBE_CHAT_KEY", "sk-secret"),
            ("SYNAPSCRIBE_CHAT_WINDOW", "32768"),
            ("SYNAPSCRIBE_TRANSCRIBE_URL", "http://127.0.0.1:8000"),
            ("SYNAPSCRIBE_TRANSCRIBE_MODE", "chat"),
            ("SYNAPSCRIBE_SPEECH_URL", "http://127.0.0.1:8001"),
            ("SYNAPSCRIBE_SPEECH_VOICE", "nova"),
            ("SYNAPSCRIBE_EMBED_URL", "http://127.0.0.1:8002"),
            ("SYNAPSCRIBE_EMBED_MODEL", "bge"),
        ])
        .unwrap();
        let engines = build(&settings).unwrap();
        assert_eq!(engines.tutor.card().sends_to.as_deref(), Some("gpu.example.edu:8000"));
        assert_eq!(engines.tutor.window(), Some(32_768));
        assert_eq!(engines.transcriber.card().name, "speech recognition by chat");
        assert_eq!(engines.narrator.voices()[0].name, "nova");
        assert_eq!(engines.embedder.unwrap().card().model, "bge");
        assert!(!serde_json::to_string(&settings).unwrap().contains("sk-secret"));
        assert!(!format!("{settings:?}").contains("sk-secret"));
    }

    #[test]
    fn models_on_this_machine_are_found_and_settings_go_first() {
        let (data, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let found = |settings: EngineSettings| settings.with_found_models(data.path(), Some(cache.path()));
        assert_eq!(found(EngineSettings::default()), EngineSettings::default());

        let fetched = cache.path().join("synapscribe/models/all-MiniLM-L6-v2");
        std::fs::create_dir_all(&fetched).unwrap();
        std::fs::write(fetched.join("model.safetensors"), "").unwrap();
        assert_eq!(found(EngineSettings::default()).minilm, Some(fetched));

        let models = data.path().join("models");
        for card in crate::models::catalogue().into_iter().filter(|c| ["whisper-tiny.en", "all-minilm-l6-v2"].contains(&&*c.name))
        {
            for file in &card.files {
                let path = models.join(&card.name).join(&file.name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::File::create(path).unwrap().set_len(file.bytes).unwrap();
            }
            ModelStore::in_data_folder(data.path()).choose(&card.name).unwrap();
        }
        let chosen = found(EngineSettings::default());
        assert_eq!(chosen.whisper_model, Some(models.join("whisper-tiny.en/ggml-tiny.en.bin")));
        assert_eq!(chosen.minilm, Some(models.join("all-minilm-l6-v2")));
        let named = EngineSettings { minilm: Some("/m".into()), ..EngineSettings::default() };
        assert_eq!(found(named).minilm, Some("/m".into()));
    }

    #[test]
    fn a_whisper_model_that_cannot_be_read_keeps_nothing_else_from_working() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("mine.bin");
        std::fs::write(&model, "no model").unwrap();
        let engines = build(&EngineSettings { whisper_model: Some(model), ..EngineSettings::default() }).unwrap();
        let missing = engines.transcriber.card().missing.unwrap();
        assert!(missing.contains("whisper"), "{missing}");
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        assert_eq!(read(&[("SYNAPSCRIBE_CHAT_WINDOW", "big")]).unwrap_err().name, "SYNAPSCRIBE_CHAT_WINDOW");
        assert_eq!(
            read(&[("SYNAPSCRIBE_TRANSCRIBE_MODE", "x")]).unwrap_err().to_string(),
            "SYNAPSCRIBE_TRANSCRIBE_MODE is set to something other than chat or whisper-api"
        );
        let no_model = build(&read(&[("SYNAPSCRIBE_CHAT_URL", "http://localhost:1")]).unwrap()).unwrap_err();
        assert!(no_model.message.contains("SYNAPSCRIBE_CHAT_MODEL"));
        let no_address = build(&read(&[("SYNAPSCRIBE_SPEECH_URL", "localhost:1")]).unwrap()).unwrap_err();
        assert_eq!(no_address.code, Code::EngineMissing);
    }
}
