//! Cuts a sorted list of keys into pages, with folders where a delimiter is given. Knows no storage.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What is listed by its key.
pub trait Keyed {
    /// Its key.
    fn key(&self) -> &str;
}

/// One page.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut<T> {
    /// What stands alone.
    pub objects: Vec<T>,
    /// What stands for all keys that begin with it.
    pub folders: Vec<String>,
    /// The last thing shown, when there is more.
    pub next: Option<String>,
}

/// The token by which a client asks for what comes after a key.
pub fn token_of(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// The key that a client's token names.
pub fn key_of(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

/// Goes through sorted keys once; keys below a common prefix stand together, so each prefix is met as one run.
pub fn cut<T: Keyed>(all: Vec<T>, prefix: &str, delimiter: Option<&str>, after: &str, most: usize) -> Cut<T> {
    let (mut objects, mut folders): (Vec<T>, Vec<String>) = (Vec::new(), Vec::new());
    let mut last: Option<String> = None;
    for listed in all {
        let key = listed.key();
        let folder = delimiter.and_then(|delimiter| {
            let place = key[prefix.len()..].find(delimiter)?;
            Some(key[..prefix.len() + place + delimiter.len()].to_owned())
        });
        let shown = folder.as_deref().unwrap_or(key);
        // A marker inside a common prefix, or that prefix itself, has been shown with it.
        if shown <= after || last.as_deref() == Some(shown) || (folder.is_some() && after.starts_with(shown)) {
            continue;
        }
        if objects.len() + folders.len() == most {
            return Cut { objects, folders, next: last };
        }
        last = Some(shown.to_owned());
        match folder {
            Some(folder) => folders.push(folder),
            None => objects.push(listed),
        }
    }
    Cut { objects, folders, next: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Keyed for &str {
        fn key(&self) -> &str {
            self
        }
    }

    #[test]
    fn pages_with_folders_show_everything_once() {
        let keys = ["lectures/p/a/1.mp3", "lectures/p/a/2.mp3", "lectures/p/b/1.mp3", "queries/p/q1.wav", "queries/p/q2.wav"];
        let cases: [(&str, Option<&str>, Vec<&str>); 4] = [
            ("", None, keys.to_vec()),
            ("", Some("/"), vec!["lectures/", "queries/"]),
            ("lectures/p/", Some("/"), vec!["lectures/p/a/", "lectures/p/b/"]),
            ("queries/p/", Some("/"), vec!["queries/p/q1.wav", "queries/p/q2.wav"]),
        ];
        for (prefix, delimiter, expected) in cases {
            for most in 1..=6 {
                let (mut shown, mut after) = (Vec::new(), String::new());
                loop {
                    let listed: Vec<&str> = keys.iter().filter(|key| key.starts_with(prefix)).copied().collect();
                    let Cut { objects, folders, next } = cut(listed, prefix, delimiter, &after, most);
                    assert!(objects.len() + folders.len() <= most);
                    shown.extend(objects.iter().map(|key| (*key).to_owned()));
                    shown.extend(folders);
                    match next {
                        Some(next) => after = next,
                        None => break,
                    }
                }
                assert_eq!(shown, expected, "prefix {prefix:?}, delimiter {delimiter:?}, {most} a page");
            }
        }
    }

    #[test]
    fn a_token_names_the_key_it_was_made_of() {
        assert_eq!(key_of(&token_of("lectures/p/ü.mp3")).as_deref(), Some("lectures/p/ü.mp3"));
        assert_eq!(key_of("not a token"), None);
    }

    #[test]
    fn an_empty_page_ends_the_list() {
        assert_eq!(cut(vec!["queries/p/q1.wav"], "", None, "", 0), Cut { objects: vec![], folders: vec![], next: None });
    }
}
