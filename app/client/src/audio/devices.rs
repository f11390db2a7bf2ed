//! Which microphones and loudspeakers there are, and the one a person chose. Opens none.

use cpal::traits::{DeviceTrait as _, HostTrait as _};
use serde::Serialize;

use super::quiet;

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
        let host = cpal::default_host();
        Self {
            inputs: host.input_devices().map(|found| found.filter_map(|d| named(&d)).collect()).unwrap_or_default(),
            outputs: host.output_devices().map(|found| found.filter_map(|d| named(&d)).collect()).unwrap_or_default(),
        }
    }
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
