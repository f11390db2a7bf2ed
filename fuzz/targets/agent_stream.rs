//! The lines of an agent's answer: the same however the network cuts them, and none longer than any may be.
#![no_main]

// The client around it is a connection.
#[path = "../../agentcore/client/src/lines.rs"]
mod lines;

use lines::{Lines, TooLong};

libfuzzer_sys::fuzz_target!(|input: (u8, u8, &[u8])| {
    let (piece, longest, bytes) = input;
    let longest = usize::from(longest);
    let read = |size: usize| -> (Vec<Vec<u8>>, bool) {
        let (mut lines, mut found) = (Lines::up_to(longest), Vec::new());
        for piece in bytes.chunks(size) {
            lines.push(piece);
            loop {
                match lines.next() {
                    Ok(Some(line)) => found.push(line.to_vec()),
                    Ok(None) => break,
                    Err(TooLong) => return (found, true),
                }
            }
        }
        (found, false)
    };
    let (found, too_long) = read(usize::from(piece) + 1);
    let (whole, whole_too_long) = read(bytes.len().max(1));
    assert_eq!((&found, too_long), (&whole, whole_too_long));
    // What stands behind the last end of a line is none yet.
    let mut all: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    assert_eq!(too_long, all.iter().any(|line| line.len() > longest));
    all.pop();
    all.retain(|line| !line.is_empty());
    assert!(found.len() <= all.len() && found.iter().zip(&all).all(|(found, line)| found == line));
    assert!(too_long || found.len() == all.len(), "a line is missing");
});
