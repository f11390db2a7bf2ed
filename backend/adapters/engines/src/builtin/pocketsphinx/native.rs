//! The calls into the pocketsphinx library. All unsafe code of the ear is here; it knows words and frames, no lectures.
//!
//! A decoder, its dictionary and its language models belong together and are used by one thread at a time. The library's only shared
//! state is where it logs to, which is switched off once.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use synapscribe_domain::{Code, Failure};

use super::missing;

/// `NGRAM_ARPA` and `NGRAM_BIN` of ngram_model.h.
const ARPA: c_int = 1;
const BINARY: c_int = 2;
/// The library's usual base of logarithms.
const LOG_BASE: f64 = 1.0001;
/// The name under which the decoder keeps its search.
const SEARCH: &CStr = c"speech";

type Opaque = *mut c_void;

struct Calls {
    args: unsafe extern "C" fn() -> *const c_void,
    config_init: unsafe extern "C" fn(Opaque, *const c_void, i32, ...) -> Opaque,
    config_free: unsafe extern "C" fn(Opaque) -> c_int,
    set_str: unsafe extern "C" fn(Opaque, *const c_char, *const c_char),
    set_float: unsafe extern "C" fn(Opaque, *const c_char, f64),
    set_int: unsafe extern "C" fn(Opaque, *const c_char, std::ffi::c_long),
    init: unsafe extern "C" fn(Opaque) -> Opaque,
    free: unsafe extern "C" fn(Opaque) -> c_int,
    logmath: unsafe extern "C" fn(Opaque) -> Opaque,
    set_lm: unsafe extern "C" fn(Opaque, *const c_char, Opaque) -> c_int,
    set_search: unsafe extern "C" fn(Opaque, *const c_char) -> c_int,
    start_stream: unsafe extern "C" fn(Opaque) -> c_int,
    start_utt: unsafe extern "C" fn(Opaque) -> c_int,
    process_raw: unsafe extern "C" fn(Opaque, *const i16, usize, c_int, c_int) -> c_int,
    end_utt: unsafe extern "C" fn(Opaque) -> c_int,
    hyp: unsafe extern "C" fn(Opaque, *mut i32) -> *const c_char,
    seg_iter: unsafe extern "C" fn(Opaque) -> Opaque,
    seg_next: unsafe extern "C" fn(Opaque) -> Opaque,
    seg_word: unsafe extern "C" fn(Opaque) -> *const c_char,
    seg_frames: unsafe extern "C" fn(Opaque, *mut c_int, *mut c_int),
    seg_prob: unsafe extern "C" fn(Opaque, *mut i32, *mut i32, *mut i32) -> i32,
    logmath_init: unsafe extern "C" fn(f64, c_int, c_int) -> Opaque,
    logmath_free: unsafe extern "C" fn(Opaque) -> c_int,
    logmath_exp: unsafe extern "C" fn(Opaque, c_int) -> f64,
    lm_read: unsafe extern "C" fn(Opaque, *const c_char, c_int, Opaque) -> Opaque,
    lm_free: unsafe extern "C" fn(Opaque) -> c_int,
    lm_mix: unsafe extern "C" fn(Opaque, *mut Opaque, *mut *mut c_char, *const f32, i32) -> Opaque,
    lm_word: unsafe extern "C" fn(Opaque, i32) -> *const c_char,
    lm_counts: unsafe extern "C" fn(Opaque) -> *const u32,
}

/// The opened library.
#[derive(Clone, Copy)]
pub struct Sphinx(&'static Calls);

static LOADED: Mutex<Option<Sphinx>> = Mutex::new(None);

impl std::fmt::Debug for Sphinx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sphinx")
    }
}

/// What a decoder is built from.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The folder of the acoustic model.
    pub acoustic: &'a Path,
    /// The pronunciation dictionary.
    pub dictionary: &'a Path,
    /// The general language model.
    pub general: &'a Path,
    /// The lecture's own language model, and how much it counts, 0 to 1.
    pub own: Option<(&'a Path, f32)>,
    /// Settings of the library by name.
    pub numbers: &'a [(&'a str, f64)],
    /// Switches of the library by name.
    pub switches: &'a [(&'a str, bool)],
}

