//! What one argument of a start, or one address from the system, means. Knows no window.

use std::path::{Path, PathBuf};

use url::Url;

/// The app's own addresses.
const SCHEME: &str = "synapscribe";

/// One thing the app was opened with.
#[derive(Debug, PartialEq, Eq)]
pub enum Thing {
    /// One of the app's own addresses.
    Address(String),
    /// A file to upload.
    File(PathBuf),
}

/// Reads an argument that was given in `folder`. An option is nobody's file, and other schemes are not the app's.
pub fn parse(argument: &str, folder: &Path) -> Option<Thing> {
    match Url::parse(argument) {
        Ok(url) if url.scheme() == SCHEME || !url.cannot_be_a_base() => of_url(&url),
        _ if argument.is_empty() || argument.starts_with('-') => None,
        _ => Some(Thing::File(folder.join(argument))),
    }
}

/// Reads what the system itself wants opened: one of the app's own addresses, or the address of a file.
pub fn of_url(url: &Url) -> Option<Thing> {
    match url.scheme() {
        SCHEME => Some(Thing::Address(url.to_string())),
        "file" => url.to_file_path().ok().map(Thing::File),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_addresses_or_files_of_the_folder_they_were_given_in() {
        let folder = Path::new("/home/person");
        let file = |path: &str| Some(Thing::File(PathBuf::from(path)));
        for (argument, wanted) in [
            ("synapscribe://lecture/sample?at=30", Some(Thing::Address("synapscribe://lecture/sample?at=30".to_owned()))),
            // The page gets what an address means, without the blanks and control characters that were around it.
            ("\u{f} SynapScribe:/l\u{7}", Some(Thing::Address("synapscribe:/l".to_owned()))),
            ("week 3.mp3", file("/home/person/week 3.mp3")),
            ("/media/Über.wav", file("/media/Über.wav")),
            ("file:///media/%C3%9Cber%20uns.wav", file("/media/Über uns.wav")),
            ("a: what is it.mp3", file("/home/person/a: what is it.mp3")),
            ("https://example.org/lecture.mp3", None),
            ("--help", None),
            ("", None),
        ] {
            assert_eq!(parse(argument, folder), wanted, "{argument}");
        }
    }

    #[test]
    fn files_that_the_system_opens_are_files_and_never_addresses_for_the_page() {
        for (url, wanted) in [
            ("file:///Users/person/%C3%9Cber%20uns.wav", Some(Thing::File(PathBuf::from("/Users/person/Über uns.wav")))),
            ("file:///Users/person/100%25%23.pdf", Some(Thing::File(PathBuf::from("/Users/person/100%#.pdf")))),
            ("file://elsewhere/lecture.mp3", None),
            ("synapscribe://settings", Some(Thing::Address("synapscribe://settings".to_owned()))),
            ("synapscribe://lecture/a%20b?at=30", Some(Thing::Address("synapscribe://lecture/a%20b?at=30".to_owned()))),
            ("https://example.org/lecture.mp3", None),
            ("mailto:person@example.org", None),
        ] {
            assert_eq!(of_url(&Url::parse(url).unwrap()), wanted, "{url}");
        }
    }
}
