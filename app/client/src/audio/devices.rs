//! Which microphones and loudspeakers there are, and the one a person chose. Opens none.

use std::sync::{Mutex, PoisonError};

use cpal::traits::{DeviceTrait as _, HostTrait as _};
use serde::Serialize;

use super::quiet;

/// What devices are looked for with, where that is a line to a sound server: such a line stays open until the program ends, and a
/// new one for each look would be one too many before long.
static LINE: Mutex<Option<cpal::Host>> = Mutex::new(None);

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
        let mut line = LINE.lock().unwrap_or_else(PoisonError::into_inner);
        let host = match line.take() {
            Some(host) if host.devices().is_ok() => host,
            // The server may have started again, or may be there by now.
            _ => cpal::default_host(),
        };
        let found = Self::of(&host);
        *line = is_line(&host).then_some(host);
        found
    }

    fn of(host: &cpal::Host) -> Self {
        Self {
            inputs: host.input_devices().map(|found| found.filter_map(|d| named(&d)).collect()).unwrap_or_default(),
            outputs: host.output_devices().map(|found| found.filter_map(|d| named(&d)).collect()).unwrap_or_default(),
        }
    }
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
    let host = cpal::default_host();
    chosen(&host, id).or_else(|| host.default_input_device())
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