/// A word as the decoder heard it, in frames of 10 ms from the start of the utterance; `to` is the last frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub word: String,
    pub from: u32,
    pub to: u32,
    pub posterior: f32,
}

impl Sphinx {
    /// Opens the library at the first call; a failure is not remembered.
    pub fn load() -> Result<Self, Failure> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sphinx) = *loaded {
            return Ok(sphinx);
        }
        let sphinx = Self(Box::leak(Box::new(open()?)));
        *loaded = Some(sphinx);
        Ok(sphinx)
    }

    /// The words of a language model file.
    pub fn vocabulary(self, model: &Path) -> Result<Vec<String>, Failure> {
        let config = Config::new(self)?;
        let path = c_path(model)?;
        // SAFETY: a bare configuration and a log table are enough to read a model; both are freed below, the words are copied before.
        unsafe {
            let logmath = (self.0.logmath_init)(LOG_BASE, 0, 0);
            let lm = (self.0.lm_read)(config.raw, path.as_ptr(), BINARY, logmath);
            (self.0.logmath_free)(logmath);
            if lm.is_null() {
                return Err(broken(model));
            }
            let count = *(self.0.lm_counts)(lm);
            let mut words = Vec::with_capacity(count as usize);
            for id in 0..count as i32 {
                let word = (self.0.lm_word)(lm, id);
                if !word.is_null() {
                    words.push(CStr::from_ptr(word).to_string_lossy().into_owned());
                }
            }
            (self.0.lm_free)(lm);
            Ok(words)
        }
    }
}

/// A configuration of the library.
struct Config {
    calls: &'static Calls,
    raw: Opaque,
}

impl Config {
    fn new(sphinx: Sphinx) -> Result<Self, Failure> {
        // SAFETY: the list of arguments ends with a null pointer, as the library asks.
        let raw = unsafe {
            (sphinx.0.config_init)(
                std::ptr::null_mut(),
                (sphinx.0.args)(),
                0,
                std::ptr::null::<c_char>(),
                std::ptr::null::<c_char>(),
            )
        };
        if raw.is_null() {
            return Err(Failure::new(Code::EngineFailed, "the recogniser refused its settings"));
        }
        Ok(Self { calls: sphinx.0, raw })
    }

    fn path(&self, name: &CStr, path: &Path) -> Result<(), Failure> {
        let path = c_path(path)?;
        // SAFETY: the library copies the text.
        unsafe { (self.calls.set_str)(self.raw, name.as_ptr(), path.as_ptr()) };
        Ok(())
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: the decoder keeps its own reference.
        unsafe { (self.calls.config_free)(self.raw) };
    }
}

/// A decoder with its dictionary and language model.
pub struct Decoder {
    calls: &'static Calls,
    raw: Opaque,
    open: bool,
}

