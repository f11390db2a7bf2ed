//! Whisper in this process, from a model file; knows nothing of where the file came from.

use std::ffi::c_void;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Code, Failure, Millis, Pcm, Phrase, Span, Usage};
use synapscribe_ports::{Bias, EngineCard, Transcriber, Transcript};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState};

use crate::in_process::unless;
use crate::openai::{is_silent, spoken, vocabulary};

/// The first bytes of every model file in ggml form.
const MAGIC: [u8; 4] = *b"lmgg";
/// Whisper reads at most 224 tokens of prompt.
const PROMPT_CHARS: usize = 600;
/// A shorter recording is filled up with silence, as the model wants at least a second.
const LEAST_SAMPLES: usize = SPEECH_RATE as usize * 11 / 10;

/// Recognises by whisper; the model is read when it is first used.
#[derive(Clone)]
pub struct WhisperTranscriber {
    model: PathBuf,
    language: Option<String>,
    /// The model's memory, which one recording uses at a time; all cores work on it.
    state: Arc<OnceCell<Arc<Mutex<WhisperState>>>>,
}

impl WhisperTranscriber {
    /// Looks at the file without reading all of it. `language` is a two-letter code, or nothing to find out.
    pub fn open(model: &Path, language: Option<String>) -> Result<Self, Failure> {
        let mut magic = [0; 4];
        let mut file = std::fs::File::open(model).map_err(|_| missing(model))?;
        if file.read_exact(&mut magic).is_err() || magic != MAGIC {
            return Err(damaged(model));
        }
        // Models that know English only are told so, which they need.
        let english = model.file_name().is_some_and(|n| n.to_string_lossy().contains(".en"));
        let language = if english { Some("en".to_owned()) } else { language };
        Ok(Self { model: model.to_owned(), language, state: Arc::default() })
    }

    async fn state(&self) -> Result<Arc<Mutex<WhisperState>>, Failure> {
        let read = || async {
            let model = self.model.clone();
            let work = tokio::task::spawn_blocking(move || {
                // Without the hook the library writes its log to the terminal.
                whisper_rs::install_logging_hooks();
                let context =
                    WhisperContext::new_with_params(&model, WhisperContextParameters::default()).map_err(|_| damaged(&model))?;
                let state = context.create_state().map_err(|_| {
                    Failure::new(Code::EngineFailed, "there is not enough memory for the whisper model; choose a smaller one")
                })?;
                Ok(Arc::new(Mutex::new(state)))
            });
            work.await.map_err(|_| Failure::internal())?
        };
        self.state.get_or_try_init(read).await.cloned()
    }
}

#[async_trait]
impl Transcriber for WhisperTranscriber {
    fn card(&self) -> EngineCard {
        let name = self.model.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        EngineCard::local("whisper (in this process)", &name)
    }

    async fn warm(&self, _bias: &Bias) {
        if let Err(failure) = self.state().await {
            tracing::warn!(code = failure.code.as_str(), "the whisper model could not be prepared");
        }
    }

