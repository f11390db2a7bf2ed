//! Everything a host holds in one file, and back. A backup may be made while the host runs.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use synapscribe_local::folder::digest::Digesting;
use synapscribe_sql::{OpenError, Store};
use tar::{Builder, Header};
use thiserror::Error;

use crate::folder::{DATABASE, KEY, LOCK, OBJECTS};
use crate::{private, retention};

mod list;
mod unpack;

/// Why a backup was not made or not brought back.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The backup's place is taken.
    #[error("{} is there already; add --replace, or name another file", .0.display())]
    Exists(PathBuf),
    /// The backup's place is a folder or something else that is no file.
    #[error("{} is no plain file; name another", .0.display())]
    NoFile(PathBuf),
    /// The folder for the backup does not exist.
    #[error("the folder {} does not exist; make it first, or write the backup somewhere else", .0.display())]
    NoFolder(PathBuf),
    /// There is nothing to back up.
    #[error("{} holds no host's data; name its folder with --data", .0.display())]
    NoData(PathBuf),
    /// The folder is not empty.
    #[error("{} holds data already; restore with --replace, or name another folder with --data", .0.display())]
    Held(PathBuf),
    /// A host works with the folder.
    #[error("a host is using {}; stop it first", .0.display())]
    Running(PathBuf),
    /// The file to bring back is not there.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// The file is something else, or not whole.
    #[error("{} is not a whole backup of a host; it may have been cut off on its way here", .0.display())]
    NotWhole(PathBuf),
    /// Something in it changed since it was written.
    #[error("{} is damaged: {what} is not as it was when the backup was made; nothing was brought back, so use another backup", .file.display())]
    Damaged {
        /// The backup.
        file: PathBuf,
        /// What is not as it was.
        what: String,
    },
    /// A program to come wrote it.
    #[error("the backup cannot be brought back: {0}")]
    Newer(String),
    /// A file or folder could not be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database could not be copied.
    #[error("the database in {} cannot be copied: {reason}", .path.display())]
    Database {
        /// Where it is.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl ArchiveError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exists(_) => "backup_exists",
            Self::NoFile(_) => "backup_no_file",
            Self::NoFolder(_) => "no_folder",
            Self::NoData(_) => "no_data",
            Self::Held(_) => "data_exists",
            Self::Running(_) => "host_running",
            Self::Missing(_) => "backup_missing",
            Self::NotWhole(_) => "backup_not_whole",
            Self::Damaged { .. } => "backup_damaged",
            Self::Newer(_) => "backup_newer",
            Self::Io { .. } | Self::Database { .. } => "disk",
        }
    }

    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

/// Writes a backup of the data folder to `file`, which appears only when it is complete. A file that is there is replaced only
/// when that was asked for, and never anything that is no plain file.
pub async fn backup(data: &Path, file: &Path, replace: bool) -> Result<u64, ArchiveError> {
    let there = fs::symlink_metadata(file).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return Err(ArchiveError::NoFile(file.to_owned()));
    }
    if there.is_some() && !replace {
        return Err(ArchiveError::Exists(file.to_owned()));
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return Err(ArchiveError::NoFolder(folder.to_owned()));
    }
    if !data.join(DATABASE).is_file() {
        return Err(ArchiveError::NoData(data.to_owned()));
    }
    let partial = file.with_extension("partial");
    let snapshot = data.join("snapshot.db");
    remove(&snapshot)?;
    // The database first: an object that comes later is one nobody refers to yet.
    let copied = copy_database(data, &snapshot).await;
    let written = match copied {
        Ok(()) => {
            let (data, snapshot, partial) = (data.to_owned(), snapshot.clone(), partial.clone());
            let writing = tokio::task::spawn_blocking(move || write(&data, &snapshot, &partial));
            writing.await.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(ArchiveError::io(file))
        }
        Err(error) => Err(error),
    };
    // Also when it failed: a copy of everything that was said is not left lying about.
    remove(&snapshot)?;
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(error) => {
            let _ = fs::remove_file(&partial);
            return Err(error);
        }
    };
    fs::rename(&partial, file).map_err(ArchiveError::io(file))?;
    Ok(bytes)
}

