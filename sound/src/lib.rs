//! What both the server and the student's side do to sound: bring it to another rate, and decode Opus packets. It reads no
//! file, opens no device and knows no recording; sound comes in as samples and packets and goes out as samples.

pub mod opus;
mod resample;

pub use resample::{Resampler, whole};
