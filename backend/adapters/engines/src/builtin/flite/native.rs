//! The calls into the flite library. All unsafe code of the voice is here; it knows phones and samples, no products.
//!
//! Synthesis keeps its state in the utterance and in the voice, and only the voice counts references without atomics. So a voice
//! serves one thread at a time, and several instances of it serve several. Registration writes globals and is done under a lock.
//! The library is never closed: its tables are shared by every voice.

use std::ffi::{CStr, CString, c_char, c_int, c_short, c_void};
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::{Code, Failure};

use super::{Voice, missing};

/// Samples the engine collects before it hands them over: a twentieth of a second.
const CHUNK: c_int = 800;
/// The sink asked to stop.
const STREAM_STOP: c_int = -1;
const STREAM_CONTINUE: c_int = 0;
/// The feature under which a voice carries its stream; features keep the pointer to their name.
const STREAMING: &CStr = c"streaming_info";
const STRETCH: &CStr = c"duration_stretch";

/// `cst_wave` of cst_wave.h.
#[repr(C)]
struct Wave {
    kind: *const c_char,
    sample_rate: c_int,
    num_samples: c_int,
    num_channels: c_int,
    samples: *mut c_short,
}

/// The head of `cst_voice` of cst_voice.h.
#[repr(C)]
struct VoiceData {
    name: *const c_char,
    features: *mut c_void,
}

type OnAudio = unsafe extern "C" fn(*const Wave, c_int, c_int, c_int, *mut StreamInfo) -> c_int;

/// `cst_audio_streaming_info` of cst_audio.h.
#[repr(C)]
struct StreamInfo {
    min_buffsize: c_int,
    asc: OnAudio,
    utt: *const c_void,
    item: *const c_void,
    userdata: *mut c_void,
}

type Val = *const c_void;
type Register = unsafe extern "C" fn(*const c_char) -> *mut VoiceData;

/// The functions we call, copied out of the library that stays open.
struct Calls {
    text_to_wave: unsafe extern "C" fn(*const c_char, *mut VoiceData) -> *mut Wave,
    delete_wave: unsafe extern "C" fn(*mut Wave),
    set_float: unsafe extern "C" fn(*mut c_void, *const c_char, f32),
    set: unsafe extern "C" fn(*mut c_void, *const c_char, Val),
    remove: unsafe extern "C" fn(*mut c_void, *const c_char) -> c_int,
    new_stream: unsafe extern "C" fn() -> *mut StreamInfo,
    stream_val: unsafe extern "C" fn(*mut StreamInfo) -> Val,
    lex_lookup: unsafe extern "C" fn(*const c_void, *const c_char, *const c_char, *const c_void) -> Val,
    val_car: unsafe extern "C" fn(Val) -> Val,
    val_cdr: unsafe extern "C" fn(Val) -> Val,
    val_string: unsafe extern "C" fn(Val) -> *const c_char,
    delete_val: unsafe extern "C" fn(Val),
    /// The pronunciation dictionary; read only once it is made.
    lexicon: *const c_void,
}

/// One instance of a voice: its own features and reference counts.
struct Instance(*mut VoiceData);

// SAFETY: an instance has no ties to the thread that made it, and is lent to one thread at a time.
unsafe impl Send for Instance {}

/// The idle instances of one voice, and how many there are in all.
#[derive(Default)]
struct Pool {
    idle: Vec<Instance>,
    made: usize,
}

struct VoicePool {
    voice: Voice,
    register: Register,
    /// The library's own variable that remembers the one instance it knows of.
    remembered: *mut *mut VoiceData,
    pool: Mutex<Pool>,
    returned: Condvar,
}

struct Loaded {
    calls: Calls,
    voices: Vec<VoicePool>,
    /// Held while a voice is registered.
    registering: Mutex<()>,
    /// How many instances of a voice there may be: one for each core.
    most: usize,
}

// SAFETY: the raw pointers lead to the library's tables, which are read only after loading, and to `remembered`, which is written
// under `registering` alone.
unsafe impl Send for Loaded {}
// SAFETY: as above.
unsafe impl Sync for Loaded {}

static LOADED: Mutex<Option<&'static Loaded>> = Mutex::new(None);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The loaded library.
#[derive(Clone, Copy)]
pub struct Native(&'static Loaded);

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Native").field("voices", &self.0.voices.len()).finish_non_exhaustive()
    }
}

