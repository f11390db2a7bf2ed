//! Decodes Opus packets with the system's libopus, straight to the rate that is wanted.

use std::ffi::c_int;
use std::ptr::NonNull;

/// The clock that Opus containers count in.
pub const RATE: u32 = 48_000;

/// The longest packet the format allows.
const LONGEST_MS: usize = 120;

/// The identification header, as RFC 7845 lays it out.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Channels that come out.
    pub channels: u8,
    /// Samples at 48 kHz before the sound.
    pub pre_skip: u16,
    gain: f32,
    streams: u8,
    coupled: u8,
    mapping: Vec<u8>,
}

impl Head {
    /// Reads the header; `None` when it is not one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < 19 || !bytes.starts_with(b"OpusHead") || bytes[8] & 0xF0 != 0 {
            return None;
        }
        let channels = bytes[9];
        let gain = f32::from(i16::from_le_bytes([bytes[16], bytes[17]]));
        let (streams, coupled, mapping) = match bytes[18] {
            0 if channels <= 2 => (1, channels.saturating_sub(1), (0..channels).collect()),
            0 => return None,
            _ => (*bytes.get(19)?, *bytes.get(20)?, bytes.get(21..21 + usize::from(channels))?.to_vec()),
        };
        let pre_skip = u16::from_le_bytes([bytes[10], bytes[11]]);
        (channels > 0).then_some(Self { channels, pre_skip, gain: 10f32.powf(gain / (20.0 * 256.0)), streams, coupled, mapping })
    }
}

/// How many samples at 48 kHz a packet plays; `None` when it is no Opus packet.
pub fn samples(packet: &[u8]) -> Option<u64> {
    let length = i32::try_from(packet.len()).ok().filter(|n| *n > 0)?;
    // SAFETY: the pointer and the length describe one live slice, which libopus only reads.
    let samples = unsafe { ffi::opus_packet_get_nb_samples(packet.as_ptr(), length, RATE as i32) };
    u64::try_from(samples).ok().filter(|n| *n > 0)
}

/// A decoder for one stream.
pub struct Decoder {
    state: NonNull<ffi::OpusMSDecoder>,
    channels: usize,
    gain: f32,
    /// Samples of each channel that the buffer holds: those of the longest packet.
    longest: usize,
    buffer: Vec<f32>,
}

// SAFETY: the state is owned by this value alone and libopus keeps no thread-bound data in it.
unsafe impl Send for Decoder {}

impl Decoder {
    /// A decoder for the stream that the header describes, to 8, 12, 16, 24 or 48 kHz; `None` when libopus refuses the
    /// description.
    pub fn new(head: &Head, rate: u32) -> Option<Self> {
        let longest = rate as usize * LONGEST_MS / 1000;
        let mut error: c_int = 0;
        // SAFETY: `mapping` holds exactly `channels` bytes (checked by `parse`) and outlives the call; libopus checks the
        // other numbers itself and answers with null when they do not fit together.
        let state = unsafe {
            ffi::opus_multistream_decoder_create(
                i32::try_from(rate).ok()?,
                c_int::from(head.channels),
                c_int::from(head.streams),
                c_int::from(head.coupled),
                head.mapping.as_ptr(),
                &raw mut error,
            )
        };
        let channels = usize::from(head.channels);
        Some(Self { state: NonNull::new(state)?, channels, gain: head.gain, longest, buffer: vec![0.0; longest * channels] })
    }

    /// Decodes one packet and appends it as mono; `false` when the packet is damaged and nothing was appended.
    pub fn decode(&mut self, packet: &[u8], out: &mut Vec<f32>) -> bool {
        let Ok(length) = i32::try_from(packet.len()) else { return false };
        // SAFETY: `state` came from create and is not freed before drop; the packet pointer and length describe one slice;
        // the buffer holds `longest` samples of every channel, which is the capacity that is stated.
        let samples = unsafe {
            ffi::opus_multistream_decode_float(
                self.state.as_ptr(),
                packet.as_ptr(),
                length,
                self.buffer.as_mut_ptr(),
                self.longest as c_int,
                0,
            )
        };
        let Ok(samples) = usize::try_from(samples) else { return false };
        let scale = self.gain / self.channels as f32;
        let frames = self.buffer[..samples * self.channels].chunks_exact(self.channels);
        out.extend(frames.map(|frame| frame.iter().sum::<f32>() * scale));
        true
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the state came from create and this is the only place that frees it.
        unsafe { ffi::opus_multistream_decoder_destroy(self.state.as_ptr()) }
    }
}

mod ffi {
    use std::ffi::{c_int, c_uchar};

    #[repr(C)]
    pub struct OpusMSDecoder {
        opaque: [u8; 0],
    }

    // The library itself is named by the build script.
    unsafe extern "C" {
        pub fn opus_packet_get_nb_samples(packet: *const c_uchar, length: i32, rate: i32) -> c_int;
        pub fn opus_multistream_decoder_create(
            rate: i32,
            channels: c_int,
            streams: c_int,
            coupled_streams: c_int,
            mapping: *const c_uchar,
            error: *mut c_int,
        ) -> *mut OpusMSDecoder;
        pub fn opus_multistream_decode_float(
            state: *mut OpusMSDecoder,
            data: *const c_uchar,
            length: i32,
            pcm: *mut f32,
            frame_size: c_int,
            decode_fec: c_int,
        ) -> c_int;
        pub fn opus_multistream_decoder_destroy(state: *mut OpusMSDecoder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_lies_is_refused() {
        let mut head = b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0".to_vec();
        let parsed = Head::parse(&head).unwrap();
        assert_eq!((parsed.channels, parsed.pre_skip), (2, 312));
        assert!(Decoder::new(&parsed, 16_000).is_some());
        head[9] = 0;
        assert_eq!(Head::parse(&head), None);
        head[9] = 200;
        assert_eq!(Head::parse(&head), None);
        head[18] = 1;
        assert_eq!(Head::parse(&head), None, "the mapping is missing");
        head.extend([0; 202]);
        assert!(Head::parse(&head).is_some_and(|head| Decoder::new(&head, 48_000).is_none()), "no streams for 200 channels");
    }

    #[test]
    fn noise_is_no_packet() {
        assert_eq!(samples(&[]), None);
        assert_eq!(samples(&[0xFF]), None, "a code 3 packet needs a frame count");
        let mut out = Vec::new();
        let head = Head::parse(b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0").unwrap();
        assert!(!Decoder::new(&head, 48_000).unwrap().decode(&[0xFF, 0xFF, 0xFF], &mut out));
        assert!(out.is_empty());
    }
}