async fn copy_database(data: &Path, snapshot: &Path) -> Result<(), ArchiveError> {
    let failed = |reason: String| ArchiveError::Database { path: data.to_owned(), reason };
    // A host of an older version may be at work with it.
    let store = Store::as_it_is(data.join(DATABASE)).await.map_err(|error| failed(error.to_string()))?;
    let copied = store.backup_to(snapshot).await.map_err(|error| failed(error.to_string()));
    store.close().await;
    copied
}

fn write(data: &Path, snapshot: &Path, partial: &Path) -> io::Result<u64> {
    let mut pack = Pack { archive: Builder::new(private::file(partial)?), list: String::new() };
    pack.add(snapshot, DATABASE)?;
    pack.add(&data.join(KEY), KEY)?;
    // Whoever chose to keep less must not be given a week again.
    let chosen = data.join(retention::FILE);
    if chosen.is_file() {
        pack.add(&chosen, retention::FILE)?;
    }
    append_folder(&mut pack, &data.join(OBJECTS), OBJECTS)?;
    let done = pack.close()?;
    done.sync_all()?;
    Ok(done.metadata()?.len())
}

/// An archive that is being written, and what its files held.
struct Pack {
    archive: Builder<File>,
    list: String,
}

impl Pack {
    fn add(&mut self, path: &Path, name: &str) -> io::Result<()> {
        let file = File::open(path)?;
        let facts = file.metadata()?;
        let mut header = Header::new_gnu();
        header.set_metadata(&facts);
        let mut reading = Digesting::new(file.take(facts.len()));
        self.archive.append_data(&mut header, name, &mut reading)?;
        self.list.push_str(&list::line(name, &reading.finish()));
        Ok(())
    }

    fn close(mut self) -> io::Result<File> {
        let mut header = Header::new_gnu();
        header.set_size(self.list.len() as u64);
        header.set_mode(0o600);
        self.archive.append_data(&mut header, list::LIST, self.list.as_bytes())?;
        self.archive.into_inner()
    }
}

