//! Lists of objects page by page, with whatever a client asks for: every page ends, and nothing is shown twice.
#![no_main]

use std::collections::HashSet;

// The endpoint around it is reached by signed requests only.
#[path = "../../backend/adapters/local/src/s3/cut.rs"]
mod cut;

use cut::{Cut, Keyed, cut, key_of, token_of};

#[derive(Debug, arbitrary::Arbitrary)]
struct Asked {
    keys: Vec<String>,
    prefix: String,
    delimiter: Option<String>,
    token: String,
    most: u8,
}

struct Key(String);

impl Keyed for Key {
    fn key(&self) -> &str {
        &self.0
    }
}

libfuzzer_sys::fuzz_target!(|asked: Asked| {
    let delimiter = asked.delimiter.as_deref().filter(|text| !text.is_empty());
    let mut keys = asked.keys;
    keys.retain(|key| key.starts_with(&asked.prefix));
    keys.sort();
    keys.dedup();
    let mut after = key_of(&asked.token).unwrap_or_default();
    let (mut shown, most) = (HashSet::new(), usize::from(asked.most) + 1);
    loop {
        let page = cut(keys.iter().cloned().map(Key).collect(), &asked.prefix, delimiter, &after, most);
        let Cut { objects, folders, next } = page;
        assert!(objects.len() + folders.len() <= most);
        for one in objects.into_iter().map(|key| key.0).chain(folders) {
            assert!(shown.insert(one.clone()), "{one:?} was shown twice");
        }
        let Some(next) = next else { return };
        assert_eq!(key_of(&token_of(&next)).as_deref(), Some(&*next));
        after = next;
    }
});