// SAFETY: a decoder has no ties to the thread that made it; `&mut self` keeps it to one thread at a time.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Builds a decoder; it takes as long as its dictionary is big.
    pub fn build(sphinx: Sphinx, parts: &Parts<'_>) -> Result<Self, Failure> {
        let calls = sphinx.0;
        let config = Config::new(sphinx)?;
        config.path(c"-hmm", parts.acoustic)?;
        config.path(c"-dict", parts.dictionary)?;
        for (name, value) in parts.numbers {
            let name = c_text(name)?;
            // SAFETY: the name is terminated.
            unsafe { (calls.set_float)(config.raw, name.as_ptr(), *value) };
        }
        for (name, on) in parts.switches {
            let name = c_text(name)?;
            // SAFETY: the name is terminated.
            unsafe { (calls.set_int)(config.raw, name.as_ptr(), std::ffi::c_long::from(*on)) };
        }
        // SAFETY: the configuration is valid; the decoder retains it.
        let raw = unsafe { (calls.init)(config.raw) };
        if raw.is_null() {
            return Err(broken(parts.acoustic));
        }
        let decoder = Self { calls, raw, open: false };
        let model = decoder.model(&config, parts)?;
        // SAFETY: the model is valid; the search retains it, so our reference is given back.
        let done = unsafe {
            let set = (calls.set_lm)(raw, SEARCH.as_ptr(), model);
            (calls.lm_free)(model);
            set == 0 && (calls.set_search)(raw, SEARCH.as_ptr()) == 0
        };
        if done { Ok(decoder) } else { Err(broken(parts.general)) }
    }

    /// The general model, mixed with the lecture's own where there is one.
    fn model(&self, config: &Config, parts: &Parts<'_>) -> Result<Opaque, Failure> {
        let calls = self.calls;
        let read = |path: &Path, kind: c_int| -> Result<Opaque, Failure> {
            let name = c_path(path)?;
            // SAFETY: configuration, path and log table are valid.
            let lm = unsafe { (calls.lm_read)(config.raw, name.as_ptr(), kind, (calls.logmath)(self.raw)) };
            if lm.is_null() { Err(broken(path)) } else { Ok(lm) }
        };
        let general = read(parts.general, BINARY)?;
        let Some((own, weight)) = parts.own else { return Ok(general) };
        let own = match read(own, ARPA) {
            Ok(own) => own,
            Err(failure) => {
                // SAFETY: nobody else holds it.
                unsafe { (calls.lm_free)(general) };
                return Err(failure);
            }
        };
        let mut models = [general, own];
        let mut names = [c"general".as_ptr().cast_mut(), c"own".as_ptr().cast_mut()];
        let weights = [1.0 - weight, weight];
        // SAFETY: three arrays of two; a set copies the names and takes over the models, so they are freed only when there is none.
        unsafe {
            let set = (calls.lm_mix)(config.raw, models.as_mut_ptr(), names.as_mut_ptr(), weights.as_ptr(), 2);
            if set.is_null() {
                (calls.lm_free)(general);
                (calls.lm_free)(own);
                return Err(broken(parts.general));
            }
            Ok(set)
        }
    }

    /// Begins an utterance; one that was left open is closed.
    pub fn start(&mut self) -> Result<(), Failure> {
        self.abandon();
        // Every utterance begins a stream: the library counts frames from there, and would go on from what others said before.
        // SAFETY: the decoder is valid and no utterance is open.
        if unsafe { (self.calls.start_stream)(self.raw) < 0 || (self.calls.start_utt)(self.raw) < 0 } {
            return Err(Failure::new(Code::EngineFailed, "the recogniser could not begin"));
        }
        self.open = true;
        Ok(())
    }

    /// Takes the next samples; `whole` says that they are the utterance from start to end.
    pub fn process(&mut self, samples: &[i16], whole: bool) -> Result<(), Failure> {
        if samples.is_empty() {
            return Ok(());
        }
        // SAFETY: an utterance is open and the samples are valid for the call.
        let frames = unsafe { (self.calls.process_raw)(self.raw, samples.as_ptr(), samples.len(), 0, c_int::from(whole)) };
        if frames < 0 { Err(Failure::new(Code::EngineFailed, "the recogniser could not go on")) } else { Ok(()) }
    }

    /// The words so far.
    pub fn partial(&mut self) -> Option<String> {
        // SAFETY: the text lives until the next call; it is copied at once.
        unsafe {
            let text = (self.calls.hyp)(self.raw, std::ptr::null_mut());
            (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
        }
    }

    /// Ends the utterance and returns its words, fillers and silences included.
    pub fn finish(&mut self) -> Result<Vec<Heard>, Failure> {
        self.open = false;
        let mut words = Vec::new();
        // SAFETY: an utterance is open; the iterator frees itself when `seg_next` returns null; words are copied.
        unsafe {
            if (self.calls.end_utt)(self.raw) < 0 {
                return Err(Failure::new(Code::EngineFailed, "the recogniser could not end"));
            }
            // Asking for the text runs the last pass; without it the segments are those of the pass before.
            (self.calls.hyp)(self.raw, std::ptr::null_mut());
            let logmath = (self.calls.logmath)(self.raw);
            let mut seg = (self.calls.seg_iter)(self.raw);
            while !seg.is_null() {
                let (mut from, mut to) = (0, 0);
                (self.calls.seg_frames)(seg, &mut from, &mut to);
                let (mut acoustic, mut language, mut backoff) = (0, 0, 0);
                let posterior = (self.calls.seg_prob)(seg, &mut acoustic, &mut language, &mut backoff);
                let text = (self.calls.seg_word)(seg);
                if !text.is_null() {
                    words.push(Heard {
                        word: CStr::from_ptr(text).to_string_lossy().into_owned(),
                        from: from.max(0) as u32,
                        to: to.max(from).max(0) as u32,
                        posterior: (self.calls.logmath_exp)(logmath, posterior).clamp(0.0, 1.0) as f32,
                    });
                }
                seg = (self.calls.seg_next)(seg);
            }
        }
        Ok(words)
    }

    /// Closes an utterance whose words nobody wants any more.
    pub fn abandon(&mut self) {
        if std::mem::take(&mut self.open) {
            // SAFETY: an utterance is open.
            unsafe { (self.calls.end_utt)(self.raw) };
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.abandon();
        // SAFETY: nobody else holds the decoder.
        unsafe { (self.calls.free)(self.raw) };
    }
}

fn c_path(path: &Path) -> Result<CString, Failure> {
    use std::os::unix::ffi::OsStrExt;
    CString::new(path.as_os_str().as_bytes()).map_err(|_| broken(path))
}

fn c_text(text: &str) -> Result<CString, Failure> {
    CString::new(text).map_err(|_| Failure::new(Code::EngineFailed, "a setting of the recogniser holds a null character"))
}

fn broken(path: &Path) -> Failure {
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    missing(&format!("the recogniser cannot read its model {}", name.display()))
}

fn open() -> Result<Calls, Failure> {
    // SAFETY: the library runs no code of its own when it is opened; it brings libsphinxbase with it.
    let library = unsafe { Library::open(Some("libpocketsphinx.so.3"), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| {
        tracing::debug!(%error, "the recogniser's library was not opened");
        missing("the built-in recogniser is not installed")
    })?;
    // SAFETY: the names and types are those of the public headers of pocketsphinx and sphinxbase 5prealpha.
    let calls = unsafe {
        let silence: unsafe extern "C" fn(*mut c_void) = symbol(&library, c"err_set_logfp")?;
        silence(std::ptr::null_mut());
        Calls {
            args: symbol(&library, c"ps_args")?,
            config_init: symbol(&library, c"cmd_ln_init")?,
            config_free: symbol(&library, c"cmd_ln_free_r")?,
            set_str: symbol(&library, c"cmd_ln_set_str_r")?,
            set_float: symbol(&library, c"cmd_ln_set_float_r")?,
            set_int: symbol(&library, c"cmd_ln_set_int_r")?,
            init: symbol(&library, c"ps_init")?,
            free: symbol(&library, c"ps_free")?,
            logmath: symbol(&library, c"ps_get_logmath")?,
            set_lm: symbol(&library, c"ps_set_lm")?,
            set_search: symbol(&library, c"ps_set_search")?,
            start_stream: symbol(&library, c"ps_start_stream")?,
            start_utt: symbol(&library, c"ps_start_utt")?,
            process_raw: symbol(&library, c"ps_process_raw")?,
            end_utt: symbol(&library, c"ps_end_utt")?,
            hyp: symbol(&library, c"ps_get_hyp")?,
            seg_iter: symbol(&library, c"ps_seg_iter")?,
            seg_next: symbol(&library, c"ps_seg_next")?,
            seg_word: symbol(&library, c"ps_seg_word")?,
            seg_frames: symbol(&library, c"ps_seg_frames")?,
            seg_prob: symbol(&library, c"ps_seg_prob")?,
            logmath_init: symbol(&library, c"logmath_init")?,
            logmath_free: symbol(&library, c"logmath_free")?,
            logmath_exp: symbol(&library, c"logmath_exp")?,
            lm_read: symbol(&library, c"ngram_model_read")?,
            lm_free: symbol(&library, c"ngram_model_free")?,
            lm_mix: symbol(&library, c"ngram_model_set_init")?,
            lm_word: symbol(&library, c"ngram_word")?,
            lm_counts: symbol(&library, c"ngram_model_get_counts")?,
        }
    };
    std::mem::forget(library);
    Ok(calls)
}

/// # Safety
/// The type must be that of the symbol.
unsafe fn symbol<T: Copy>(library: &Library, name: &CStr) -> Result<T, Failure> {
    // SAFETY: the caller vouches for the type.
    let found = unsafe { library.get::<T>(name.to_bytes_with_nul()) };
    found.map(|symbol| *symbol).map_err(|_| missing("the installed recogniser is of another version"))
}
