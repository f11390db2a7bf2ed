//! A model's answer: its marks are found wherever the stream is cut, and no word is lost.
#![no_main]

use synapscribe_engines::prompted::{Markers, Token};

libfuzzer_sys::fuzz_target!(|input: (u8, &str)| {
    let (piece, text) = input;
    let characters: Vec<char> = text.chars().collect();
    let read = |size: usize| -> (String, Vec<Token>) {
        let mut markers = Markers::default();
        let mut tokens = Vec::new();
        for piece in characters.chunks(size) {
            tokens.extend(markers.push(&piece.iter().collect::<String>()));
        }
        tokens.extend(markers.finish());
        let words =
            tokens.iter().filter_map(|token| if let Token::Text(words) = token { Some(words.as_str()) } else { None }).collect();
        (words, tokens.into_iter().filter(|token| !matches!(token, Token::Text(_))).collect())
    };
    assert_eq!(read(usize::from(piece) + 1), read(characters.len().max(1)));
});
