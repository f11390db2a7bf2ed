//! Where the built programs are. A whole-workspace test run has built them already; a run of this crate alone builds them once.
//! It must not know what the programs do.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Command,
    sync::{LazyLock, Mutex},
    time::SystemTime,
};

use crate::StoryError;

/// The program `name`, one of `synapscribe` and `synapscribe-agentcore`, built from the sources as they are now.
pub fn program(name: &'static str) -> Result<PathBuf, StoryError> {
    static READY: LazyLock<Mutex<HashMap<&'static str, PathBuf>>> = LazyLock::new(Mutex::default);
    // Held while building, so that tests on other threads wait for the one build instead of starting theirs.
    let mut ready = READY.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(path) = ready.get(name) {
        return Ok(path.clone());
    }
    let path = profile_folder()?.join(name);
    // `cargo test` builds the programs of every package that has tests of its own, but writes no list of what they were built from.
    let built = std::env::var("SYNAPSCRIBE_PROGRAMS").is_ok_and(|how| how == "built") && path.is_file();
    if !built && !is_current(&path) {
        build(name)?;
    }
    if !path.is_file() {
        return Err(StoryError::Build {
            program: name,
            reason: format!("cargo was content, but {} is not there", path.display()),
        });
    }
    ready.insert(name, path.clone());
    Ok(path)
}

/// The root of the checkout that these stories were compiled from.
fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A test runs from `<target>/<profile>/deps`; programs lie one folder up, beside the bench.
fn profile_folder() -> Result<PathBuf, StoryError> {
    let me = std::env::current_exe()
        .map_err(|source| StoryError::Process { what: "asking for the path of this test".to_owned(), source })?;
    let folder = me.parent().unwrap_or(&me);
    let profile = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    Ok(profile.to_path_buf())
}

/// Beside each program cargo writes the list of files it was built from. The program is current when none of them is newer,
/// and none lies in another checkout that shares the target folder.
fn is_current(program: &Path) -> bool {
    let modified = |path: &Path| -> Option<SystemTime> { path.metadata().ok()?.modified().ok() };
    let Some(built) = modified(program) else { return false };
    let Ok(list) = std::fs::read_to_string(program.with_extension("d")) else {
        return false;
    };
    let root = checkout();
    let mut sources = sources(&list).peekable();
    sources.peek().is_some() && sources.all(|source| source.starts_with(&root) && modified(&source).is_some_and(|at| at <= built))
}

/// The right-hand side of a make rule, in which a space inside a name is written `\ `.
fn sources(list: &str) -> impl Iterator<Item = PathBuf> {
    let names = list.split_once(": ").map_or("", |(_, names)| names).trim().replace("\\ ", "\0");
    names.split_whitespace().map(|name| PathBuf::from(name.replace('\0', " "))).collect::<Vec<_>>().into_iter()
}

/// Selected from the whole workspace, as the tests were: any other selection builds the dependencies once more.
fn build(name: &'static str) -> Result<(), StoryError> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(checkout()).args(["build", "--quiet", "--locked", "--workspace", "--bin", name]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // The target folder may have been chosen by an option rather than by the environment, so it is passed on.
    if let Some(target) = profile_folder()?.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    let output = cargo.output().map_err(|source| StoryError::Process { what: "starting cargo".to_owned(), source })?;
    if output.status.success() {
        Ok(())
    } else {
        Err(StoryError::Build { program: name, reason: String::from_utf8_lossy(&output.stderr).into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_spaces_survive_the_list() {
        let found: Vec<_> = sources("/t/app: /a/one.rs /a/two\\ words.rs\n").collect();
        assert_eq!(found, [PathBuf::from("/a/one.rs"), PathBuf::from("/a/two words.rs")]);
    }

    #[test]
    fn a_program_is_current_only_when_all_its_sources_are_here_and_older() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("app");
        let listed = |text: String| {
            std::fs::write(program.with_extension("d"), text).unwrap();
            is_current(&program)
        };
        let mine = checkout().join("tests/src/program.rs");
        assert!(!is_current(&program), "it does not exist");
        std::fs::write(&program, "").unwrap();
        assert!(!is_current(&program), "nothing tells what it was built from");
        assert!(listed(format!("app: {}", mine.display())));
        assert!(!listed("app: ".to_owned()), "an empty list tells nothing");
        assert!(!listed(format!("app: {} {}/gone.rs", mine.display(), checkout().display())), "a source is gone");
        assert!(!listed(format!("app: {} {}", mine.display(), std::env::current_exe().unwrap().display())), "another folder");
        std::fs::File::options().write(true).open(&program).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(!listed(format!("app: {}", mine.display())), "the source is newer");
    }
}