/// Adds a folder's files; one that is deleted meanwhile is left out.
fn append_folder(pack: &mut Pack, folder: &Path, name: &str) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let Some(own) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let inner = format!("{name}/{own}");
        if entry.file_type()?.is_dir() {
            append_folder(pack, &entry.path(), &inner)?;
        } else {
            match pack.add(&entry.path(), &inner) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Brings a backup back into a data folder whose host is not running. Existing data is replaced only when asked, and only by a
/// whole backup; whatever goes wrong before leaves the folder as it was.
pub async fn restore(data: &Path, file: &Path, replace: bool) -> Result<(), ArchiveError> {
    match fs::metadata(file) {
        Ok(there) if there.is_file() => {}
        Ok(_) => return Err(ArchiveError::NoFile(file.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ArchiveError::Missing(file.to_owned())),
        Err(error) => return Err(ArchiveError::io(file)(error)),
    }
    if data.join(DATABASE).exists() && !replace {
        return Err(ArchiveError::Held(data.to_owned()));
    }
    let (fresh_folder, fresh_lock) = (!data.exists(), !data.join(LOCK).exists());
    private::folder(data).map_err(ArchiveError::io(data))?;
    let lock = File::create(data.join(LOCK)).map_err(ArchiveError::io(data))?;
    if lock.try_lock().is_err() {
        return Err(ArchiveError::Running(data.to_owned()));
    }
    let incoming = data.join("incoming");
    let outcome = bring_back(data, &incoming, file).await;
    let _ = fs::remove_dir_all(&incoming);
    if outcome.is_err() && fresh_lock {
        let _ = fs::remove_file(data.join(LOCK));
        if fresh_folder {
            let _ = fs::remove_dir(data);
        }
    }
    outcome
}

async fn bring_back(data: &Path, incoming: &Path, file: &Path) -> Result<(), ArchiveError> {
    if incoming.exists() {
        fs::remove_dir_all(incoming).map_err(ArchiveError::io(incoming))?;
    }
    private::folder(incoming).map_err(ArchiveError::io(incoming))?;
    let not_whole = || ArchiveError::NotWhole(file.to_owned());
    if !has_end(file).map_err(ArchiveError::io(file))? {
        return Err(not_whole());
    }
    let (from, into) = (file.to_owned(), incoming.to_owned());
    let unpacking = tokio::task::spawn_blocking(move || unpack::unpack(File::open(&from)?, &into));
    let unpacked = unpacking.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    if let Err(error) = unpacked {
        return Err(match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ArchiveError::io(incoming)(error),
            _ => {
                tracing::debug!(%error, "a backup cannot be unpacked");
                not_whole()
            }
        });
    }
    if !(incoming.join(DATABASE).is_file() && incoming.join(KEY).is_file()) {
        return Err(not_whole());
    }
    let unpacked = incoming.to_owned();
    let comparing = tokio::task::spawn_blocking(move || list::differs(&unpacked));
    let compared = comparing.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    if let Some(what) = compared.map_err(ArchiveError::io(incoming))? {
        return Err(ArchiveError::Damaged { file: file.to_owned(), what });
    }
    let store = Store::open(incoming.join(DATABASE)).await.map_err(|error| match error {
        OpenError::Newer { .. } => ArchiveError::Newer(error.to_string()),
        _ => not_whole(),
    })?;
    let checked = store.check().await;
    store.close().await;
    checked.map_err(|_| not_whole())?;
    for name in [DATABASE, "synapscribe.db-wal", "synapscribe.db-shm", KEY, retention::FILE] {
        remove(&data.join(name))?;
    }
    if data.join(OBJECTS).exists() {
        fs::remove_dir_all(data.join(OBJECTS)).map_err(ArchiveError::io(data))?;
    }
    let take_over = || -> io::Result<()> {
        for entry in fs::read_dir(incoming)? {
            let entry = entry?;
            fs::rename(entry.path(), data.join(entry.file_name()))?;
        }
        Ok(())
    };
    take_over().map_err(ArchiveError::io(data))
}

/// Whether an archive ends as every archive does, with a kilobyte of zeros. One that was cut off between two files reads well
/// and lacks what came after.
fn has_end(file: &Path) -> io::Result<bool> {
    const END: usize = 1024;
    let mut archive = File::open(file)?;
    if archive.metadata()?.len() < END as u64 {
        return Ok(false);
    }
    archive.seek(SeekFrom::End(-(END as i64)))?;
    let mut end = [1; END];
    archive.read_exact(&mut end)?;
    Ok(end.iter().all(|byte| *byte == 0))
}

fn remove(path: &Path) -> Result<(), ArchiveError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ArchiveError::io(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
    use synapscribe_local::Keyring;

    use super::*;

    #[tokio::test]
    async fn a_backup_and_a_restored_folder_are_their_owner_s_alone() {
        let place = tempfile::tempdir().unwrap();
        let (data, file, restored) = (place.path().join("data"), place.path().join("all.tar"), place.path().join("a/restored"));
        private::folder(&data).unwrap();
        Store::open(data.join(DATABASE)).await.unwrap().close().await;
        Keyring::open(&data.join(KEY)).unwrap();
        fs::write(data.join(retention::FILE), "1").unwrap();
        // What an attempt that was cut off left, with rights for everybody.
        fs::write(file.with_extension("partial"), "").unwrap();
        backup(&data, &file, false).await.unwrap();
        let again = backup(&data, &file, false).await.unwrap_err().to_string();
        assert!(again.contains("--replace"), "{again}");
        backup(&data, &file, true).await.unwrap();
        assert!(backup(&data, place.path(), true).await.is_err(), "a folder was replaced");
        restore(&restored, &file, false).await.unwrap();
        let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for (path, expected) in [(&file, 0o600), (&data, 0o700), (&restored, 0o700), (&restored.join(DATABASE), 0o600)] {
            assert_eq!(rights(path), expected, "{}", path.display());
        }
        assert!(!data.join("snapshot.db").exists());
        assert_eq!(fs::read(restored.join(retention::FILE)).unwrap(), b"1", "what was chosen to be kept");
    }

    #[tokio::test]
    async fn a_backup_leaves_the_database_of_an_older_host_as_it_is_and_can_be_brought_back() {
        let place = tempfile::tempdir().unwrap();
        let (data, file, restored) = (place.path().join("data"), place.path().join("all.tar"), place.path().join("restored"));
        private::folder(&data).unwrap();
        let steps = sqlx::migrate!("../adapters/sql/migrations");
        let older = steps.iter().map(|step| step.version).rev().nth(1).unwrap();
        let options = SqliteConnectOptions::new().filename(data.join(DATABASE)).create_if_missing(true);
        let host = SqlitePool::connect_with(options).await.unwrap();
        steps.run_to(older, &host).await.unwrap();
        Keyring::open(&data.join(KEY)).unwrap();
        backup(&data, &file, false).await.unwrap();
        let taken: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&host).await.unwrap();
        assert_eq!(taken, older, "the tables were changed under the host");
        restore(&restored, &file, false).await.unwrap();
        Store::attach(restored.join(DATABASE)).await.unwrap().close().await;
    }

    #[tokio::test]
    async fn a_backup_in_which_a_recording_was_damaged_is_refused_with_its_name_and_leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        let (data, file, restored) = (place.path().join("data"), place.path().join("all.tar"), place.path().join("restored"));
        let lecture = data.join(OBJECTS).join("objects/lectures/ada/l1");
        fs::create_dir_all(&lecture).unwrap();
        Store::open(data.join(DATABASE)).await.unwrap().close().await;
        Keyring::open(&data.join(KEY)).unwrap();
        let said = [b"the moon pulls the water ".repeat(400), b"and the sun as well ".repeat(400)].concat();
        fs::write(lecture.join("tides.wav"), &said).unwrap();
        backup(&data, &file, false).await.unwrap();
        let whole = fs::read(&file).unwrap();
        let at = whole.windows(40).position(|window| window == &said[..40]).unwrap();
        let mut noisy = whole.clone();
        noisy[at + 5_000..at + 10_000].fill(b'~');
        fs::write(&file, noisy).unwrap();
        for (folder, replace) in [(&restored, false), (&data, true)] {
            let error = restore(folder, &file, replace).await.unwrap_err();
            assert_eq!(error.code(), "backup_damaged", "{error}");
            assert!(error.to_string().contains("lectures/ada/l1/tides.wav"), "{error}");
        }
        assert!(!restored.exists() && !data.join("incoming").exists(), "something was left behind");
        assert_eq!(fs::read(lecture.join("tides.wav")).unwrap(), said, "data that was there was touched");
        fs::write(&file, whole).unwrap();
        restore(&restored, &file, false).await.unwrap();
        assert_eq!(fs::read(restored.join(OBJECTS).join("objects/lectures/ada/l1/tides.wav")).unwrap(), said);
        assert!(!restored.join(list::LIST).exists());
    }

    #[tokio::test]
    async fn a_backup_that_was_cut_off_is_named_as_one_and_leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        let (data, file, restored) = (place.path().join("data"), place.path().join("all.tar"), place.path().join("restored"));
        private::folder(&data).unwrap();
        Store::open(data.join(DATABASE)).await.unwrap().close().await;
        Keyring::open(&data.join(KEY)).unwrap();
        backup(&data, &file, false).await.unwrap();
        let whole = fs::read(&file).unwrap();
        for (what, bytes) in [
            ("cut off", &whole[..whole.len() / 3]),
            ("cut off between two files", &whole[..whole.len() - 1024]),
            ("foreign", b"no archive at all".as_slice()),
            ("empty", b""),
        ] {
            fs::write(&file, bytes).unwrap();
            let error = restore(&restored, &file, false).await.unwrap_err();
            assert_eq!(error.code(), "backup_not_whole", "{what}: {error}");
            assert!(!restored.exists(), "{what}: something was left behind");
            // Data that is there stays as it is.
            let error = restore(&data, &file, true).await.unwrap_err();
            assert_eq!(error.code(), "backup_not_whole", "{what}: {error}");
            assert!(data.join(DATABASE).is_file() && !data.join("incoming").exists(), "{what}");
        }
        let error = restore(&restored, &place.path().join("none.tar"), false).await.unwrap_err();
        assert_eq!((error.code(), restored.exists()), ("backup_missing", false));
    }
}
