//! The limits that a process puts on itself before it looks at untrusted bytes.

use serde::{Deserialize, Serialize};

/// What one piece of work may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkLimits {
    /// Memory beyond what the process needs to start.
    pub memory_bytes: u64,
    /// Processor time.
    pub cpu_seconds: u64,
    /// How long the parent waits for the child in all, not counting the time it is itself busy with what it got.
    pub wait_seconds: u64,
    /// How much sound may come out.
    pub output_seconds: u64,
}

impl WorkLimits {
    /// For measuring: a lecture of 500 MB takes well under a second.
    pub const INSPECT: Self = Self { memory_bytes: 256 << 20, cpu_seconds: 20, wait_seconds: 30, output_seconds: 0 };
    /// For decoding: three hours take less than a minute.
    pub const DECODE: Self = Self { memory_bytes: 384 << 20, cpu_seconds: 600, wait_seconds: 1_200, output_seconds: 12 * 3_600 };

    /// Gives up everything that reading from standard input and writing to standard output does not need.
    ///
    /// No file can be opened and no socket made any more, because the three standard streams use up the allowed descriptors.
    #[cfg(unix)]
    pub(crate) fn enter(&self) -> std::io::Result<()> {
        #[cfg(target_os = "linux")]
        harden();
        let base = address_space()?;
        set(libc::RLIMIT_AS, base.saturating_add(self.memory_bytes), 0)?;
        // The soft limit raises SIGXCPU, by which the parent tells this end from others; the hard one kills.
        set(libc::RLIMIT_CPU, self.cpu_seconds, 1)?;
        set(libc::RLIMIT_FSIZE, 0, 0)?;
        set(libc::RLIMIT_CORE, 0, 0)?;
        set(libc::RLIMIT_NOFILE, 3, 0)
    }

    /// Without Unix there are no such limits; the parent's clock and the separate process remain.
    #[cfg(not(unix))]
    pub(crate) fn enter(&self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(all(unix, target_os = "linux"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(all(unix, not(target_os = "linux")))]
type Resource = libc::c_int;

#[cfg(unix)]
fn set(resource: Resource, soft: u64, more: u64) -> std::io::Result<()> {
    let limit = libc::rlimit { rlim_cur: soft as libc::rlim_t, rlim_max: soft.saturating_add(more) as libc::rlim_t };
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
