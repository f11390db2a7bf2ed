//! Which microphones and loudspeakers there are, and the one a person chose. Opens none.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait as _, HostTrait as _};
use serde::Serialize;

use super::quiet;

/// What devices are looked for with, where that is a line to a sound server: such a line stays open until the program ends, and a
/// new one for each look would be one too many before long.
static LINE: Mutex<Option<cpal::Host>> = Mutex::new(None);

/// Who looks over that line has seen enough by then, unless the server does not answer.
const BUSY: Duration = Duration::from_secs(5);
/// It is tried again this often until then.
const TRY: Duration = Duration::from_millis(10);

/// How a microphone stands that somebody listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// It is there.
    There,
    /// It is not there, and another one is.
    Elsewhere,
    /// There is none.
    Gone,
}

/// A microphone or a loudspeaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// What it is chosen by; stays the same over restarts.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// Everything sound can come from or go to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Devices {
    /// Microphones.
    pub inputs: Vec<Device>,
    /// Loudspeakers.
    pub outputs: Vec<Device>,
}

impl Devices {
    /// Looks for them; takes a moment, so not from an async task.
    pub fn find() -> Self {
        quiet::hush();
        over(&mut LINE.lock().unwrap_or_else(PoisonError::into_inner), Self::of)
    }

    fn of(host: &cpal::Host) -> Self {
        Self {
            inputs: host.input_devices().map(|found| found.filter_map(|d| named(&d)).collect()).unwrap_or_default(),
            outputs: host.output_devices().map(|found| found.filter_map(|d| named(&d)).collect()).unwrap_or_default(),
        }
    }
}

/// Looks around over a line that is kept.
fn over<T>(line: &mut Option<cpal::Host>, look: impl FnOnce(&cpal::Host) -> T) -> T {
    let host = match line.take() {
        Some(host) if host.devices().is_ok() => host,
        // The server may have started again, or may be there by now.
        _ => cpal::default_host(),
    };
    let seen = look(&host);
    *line = is_line(&host).then_some(host);
    seen
}

#[cfg(target_os = "linux")]
fn is_line(host: &cpal::Host) -> bool {
    host.id() == cpal::HostId::PulseAudio
}

#[cfg(not(target_os = "linux"))]
fn is_line(_: &cpal::Host) -> bool {
    false
}

fn named(device: &cpal::Device) -> Option<Device> {
    let id = device.id().ok()?.to_string();
    let name = device.description().map_or_else(|_| id.clone(), |description| description.name().to_owned());
    Some(Device { id, name })
}

/// The chosen microphone; the system's choice when none was chosen or it is gone.
pub(super) fn input(id: &str) -> Option<cpal::Device> {
    // Where there is none it is looked for again and again, and a new line for each time would be one too many as well.
    let mut line = line_within(BUSY)?;
    let there = over(&mut line, |host| microphone(host, id).is_some());
    drop(line);
    if there { microphone(&cpal::default_host(), id) } else { None }
}

/// The line, once nobody else looks over it. Who does so longer than this waits for a server that does not answer: every other one that
/// waited behind them would be one too many before long.
fn line_within(patience: Duration) -> Option<MutexGuard<'static, Option<cpal::Host>>> {
    let begun = Instant::now();
    loop {
        match LINE.try_lock() {
            Ok(line) => return Some(line),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < patience => std::thread::sleep(TRY),
            Err(TryLockError::WouldBlock) => return None,
        }
    }
}

/// How the microphone of this name stands, where a sound server can be asked: whoever listens is not told when it lets them hear another
/// one instead. One that nobody chose is there as long as it is the system's choice.
pub(super) fn stand(id: &str, is_choice: bool) -> Option<Stand> {
    // It is looked at again before long.
    let mut line = line_within(Duration::ZERO)?;
    over(&mut line, |host| {
        if !is_line(host) {
            None
        } else if !is_choice {
            let present = microphone(host, "").map(|device| device.id().map(|id| id.to_string()).unwrap_or_default());
            Some(of_system(id, present.as_deref()))
        } else if chosen(host, id).is_some() {
            Some(Stand::There)
        } else if microphone(host, "").is_some() {
            Some(Stand::Elsewhere)
        } else {
            Some(Stand::Gone)
        }
    })
}

/// How one stands that nobody chose, beside the one that is the system's choice now.
fn of_system(id: &str, present: Option<&str>) -> Stand {
    match present {
        None => Stand::Gone,
        Some(present) if present == id => Stand::There,
        Some(_) => Stand::Elsewhere,
    }
}

fn microphone(host: &cpal::Host, id: &str) -> Option<cpal::Device> {
    chosen(host, id).or_else(|| host.default_input_device().filter(|device| !is_own_sound(host, device)))
}

/// Where no microphone is left, a sound server gives for one what its loudspeaker sounds.
fn is_own_sound(host: &cpal::Host, device: &cpal::Device) -> bool {
    let loudspeaker = if is_line(host) { host.default_output_device() } else { None };
    loudspeaker.is_some_and(|sink| is_monitor_of(&name(&sink), &name(device)))
}

/// PulseAudio and PipeWire name what a loudspeaker sounds after it.
fn is_monitor_of(loudspeaker: &str, microphone: &str) -> bool {
    !loudspeaker.is_empty() && microphone.strip_suffix(".monitor") == Some(loudspeaker)
}

/// What its server calls a device; empty where it has no name.
fn name(device: &cpal::Device) -> String {
    device.id().map(|id| id.id().to_owned()).unwrap_or_default()
}

/// The chosen loudspeaker; the system's choice when none was chosen or it is gone.
pub(super) fn output(id: &str) -> Option<cpal::Device> {
    let host = cpal::default_host();
    chosen(&host, id).or_else(|| host.default_output_device())
}

fn chosen(host: &cpal::Host, id: &str) -> Option<cpal::Device> {
    let id = id.parse().ok()?;
    host.device_by_id(&id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_none_was_chosen_another_one_that_the_system_chooses_is_to_be_heard() {
        for (present, stand) in [(Some("headset"), Stand::There), (Some("built in"), Stand::Elsewhere), (None, Stand::Gone)] {
            assert_eq!(of_system("headset", present), stand, "{present:?}");
        }
    }

    #[test]
    fn whoever_looks_too_long_holds_nobody_up() {
        let looking = LINE.lock().unwrap_or_else(PoisonError::into_inner);
        let others = std::thread::spawn(|| (line_within(Duration::ZERO).is_none(), line_within(TRY).is_none()));
        assert_eq!(others.join().unwrap(), (true, true));
        drop(looking);
    }

    #[test]
    fn what_the_loudspeaker_sounds_is_no_microphone_and_another_sound_that_is_looped_back_is() {
        assert!(is_monitor_of("alsa_output.pci", "alsa_output.pci.monitor"));
        for (loudspeaker, microphone) in
            [("alsa_output.pci", "denoised.monitor"), ("speaker", "mic"), ("", ".monitor"), ("mic", "mic")]
        {
            assert!(!is_monitor_of(loudspeaker, microphone), "{microphone} beside {loudspeaker}");
        }
    }
}
