//! Work on so many of the machine's cores and no more, whatever the machine has.

use std::thread;

/// Runs work on a thread of its own that is kept to so many cores, as is all that it starts, threads and programs; the work is
/// told how many cores it has.
pub fn on<T: Send>(cores: usize, work: impl FnOnce(usize) -> T + Send) -> T {
    thread::scope(|scope| {
        let working = scope.spawn(move || {
            keep_to(cores);
            // It counts what this thread is kept to, so that a machine with fewer, or one that cannot be told, says so.
            work(thread::available_parallelism().map_or(1, usize::from))
        });
        working.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(target_os = "linux")]
fn keep_to(cores: usize) {
    // SAFETY: a set of cores is plain memory for which all zeros is the empty set; both calls are given its size, and mean the
    // calling thread.
    unsafe {
        let mut allowed: libc::cpu_set_t = std::mem::zeroed();
        let mut kept: libc::cpu_set_t = std::mem::zeroed();
        let size = size_of::<libc::cpu_set_t>();
        if libc::sched_getaffinity(0, size, &mut allowed) != 0 {
            return;
        }
        let all = 0..libc::CPU_SETSIZE as usize;
        for core in all.filter(|core| libc::CPU_ISSET(*core, &allowed)).take(cores) {
            libc::CPU_SET(core, &mut kept);
        }
        libc::sched_setaffinity(0, size, &kept);
    }
}

#[cfg(not(target_os = "linux"))]
fn keep_to(_: usize) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn work_and_what_it_starts_is_kept_to_its_cores_and_nothing_else_is() {
        let before = thread::available_parallelism().unwrap();
        on(1, |cores| {
            assert_eq!(cores, 1);
            assert_eq!(thread::spawn(thread::available_parallelism).join().unwrap().unwrap().get(), 1);
            let said = std::process::Command::new("nproc").output().unwrap();
            assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "1");
        });
        assert_eq!(thread::available_parallelism().unwrap(), before);
    }
}
