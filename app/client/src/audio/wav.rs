//! Writes and reads the plain wave files that questions and spoken answers travel in. Knows no device.

use std::io::Cursor;
use std::path::Path;

use crate::error::{ClientError, Result, code};

/// Mono samples as a wave file of 16 bits.
pub fn encode(samples: &[i16], rate: u32) -> Vec<u8> {
    let spec = hound::WavSpec { channels: 1, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut out = Cursor::new(Vec::with_capacity(44 + samples.len() * 2));
    let written = hound::WavWriter::new(&mut out, spec).and_then(|mut writer| {
        for sample in samples {
            writer.write_sample(*sample)?;
        }
        writer.finalize()
    });
    written.expect("memory takes every write, and 16 bits hold every i16");
    out.into_inner()
}

/// Whether a file can be saved at this place: its folder is there, and it is no folder itself.
pub fn check_place(path: &Path) -> Result<()> {
    let refused = |why: String| Err(ClientError::new(code::NO_FOLDER, why));
    if path.is_dir() {
        return refused(format!("{} is a folder; name a file to save the answer in", path.display()));
    }
    // Whoever wants another format would find out only where it does not play.
    if path.extension().is_some_and(|extension| !extension.eq_ignore_ascii_case("wav")) {
        return refused(format!("the answer is saved as a wave file; give {} the ending .wav", path.display()));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => {
            refused(format!("the folder {} does not exist; make it first, or save somewhere else", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Writes mono samples to a file, whole or not at all.
pub fn save(path: &Path, samples: &[i16], rate: u32) -> Result<()> {
    let failed = |error: std::io::Error| ClientError::new(code::DISK, format!("{} cannot be written: {error}", path.display()));
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    std::fs::write(&draft, encode(samples, rate)).map_err(failed)?;
    std::fs::rename(&draft, path).map_err(failed)
}

/// The samples of a mono wave file of 16 bits, and their rate.
pub fn decode(bytes: &[u8]) -> Result<(Vec<i16>, u32)> {
    let unreadable = |why: String| ClientError::new(code::CANNOT_PLAY, format!("the wave file cannot be read: {why}"));
    let reader = hound::WavReader::new(bytes).map_err(|error| unreadable(error.to_string()))?;
    let spec = reader.spec();
    if spec.channels != 1 || spec.bits_per_sample != 16 || spec.sample_format != hound::SampleFormat::Int {
        return Err(unreadable("it is not mono with 16 bits".into()));
    }
    let samples: std::result::Result<Vec<i16>, _> = reader.into_samples().collect();
    Ok((samples.map_err(|error| unreadable(error.to_string()))?, spec.sample_rate))
}

/// The samples of `pcm_s16le` bytes.
pub(crate) fn from_le_bytes(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_can_be_read_again() {
        let dir = tempfile::tempdir().unwrap();
        assert!(check_place(dir.path()).is_err() && check_place(&dir.path().join("no folder/answer.wav")).is_err());
        assert!(save(&dir.path().join("no folder/answer.wav"), &[1], 8_000).is_err() && !dir.path().join("no folder").exists());
        let path = dir.path().join("answer.wav");
        check_place(&path).unwrap();
        save(&path, &[1, -2, i16::MIN, i16::MAX], 24_000).unwrap();
        let mut reader = hound::WavReader::open(&path).unwrap();
        assert_eq!(reader.spec().sample_rate, 24_000);
        let samples: Vec<i16> = reader.samples().map(|sample| sample.unwrap()).collect();
        assert_eq!(samples, [1, -2, i16::MIN, i16::MAX]);
        assert_eq!(decode(&std::fs::read(&path).unwrap()).unwrap(), (samples, 24_000));
        assert!(decode(b"RIFF").is_err());
        assert_eq!(from_le_bytes(&[1, 0, 0xfe, 0xff, 9]), [1, -2]);
    }
}