impl Native {
    /// Opens the library at the first call; a failure is not remembered, so that installing the package helps at once.
    pub fn load() -> Result<Self, Failure> {
        let mut loaded = lock(&LOADED);
        if let Some(loaded) = *loaded {
            return Ok(Self(loaded));
        }
        let fresh: &'static Loaded = Box::leak(Box::new(open()?));
        *loaded = Some(fresh);
        Ok(Self(fresh))
    }

    pub fn has(self, voice: Voice) -> bool {
        self.pool(voice).is_ok()
    }

    fn pool(self, voice: Voice) -> Result<&'static VoicePool, Failure> {
        let found = self.0.voices.iter().find(|pool| pool.voice == voice);
        found.ok_or_else(|| missing(&format!("the voice {} is not installed", voice.name())))
    }

    /// Speaks plain text in one utterance. `Break` from the sink stops the engine at its next chunk.
    pub fn synthesise(
        self,
        voice: Voice,
        plain: &str,
        stretch: f32,
        sink: &mut dyn FnMut(&[i16]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Failure> {
        let text =
            CString::new(plain).map_err(|_| Failure::new(Code::EngineFailed, "the text to speak holds a null character"))?;
        let lent = Lent::take(self.0, self.pool(voice)?)?;
        let mut stream = Sink { take: sink, stopped: false, wrong_rate: false };
        // SAFETY: the instance is ours alone while it is lent. The stream's data outlives the call that uses it: the feature that
        // points to it is removed (and freed by the engine) before this function returns. Names are static, the text is terminated.
        unsafe {
            let calls = &self.0.calls;
            let features = (*lent.instance.0).features;
            (calls.set_float)(features, STRETCH.as_ptr(), stretch);
            let info = (calls.new_stream)();
            (*info).min_buffsize = CHUNK;
            (*info).asc = on_audio;
            (*info).userdata = (&raw mut stream).cast();
            (calls.set)(features, STREAMING.as_ptr(), (calls.stream_val)(info));
            let wave = (calls.text_to_wave)(text.as_ptr(), lent.instance.0);
            (calls.remove)(features, STREAMING.as_ptr());
            if !wave.is_null() {
                (calls.delete_wave)(wave);
            }
        }
        if stream.wrong_rate {
            return Err(Failure::new(Code::EngineFailed, format!("the voice {} does not speak at 16 kHz", voice.name())));
        }
        Ok(if stream.stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// The phones of a word of plain letters, from the dictionary or by its letter rules.
    pub fn lookup(self, word: &str) -> Vec<String> {
        let mut phones = Vec::new();
        let Ok(word) = CString::new(word) else { return phones };
        if word.is_empty() || word.as_bytes().len() > 60 {
            return phones;
        }
        let calls = &self.0.calls;
        // SAFETY: the dictionary is read only; the list is ours and freed below; its strings are copied before.
        unsafe {
            let list = (calls.lex_lookup)(calls.lexicon, word.as_ptr(), std::ptr::null(), std::ptr::null());
            let mut at = list;
            while !at.is_null() {
                let phone = CStr::from_ptr((calls.val_string)((calls.val_car)(at))).to_string_lossy();
                let phone = phone.trim_end_matches(|c: char| c.is_ascii_digit());
                phones.push(if phone == "ax" { "AH".to_owned() } else { phone.to_ascii_uppercase() });
                at = (calls.val_cdr)(at);
            }
            if !list.is_null() {
                (calls.delete_val)(list);
            }
        }
        phones
    }
}

/// An instance on loan; it goes back when dropped.
struct Lent {
    from: &'static VoicePool,
    instance: Instance,
}

impl Lent {
    fn take(loaded: &'static Loaded, from: &'static VoicePool) -> Result<Self, Failure> {
        let mut pool = lock(&from.pool);
        loop {
            if let Some(instance) = pool.idle.pop() {
                return Ok(Self { from, instance });
            }
            if pool.made < loaded.most {
                pool.made += 1;
                drop(pool);
                let _registering = lock(&loaded.registering);
                // SAFETY: nobody else registers now. Forgetting the instance that the library remembers makes it build another.
                let fresh = unsafe {
                    *from.remembered = std::ptr::null_mut();
                    (from.register)(std::ptr::null())
                };
                if fresh.is_null() {
                    lock(&from.pool).made -= 1;
                    return Err(Failure::new(Code::EngineFailed, "the voice could not be started"));
                }
                return Ok(Self { from, instance: Instance(fresh) });
            }
            pool = from.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        lock(&self.from.pool).idle.push(Instance(self.instance.0));
        self.from.returned.notify_one();
    }
}

struct Sink<'a> {
    take: &'a mut dyn FnMut(&[i16]) -> ControlFlow<()>,
    stopped: bool,
    wrong_rate: bool,
}

/// Called by the engine with each stretch of new samples.
unsafe extern "C" fn on_audio(wave: *const Wave, start: c_int, size: c_int, _last: c_int, info: *mut StreamInfo) -> c_int {
    // SAFETY: the engine passes back the stream we gave it and a wave of at least `start + size` samples.
    unsafe {
        let sink = &mut *(*info).userdata.cast::<Sink<'_>>();
        if (*wave).sample_rate != SPEECH_RATE as c_int {
            sink.wrong_rate = true;
            return STREAM_STOP;
        }
        if size <= 0 || start < 0 || sink.stopped {
            return if sink.stopped { STREAM_STOP } else { STREAM_CONTINUE };
        }
        let samples = std::slice::from_raw_parts((*wave).samples.add(start as usize), size as usize);
        if (sink.take)(samples).is_break() {
            sink.stopped = true;
            return STREAM_STOP;
        }
    }
    STREAM_CONTINUE
}

fn open() -> Result<Loaded, Failure> {
    let base = library("libflite.so.1")?;
    let lex = library("libflite_cmulex.so.1")?;
    // SAFETY: the names and types are those of flite's public headers, version 2.
    let calls = unsafe {
        let init: unsafe extern "C" fn() -> c_int = symbol(&base, c"flite_init")?;
        init();
        let lexicon: unsafe extern "C" fn() -> *const c_void = symbol(&lex, c"cmu_lex_init")?;
        Calls {
            text_to_wave: symbol(&base, c"flite_text_to_wave")?,
            delete_wave: symbol(&base, c"delete_wave")?,
            set_float: symbol(&base, c"flite_feat_set_float")?,
            set: symbol(&base, c"flite_feat_set")?,
            remove: symbol(&base, c"flite_feat_remove")?,
            new_stream: symbol(&base, c"new_audio_streaming_info")?,
            stream_val: symbol(&base, c"audio_streaming_info_val")?,
            lex_lookup: symbol(&base, c"lex_lookup")?,
            val_car: symbol(&base, c"val_car")?,
            val_cdr: symbol(&base, c"val_cdr")?,
            val_string: symbol(&base, c"val_string")?,
            delete_val: symbol(&base, c"delete_val")?,
            lexicon: lexicon(),
        }
    };
    let voices: Vec<VoicePool> = Voice::ALL.into_iter().filter_map(voice).collect();
    if voices.is_empty() {
        return Err(missing("the voice library holds no voice that we know"));
    }
    std::mem::forget((base, lex));
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Loaded { calls, voices, registering: Mutex::new(()), most })
}

/// A voice whose library is installed.
fn voice(voice: Voice) -> Option<VoicePool> {
    let name = voice.name();
    let library = library(&format!("libflite_cmu_us_{name}.so.1")).ok()?;
    let variable = CString::new(format!("cmu_us_{name}_{}", if voice == Voice::Kal16 { "diphone" } else { "cg" })).ok()?;
    let register = CString::new(format!("register_cmu_us_{name}")).ok()?;
    // SAFETY: every voice library exports its register function and the variable it remembers its instance in.
    let (register, remembered) = unsafe { (symbol(&library, &register).ok()?, symbol(&library, &variable).ok()?) };
    std::mem::forget(library);
    Some(VoicePool { voice, register, remembered, pool: Mutex::default(), returned: Condvar::new() })
}

fn library(name: &str) -> Result<Library, Failure> {
    // SAFETY: these libraries run no code of their own when they are opened.
    unsafe { Library::open(Some(name), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| {
        tracing::debug!(library = name, %error, "a voice library was not opened");
        missing("the built-in voice is not installed")
    })
}

/// # Safety
/// The type must be that of the symbol.
unsafe fn symbol<T: Copy>(library: &Library, name: &CStr) -> Result<T, Failure> {
    // SAFETY: the caller vouches for the type.
    let found = unsafe { library.get::<T>(name.to_bytes_with_nul()) };
    found.map(|symbol| *symbol).map_err(|_| missing("the installed voice library is not version 2"))
}
