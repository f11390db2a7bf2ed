//! What a child says to its parent: a kind, a length and so many bytes, so that neither side has to trust the other.

use std::io::{self, Write};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncReadExt};

/// How many bytes a frame of each kind may have; `None` for a kind that does not exist.
pub type Longest = fn(u8) -> Option<usize>;

/// Writes a frame.
pub fn write(out: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    out.write_all(&[kind])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(body)
}

/// Reads the next frame; an error when the child stopped or talks nonsense.
pub async fn read(from: &mut (impl AsyncRead + Unpin), longest: Longest) -> io::Result<(u8, Vec<u8>)> {
    let kind = from.read_u8().await?;
    let length = from.read_u32_le().await? as usize;
    if longest(kind).is_none_or(|longest| length > longest) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).await?;
    Ok((kind, body))
}

/// Reads the next frame of bytes in memory, which are always there, so that reading never has to wait.
pub fn read_at_once(data: &mut &[u8], longest: Longest) -> io::Result<(u8, Vec<u8>)> {
    match pin!(read(data, longest)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(frame) => frame,
        Poll::Pending => unreachable!("bytes in memory are there at once"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(kind: u8) -> Option<usize> {
        (kind == b'A').then_some(3)
    }

    #[test]
    fn frames_come_back_as_they_went() {
        let mut wire = Vec::new();
        write(&mut wire, b'A', b"abc").unwrap();
        write(&mut wire, b'A', b"").unwrap();
        let mut reader = wire.as_slice();
        assert_eq!(read_at_once(&mut reader, longest).unwrap(), (b'A', b"abc".to_vec()));
        assert_eq!(read_at_once(&mut reader, longest).unwrap(), (b'A', Vec::new()));
        assert!(read_at_once(&mut reader, longest).is_err());
    }

    #[test]
    fn nonsense_is_refused_before_memory_is_spent() {
        for wire in [&b"A\xFF\xFF\xFF\xFF"[..], b"A\x04\0\0\0abcd", b"B\0\0\0\0", b"A\x03\0\0\0ab", b""] {
            assert!(read_at_once(&mut &wire[..], longest).is_err(), "{wire:?}");
        }
    }
}
