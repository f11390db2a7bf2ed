//! Event-stream frames byte by byte, by their published layout: lengths, headers, payload, and two checksums.

/// An event of a stream.
pub fn event(kind: &str, payload: &str) -> Vec<u8> {
    frame(&[(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")], payload)
}

/// An error in the middle of a stream.
pub fn exception(kind: &str, payload: &str) -> Vec<u8> {
    frame(&[(":exception-type", kind), (":content-type", "application/json"), (":message-type", "exception")], payload)
}

fn frame(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let mut heads = Vec::new();
    for (name, value) in headers {
        heads.push(name.len() as u8);
        heads.extend(name.as_bytes());
        // 7 is text.
        heads.push(7);
        heads.extend((value.len() as u16).to_be_bytes());
        heads.extend(value.as_bytes());
    }
    let total = 4 + 4 + 4 + heads.len() + payload.len() + 4;
    let mut bytes = Vec::with_capacity(total);
    bytes.extend((total as u32).to_be_bytes());
    bytes.extend((heads.len() as u32).to_be_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend(heads);
    bytes.extend(payload.as_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}
