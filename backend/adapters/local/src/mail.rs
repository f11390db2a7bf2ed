//! Mail on one machine: a folder of letters that whoever runs the host reads. Each is a file that any mail program opens, and its
//! owner's only. It must not know what is written.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::EmailAddress;
use synapscribe_ports::Clock;
use synapscribe_ports::accounts::{Letter, Mail, MailError};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use uuid::Uuid;

/// Letters in a folder.
#[derive(Clone)]
pub struct MailFolder {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
}

/// A letter as it lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// When it was written.
    pub at: Timestamp,
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl MailFolder {
    /// Letters in this folder, which is made when there is one.
    pub fn new(folder: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> Self {
        Self { folder: folder.into(), clock }
    }

    /// Removes letters of before this moment, and says how many: the codes in them are long over.
    pub fn forget(&self, before: Timestamp) -> io::Result<u64> {
        let mut gone = 0;
        for (at, path) in files(&self.folder)? {
            if at < before {
                std::fs::remove_file(path)?;
                gone += 1;
            }
        }
        Ok(gone)
    }
}

/// The letters in a folder, the latest first.
pub fn letters(folder: &Path) -> io::Result<Vec<Kept>> {
    let mut found = files(folder)?;
    found.sort();
    Ok(found.into_iter().rev().filter_map(|(at, path)| read(at, &std::fs::read_to_string(path).ok()?)).collect())
}

#[async_trait]
impl Mail for MailFolder {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let (folder, now, text) = (self.folder.clone(), self.clock.now(), written(letter, self.clock.now()));
        apart(move || store(&folder, now, &text)).await
    }

    async fn let_go(&self, address: &EmailAddress) -> Result<(), MailError> {
        let (folder, to) = (self.folder.clone(), address.clone());
        apart(move || {
            for (at, path) in files(&folder)? {
                // One that is not there any more was just removed for its age.
                let kept = std::fs::read_to_string(&path).ok().and_then(|text| read(at, &text));
                if kept.is_some_and(|kept| kept.to == to.as_str())
                    && let Err(error) = std::fs::remove_file(path)
                    && error.kind() != io::ErrorKind::NotFound
                {
                    return Err(error);
                }
            }
            Ok(())
        })
        .await
    }
}

/// Work with files, on a thread that may wait for them.
async fn apart(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), MailError> {
    let failed = |error: String| MailError::Unavailable(error);
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
}

/// A letter appears under its name only when it is whole.
fn store(folder: &Path, now: Timestamp, text: &str) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let name = format!("{:015}-{}", now.0, Uuid::now_v7().simple());
    let draft = folder.join(format!("{name}.draft"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(&draft, folder.join(format!("{name}.eml")))
}

/// The form of RFC 5322, with letters of every script in its headers (RFC 6532).
fn written(letter: &Letter, now: Timestamp) -> String {
    let date = OffsetDateTime::from_unix_timestamp(now.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let date = date.format(&Rfc2822).unwrap_or_default();
    let head = [
        format!("Date: {date}"),
        "From: SynapScribe <no-reply@synapscribe.invalid>".to_owned(),
        format!("To: {}", letter.to.as_str()),
        // A subject is one line, whatever it is made of.
        format!("Subject: {}", letter.subject.replace(['\r', '\n'], " ")),
        format!("Message-ID: <{}@synapscribe.invalid>", Uuid::now_v7().simple()),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=utf-8".to_owned(),
        "Content-Transfer-Encoding: 8bit".to_owned(),
        "Auto-Submitted: auto-generated".to_owned(),
    ];
    format!("{}\r\n\r\n{}\r\n", head.join("\r\n"), letter.text.replace('\n', "\r\n"))
}

fn read(at: Timestamp, text: &str) -> Option<Kept> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let field = |name: &str| head.split("\r\n").find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    let text = body.replace("\r\n", "\n").trim_end().to_owned();
    Some(Kept { at, to: field("To: "), subject: field("Subject: "), text })
}

/// The letters' files with when each was written, which their names say.
fn files(folder: &Path) -> io::Result<Vec<(Timestamp, PathBuf)>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".eml"));
        if let Some(at) = name.and_then(|name| name.split('-').next()?.parse().ok()) {
            found.push((Timestamp(at), path));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use synapscribe_ports::fakes::SetClock;

    use super::*;

    #[tokio::test]
    async fn it_carries_letters() {
        let scratch = tempfile::tempdir().unwrap();
        let mail = MailFolder::new(scratch.path(), Arc::new(SetClock::at(Timestamp(1_790_000_000_000))));
        let inbox = async |address: &EmailAddress| {
            let own = letters(scratch.path()).unwrap().into_iter().filter(|kept| kept.to == address.as_str());
            own.map(|kept| (kept.subject, kept.text)).collect()
        };
        synapscribe_ports::conformance::accounts::mail(&mail, inbox).await;
    }

    #[tokio::test]
    async fn letters_lie_in_a_folder_of_their_owners_until_they_are_old() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("outbox");
        let clock = Arc::new(SetClock::at(Timestamp(1_790_000_000_000)));
        let mail = MailFolder::new(&folder, Arc::clone(&clock) as Arc<dyn Clock>);
        assert_eq!(letters(&folder).unwrap(), []);
        let to = EmailAddress::parse("zoë@example.org").unwrap();
        let letter =
            |subject: &str| Letter { to: to.clone(), subject: subject.into(), text: "Type this:\n\n    01ZA-017J".into() };
        mail.send(&letter("first")).await.unwrap();
        clock.pass(1_000);
        mail.send(&letter("second\r\nBcc: everybody@example.org")).await.unwrap();
        let found = letters(&folder).unwrap();
        assert_eq!(
            found.iter().map(|kept| kept.subject.as_str()).collect::<Vec<_>>(),
            ["second  Bcc: everybody@example.org", "first"]
        );
        assert_eq!((found[1].to.as_str(), found[1].text.as_str()), ("zoë@example.org", "Type this:\n\n    01ZA-017J"));
        for (_, path) in files(&folder).unwrap() {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("Date: ") && !text.contains("\r\nBcc:"), "{text}");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
                assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
            }
        }
        assert_eq!(mail.forget(Timestamp(1_790_000_000_001)).unwrap(), 1);
        assert_eq!(letters(&folder).unwrap().len(), 1);
        let other = EmailAddress::parse("bob@example.org").unwrap();
        mail.send(&Letter { to: other.clone(), ..letter("third") }).await.unwrap();
        mail.let_go(&to).await.unwrap();
        let left: Vec<_> = letters(&folder).unwrap().into_iter().map(|kept| kept.to).collect();
        assert_eq!(left, [other.as_str()], "nothing is kept of whoever left, and everything of others");
    }
}