    async fn transcribe(&self, audio: Pcm, bias: &Bias, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        if cancel.is_cancelled() {
            return Err(Failure::new(Code::Cancelled, "the recognition was stopped"));
        }
        if is_silent(&audio.0) {
            return Ok(Transcript::default());
        }
        let state = self.state().await?;
        let stop = cancel.child_token();
        // Whoever stops waiting for the words also stops the work.
        let _guard = stop.clone().drop_guard();
        let (language, prompt) = (self.language.clone(), vocabulary(&bias.text, PROMPT_CHARS));
        let work = tokio::task::spawn_blocking(move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            recognise(&mut state, audio, language.as_deref(), &prompt, &stop)
        });
        unless(cancel, work).await
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

fn recognise(
    state: &mut WhisperState,
    audio: Pcm,
    language: Option<&str>,
    prompt: &str,
    stop: &CancellationToken,
) -> Result<Transcript, Failure> {
    let length = audio.length();
    let mut samples = audio.0;
    samples.resize(samples.len().max(LEAST_SAMPLES), 0.0);
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    params.set_n_threads(std::thread::available_parallelism().map_or(2, usize::from).min(8) as i32);
    params.set_language(language);
    params.set_initial_prompt(&prompt.replace('\0', ""));
    params.set_print_special(false);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_timestamps(false);
    params.set_suppress_blank(true);
    params.set_suppress_nst(true);
    // SAFETY: the pointer is to `stop`, which outlives the call to `full` below that alone uses it; the callback only reads it.
    unsafe {
        params.set_abort_callback(Some(is_stopped));
        params.set_abort_callback_user_data(std::ptr::from_ref(stop).cast_mut().cast());
    }
    let done = state.full(params, &samples);
    if stop.is_cancelled() {
        return Err(Failure::new(Code::Cancelled, "the recognition was stopped"));
    }
    done.map_err(|_| {
        Failure::new(Code::EngineFailed, "whisper could not read the recording; try again, or choose another model")
    })?;
    let phrases = state.as_iter().filter_map(|segment| {
        let text = segment.to_str_lossy().ok()?;
        let text = spoken(&text);
        let probabilities: Vec<f32> =
            (0..segment.n_tokens()).filter_map(|n| segment.get_token(n)).map(|t| t.token_probability()).collect();
        let confidence = probabilities.iter().sum::<f32>() / probabilities.len().max(1) as f32;
        if text.is_empty() || (segment.no_speech_probability() > 0.6 && confidence < 0.4) {
            return None;
        }
        // Times are hundredths of a second.
        let at = |hundredths: i64| Millis(hundredths.max(0) as u64 * 10).min(length);
        let span = Span::new(at(segment.start_timestamp()), at(segment.end_timestamp()));
        Some(Phrase { confidence, ..Phrase::trusted(span, text) })
    });
    Ok(Transcript { phrases: phrases.collect(), usage: Usage { audio_in_ms: length.0, ..Usage::default() } })
}

/// Asked by the library between its steps.
unsafe extern "C" fn is_stopped(token: *mut c_void) -> bool {
    // SAFETY: `recognise` passes a pointer to a token that lives until the library returns.
    let token = unsafe { &*token.cast::<CancellationToken>() };
    token.is_cancelled()
}

fn missing(model: &Path) -> Failure {
    Failure::new(
        Code::EngineMissing,
        format!("there is no whisper model at {}; fetch one with `synapscribe models get whisper-base.en`", model.display()),
    )
}

fn damaged(model: &Path) -> Failure {
    Failure::new(
        Code::EngineFailed,
        format!(
            "the file {} is damaged or no whisper model; name another one (SYNAPSCRIBE_WHISPER_MODEL), or, where it was fetched with \
             `synapscribe models get`, delete it and fetch it again",
            model.display()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_or_something_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ggml-tiny.en.bin");
        let failure = WhisperTranscriber::open(&path, None).err().unwrap();
        assert_eq!(failure.code, Code::EngineMissing);
        assert!(failure.message.contains("ggml-tiny.en.bin") && failure.message.contains("models get"));
        std::fs::write(&path, b"<html>not found</html>").unwrap();
        assert_eq!(WhisperTranscriber::open(&path, None).err().unwrap().code, Code::EngineFailed);
    }

    /// A model file of the smallest kind without weights, which the library takes for a model to test with; what follows the words
    /// stands where the weights would.
    fn write_model(path: &Path, rest: &[u8]) {
        let mut bytes = MAGIC.to_vec();
        let mut number = |n: i32| bytes.extend(n.to_le_bytes());
        // Words, then the audio side and the text side (context, width, heads, layers), mel bands, number format.
        [51_864, 1500, 384, 6, 4, 448, 384, 6, 4, 80, 1].into_iter().for_each(&mut number);
        number(80);
        number(201);
        bytes.extend(std::iter::repeat_n(0u8, 80 * 201 * 4));
        bytes.extend(50_257i32.to_le_bytes());
        for n in 0..50_257u32 {
            let word = format!(" {n}");
            bytes.extend((word.len() as u32).to_le_bytes());
            bytes.extend(word.bytes());
        }
        bytes.extend(rest);
        std::fs::write(path, bytes).unwrap();
    }

    fn hum(seconds: usize) -> Pcm {
        Pcm((0..seconds * 16_000).map(|n| (n as f32 / 10.0).sin() * 0.2).collect())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_model_with_damaged_weights_is_named_when_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ggml-tiny.en.bin");
        // One weight of one dimension with a name that no model has.
        let rest = [&1i32.to_le_bytes()[..], &7i32.to_le_bytes(), &0i32.to_le_bytes(), &4i32.to_le_bytes(), b"damaged", &[0; 16]]
            .concat();
        write_model(&path, &rest);
        let ear = WhisperTranscriber::open(&path, None).unwrap();
        let failure = ear.transcribe(hum(1), &Bias::default(), &CancellationToken::new()).await.unwrap_err();
        assert_eq!(failure.code, Code::EngineFailed);
        assert!(failure.message.contains("ggml-tiny.en.bin"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn cancelling_stops_the_library_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ggml-tiny.en.bin");
        write_model(&path, &[]);
        let ear = WhisperTranscriber::open(&path, None).unwrap();
        ear.warm(&Bias::default()).await;
        let state = ear.state().await.unwrap();
        let cancel = CancellationToken::new();
        let bias = Bias::default();
        let (result, ()) = tokio::join!(ear.transcribe(hum(600), &bias, &cancel), async {
            // The work has begun when its memory is taken.
            while state.try_lock().is_ok() {
                tokio::task::yield_now().await;
            }
            cancel.cancel();
        });
        assert_eq!(result.unwrap_err().code, Code::Cancelled);
        // Ten minutes would take long; the memory is free again soon.
        let began = std::time::Instant::now();
        drop(tokio::task::spawn_blocking(move || drop(state.lock())).await);
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whisper_behaves_as_every_ear_whose_model_holds_no_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ggml-tiny.en.bin");
        write_model(&path, &[]);
        let ear = WhisperTranscriber::open(&path, None).unwrap();
        synapscribe_ports::conformance::engines::transcriber_without_words(&ear).await;
    }
}
