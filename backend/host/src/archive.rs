//! Everything a host holds in one file, and back. A backup may be made while the host runs.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use synapscribe_sql::Store;
use tar::{Archive, Builder};

use crate::compose::{DATABASE, KEY, LOCK, OBJECTS};
use crate::private;

/// Writes a backup of the data folder to `file`, which appears only when it is complete. A file that is there is replaced only
/// when that was asked for, and never anything that is no plain file.
pub async fn backup(data: &Path, file: &Path, replace: bool) -> anyhow::Result<u64> {
    let there = fs::symlink_metadata(file).ok();
    ensure!(there.as_ref().is_none_or(fs::Metadata::is_file), "{} is no plain file; name another", file.display());
    ensure!(there.is_none() || replace, "{} is there already; add --replace, or name another file", file.display());
    ensure!(data.join(DATABASE).is_file(), "{} holds no host's data; name its folder with --data", data.display());
    let partial = file.with_extension("partial");
    let snapshot = data.join("snapshot.db");
    remove(&snapshot)?;
    let store = Store::open(data.join(DATABASE)).await.context("the database cannot be opened")?;
    // The database first: an object that comes later is one nobody refers to yet.
    store.backup_to(&snapshot).await.context("the database could not be copied")?;
    store.close().await;
    let (data, file) = (data.to_owned(), file.to_owned());
    let copied = snapshot.clone();
    let written = tokio::task::spawn_blocking(move || -> anyhow::Result<u64> {
        let mut archive =
            Builder::new(private::file(&partial).with_context(|| format!("{} cannot be written", partial.display()))?);
        archive.append_path_with_name(&copied, DATABASE)?;
        archive.append_path_with_name(data.join(KEY), KEY)?;
        append_folder(&mut archive, &data.join(OBJECTS), OBJECTS)?;
        let done = archive.into_inner()?;
        done.sync_all()?;
        let bytes = done.metadata()?.len();
        fs::rename(&partial, &file)?;
        Ok(bytes)
    });
    let written = written.await;
    // Also when it failed: a copy of everything that was said is not left lying about.
    remove(&snapshot)?;
    written?
}

/// Adds a folder's files; one that is deleted meanwhile is left out.
fn append_folder(archive: &mut Builder<File>, folder: &Path, name: &str) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let Some(own) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let inner = format!("{name}/{own}");
        if entry.file_type()?.is_dir() {
            append_folder(archive, &entry.path(), &inner)?;
        } else {
            match File::open(entry.path()) {
                Ok(mut file) => archive.append_file(&inner, &mut file)?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Brings a backup back into a data folder whose host is not running. Existing data is replaced only when asked.
pub async fn restore(data: &Path, file: &Path, replace: bool) -> anyhow::Result<()> {
    let exists = data.join(DATABASE).exists();
    if exists && !replace {
        bail!("{} holds data already; restore with --replace, or name another folder with --data", data.display());
    }
    private::folder(data)?;
    let lock = File::create(data.join(LOCK))?;
    if lock.try_lock().is_err() {
        bail!("a host is using {}; stop it first", data.display());
    }
    let incoming = data.join("incoming");
    if incoming.exists() {
        fs::remove_dir_all(&incoming)?;
    }
    private::folder(&incoming)?;
    let (from, into) = (file.to_owned(), incoming.clone());
    tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        let mut archive = Archive::new(File::open(&from).with_context(|| format!("{} cannot be read", from.display()))?);
        // Unpacking refuses paths that leave the folder.
        archive.unpack(&into).with_context(|| format!("{} is not a complete backup", from.display()))
    })
    .await??;
    ensure!(incoming.join(DATABASE).is_file() && incoming.join(KEY).is_file(), "{} is not a backup of a host", file.display());
    let store = Store::open(incoming.join(DATABASE)).await.context("the backup's database cannot be opened")?;
    store.check().await.context("the backup's database is damaged")?;
    store.close().await;
    for name in [DATABASE, "synapscribe.db-wal", "synapscribe.db-shm", KEY] {
        remove(&data.join(name))?;
    }
    if data.join(OBJECTS).exists() {
        fs::remove_dir_all(data.join(OBJECTS))?;
    }
    for entry in fs::read_dir(&incoming)? {
        let entry = entry?;
        fs::rename(entry.path(), data.join(entry.file_name()))?;
    }
    fs::remove_dir_all(&incoming)?;
    Ok(())
}

fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use synapscribe_local::Keyring;

    use super::*;

    #[tokio::test]
    async fn a_backup_and_a_restored_folder_are_their_owner_s_alone() {
        let place = tempfile::tempdir().unwrap();
        let (data, file, restored) = (place.path().join("data"), place.path().join("all.tar"), place.path().join("a/restored"));
        private::folder(&data).unwrap();
        Store::open(data.join(DATABASE)).await.unwrap().close().await;
        Keyring::open(&data.join(KEY)).unwrap();
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
    }
}
