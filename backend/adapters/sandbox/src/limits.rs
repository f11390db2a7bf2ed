//! The limits that a process puts on itself before it looks at untrusted bytes.

#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

/// Whether this process is a child that gave things up.
#[cfg(unix)]
static ENTERED: AtomicBool = AtomicBool::new(false);

/// What one piece of work may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory beyond what the process needs to start.
    pub memory_bytes: u64,
    /// Processor time in all.
    pub cpu_seconds: u64,
}

impl Limits {
    /// Gives up everything that reading from standard input and writing to standard output does not need.
    ///
    /// No file can be opened and no socket made any more, because the three standard streams use up the allowed descriptors.
    #[cfg(unix)]
    pub fn enter(&self) -> std::io::Result<()> {
        #[cfg(target_os = "linux")]
        harden();
        let base = address_space()?;
        set(libc::RLIMIT_AS, base.saturating_add(self.memory_bytes), 0)?;
        // The soft limit raises SIGXCPU, by which the parent tells this end from others; the hard one kills.
        set(libc::RLIMIT_CPU, self.cpu_seconds, 1)?;
        set(libc::RLIMIT_FSIZE, 0, 0)?;
        set(libc::RLIMIT_CORE, 0, 0)?;
        set(libc::RLIMIT_NOFILE, 3, 0)?;
        ENTERED.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Puts limits on a program of somebody else's before it is started. It opens files of its own, so that only what it may use
    /// up is bounded; its memory counts from nothing, as nobody knows what it needs to start.
    #[cfg(unix)]
    pub fn put_on(self, command: &mut tokio::process::Command) {
        let enter = move || {
            set(libc::RLIMIT_AS, self.memory_bytes, 0)?;
            set(libc::RLIMIT_CPU, self.cpu_seconds, 1)?;
            set(libc::RLIMIT_CORE, 0, 0)
        };
        // SAFETY: between fork and exec only system calls are made, and nothing is allocated.
        unsafe { command.pre_exec(enter) };
    }

    /// Without Unix there are no such limits; the parent's clock and the separate process remain.
    #[cfg(not(unix))]
    pub fn put_on(self, _command: &mut tokio::process::Command) {}

    /// Without Unix there are no such limits; the parent's clock and the separate process remain.
    #[cfg(not(unix))]
    pub fn enter(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Allows so many seconds of processor time from now on, within what [`Limits::enter`] allowed in all: for work that consists
/// of parts, none of which may take all the time there is. A process without limits stays without.
#[cfg(unix)]
pub fn allow_cpu(seconds: u64) {
    if !ENTERED.load(Ordering::Relaxed) {
        return;
    }
    let Ok(limit) = current(libc::RLIMIT_CPU) else { return };
    // What was used is rounded up, so that a part never gets less than it was promised.
    let soft = used_cpu().saturating_add(1 + seconds).min(limit.rlim_max.saturating_sub(1));
    let _ = set(libc::RLIMIT_CPU, soft, limit.rlim_max.saturating_sub(soft));
}

/// Without Unix there is no such limit.
#[cfg(not(unix))]
pub fn allow_cpu(_seconds: u64) {}

#[cfg(unix)]
fn used_cpu() -> u64 {
    // SAFETY: all zeros are a valid value of this structure of plain numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live structure that the call only writes.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) } != 0 {
        return 0;
    }
    u64::try_from(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1).unwrap_or(0)
}

#[cfg(all(unix, target_os = "linux"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(all(unix, not(target_os = "linux")))]
type Resource = libc::c_int;

#[cfg(unix)]
fn current(resource: Resource) -> std::io::Result<libc::rlimit> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a live structure that the call only writes.
    if unsafe { libc::getrlimit(resource, &raw mut limit) } == 0 { Ok(limit) } else { Err(std::io::Error::last_os_error()) }
}

/// Sets a soft limit and a hard one that is so much above it. Whoever started us may have set a lower hard one, which nobody
/// can raise again; then it stays, and the soft one as far below it.
#[cfg(unix)]
fn set(resource: Resource, soft: u64, more: u64) -> std::io::Result<()> {
    let most = current(resource)?.rlim_max.min(soft.saturating_add(more) as libc::rlim_t);
    let limit = libc::rlimit { rlim_cur: most.saturating_sub(more as libc::rlim_t), rlim_max: most };
    // SAFETY: the pointer is to a live, initialised structure that the call only reads.
    if unsafe { libc::setrlimit(resource, &raw const limit) } == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// How much address space the process already uses: a large program maps more than a small one before it does anything.
#[cfg(target_os = "linux")]
fn address_space() -> std::io::Result<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let pages = pages.split(' ').next().and_then(|n| n.parse::<u64>().ok());
    pages.map(|n| n * 4096).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidData))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn address_space() -> std::io::Result<u64> {
    Ok(1 << 30)
}

#[cfg(target_os = "linux")]
fn harden() {
    // Each of these is a second lock on a door that is already shut; an old kernel without one of them is no reason to stop.
    // SAFETY: these calls take plain numbers and change only this process.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong, 0, 0, 0);
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
        libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What a program is allowed under limits that were put on one after the other: memory in KiB and seconds, each hard and soft.
    async fn allowed(limits: &[Limits]) -> Vec<String> {
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", "ulimit -H -v; ulimit -S -v; ulimit -H -t; ulimit -S -t"]);
        for limits in limits {
            limits.put_on(&mut command);
        }
        let ended = command.output().await.expect("it starts under its limits");
        String::from_utf8_lossy(&ended.stdout).split_whitespace().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn a_program_starts_where_less_is_allowed_than_its_limits_would() {
        let (low, high) =
            (Limits { memory_bytes: 512 << 20, cpu_seconds: 100 }, Limits { memory_bytes: 1 << 30, cpu_seconds: 300 });
        let base = allowed(&[]).await;
        // Where this test itself is allowed less, so is whatever it starts.
        let within = |wanted: [u64; 4]| -> Vec<String> {
            let least = |at: usize, most: &String| most.parse().map_or(wanted[at], |most: u64| wanted[at].min(most));
            [&base[0], &base[0], &base[2], &base[2]]
                .into_iter()
                .enumerate()
                .map(|(at, most)| least(at, most).to_string())
                .collect()
        };
        let (less, more) = (within([524_288, 524_288, 101, 100]), within([1_048_576, 1_048_576, 301, 300]));
        assert_eq!(allowed(&[high]).await, more);
        assert_eq!(allowed(&[low, high]).await, less, "nobody raises what was set before");
        assert_eq!(allowed(&[high, low]).await, less);
    }
}
