//! Writes speech as a WAVE file.

use std::io::Cursor;

use synapscribe_domain::Pcm;
use synapscribe_domain::audio::SPEECH_RATE;

/// A complete 16-bit mono WAVE file of the speech.
pub fn encode_wav(pcm: &Pcm) -> Vec<u8> {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: SPEECH_RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut bytes = Vec::with_capacity(44 + pcm.0.len() * 2);
    let written = hound::WavWriter::new(Cursor::new(&mut bytes), spec).and_then(|mut writer| {
        for sample in &pcm.0 {
            writer.write_sample(to_i16(*sample))?;
        }
        writer.finalize()
    });
    written.expect("memory accepts every write and the samples fit the stated width");
    bytes
}

/// A sample as 16 bits; out of range is clipped, not a number is silence.
pub(crate) fn to_i16(sample: f32) -> i16 {
    (sample * 32_767.0).round() as i16
}

/// The inverse of [`to_i16`]; the one number that lies further from zero than all others counts as the lowest sample.
pub(crate) fn from_i16(sample: i16) -> f32 {
    (f32::from(sample) / 32_767.0).max(-1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let samples = vec![0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, f32::NAN];
        let bytes = encode_wav(&Pcm(samples));
        let mut reader = hound::WavReader::new(Cursor::new(bytes)).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (1, SPEECH_RATE));
        let read: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(read, [0, 16384, -16384, 32767, -32767, 32767, -32768, 0]);
    }

    #[test]
    fn no_speech_is_still_a_file() {
        assert_eq!(encode_wav(&Pcm::default()).len(), 44);
    }
}
