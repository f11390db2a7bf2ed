//! Models leave the memory when nobody has used them for a while, and the next use reads them again; knows no engine.

use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Unused for so long, a model is given back. Reading one takes a fraction of a second, so a question hardly notices.
const UNUSED: Duration = Duration::from_secs(60);
/// How often somebody looks.
const LOOK: Duration = Duration::from_secs(15);

/// What holds models.
pub(crate) trait Rests: Send + Sync {
    /// Drops every model last used before then; true when there was one.
    fn rest(&self, before: Instant) -> bool;
}

type Watched = Vec<Weak<dyn Rests>>;
static WATCHED: Mutex<Watched> = Mutex::new(Vec::new());

/// Lets the models of an engine rest for as long as the engine lives.
pub(crate) fn watch<T: Rests + 'static>(engine: &Arc<T>) {
    static KEEPER: Once = Once::new();
    let engine: Weak<dyn Rests> = Arc::downgrade(engine) as _;
    locked(&WATCHED).push(engine);
    KEEPER.call_once(|| {
        let keep = || loop {
            std::thread::sleep(LOOK);
            if let Some(before) = Instant::now().checked_sub(UNUSED) {
                look(&WATCHED, before);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("resting".into()).spawn(keep) {
            tracing::warn!(%error, "unused models stay in memory");
        }
    });
}

fn look(watched: &Mutex<Watched>, before: Instant) {
    let mut engines: Vec<Arc<dyn Rests>> = Vec::new();
    locked(watched).retain(|engine| engine.upgrade().map(|engine| engines.push(engine)).is_some());
    // Every one of them is asked.
    if engines.iter().filter(|engine| engine.rest(before)).count() > 0 {
        give_back();
    }
}

fn locked(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The allocator keeps what was freed in small pieces, and a recogniser's models are many small pieces, as are a document's pages.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it takes no pointer, and may be called at any time from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Whether the keeper looks at this engine.
#[cfg(test)]
pub(crate) fn is_watched<T: Rests + 'static>(engine: &Arc<T>) -> bool {
    let engine: Weak<dyn Rests> = Arc::downgrade(engine) as _;
    locked(&WATCHED).iter().any(|watched| std::ptr::addr_eq(watched.as_ptr(), engine.as_ptr()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Asked(AtomicUsize);

    impl Rests for Asked {
        fn rest(&self, _: Instant) -> bool {
            self.0.fetch_add(1, Ordering::SeqCst) == 0
        }
    }

    #[test]
    fn every_engine_is_asked_for_as_long_as_it_lives() {
        let engines = [Arc::new(Asked::default()), Arc::new(Asked::default())];
        let watched = Mutex::new(engines.iter().map(|engine| Arc::downgrade(engine) as Weak<dyn Rests>).collect());
        look(&watched, Instant::now());
        assert!(engines.iter().all(|engine| engine.0.load(Ordering::SeqCst) == 1));
        let [first, second] = engines;
        drop(first);
        look(&watched, Instant::now());
        assert!(second.0.load(Ordering::SeqCst) == 2 && locked(&watched).len() == 1);
    }
}
