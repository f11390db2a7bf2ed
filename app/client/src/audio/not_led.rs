//! Sound that programs of ours play by themselves, where there is no sound server that could move it: the system chooses.

/// Leads no sound.
#[derive(Clone, Default)]
pub struct Lead;

/// A loudspeaker that was chosen.
#[must_use]
pub struct Choice {
    by_system: bool,
}

impl Lead {
    /// Chooses a device, empty for the system's choice.
    pub fn choose(&self, device: &str) -> Choice {
        Choice { by_system: device.is_empty() }
    }
}

impl Choice {
    /// Says whether such sound is heard on the chosen device.
    pub fn carry_out(self) -> bool {
        self.by_system
    }
}
