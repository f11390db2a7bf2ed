//! The package for Debian: built from the program as it is, unpacked, and what it holds started.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use synapscribe_stories::{Desk, Sound, program, run};

/// Where the program names the libraries that it opens itself once it needs them.
const OPENING: [&str; 2] = [
    include_str!("../../../backend/adapters/engines/src/builtin/flite/native.rs"),
    include_str!("../../../backend/adapters/engines/src/builtin/pocketsphinx/native.rs"),
];

/// What a person's files are, and the app's own addresses.
const OPENED: [&str; 17] = [
    "x-scheme-handler/synapscribe",
    "audio/mpeg",
    "audio/x-wav",
    "audio/mp4",
    "video/mp4",
    "audio/ogg",
    "audio/flac",
    "audio/webm",
    "audio/x-matroska",
    "application/pdf",
    "application/epub+zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "text/markdown",
    "text/plain",
    "application/x-subrip",
    "text/vtt",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_debian_package_is_complete_and_what_it_holds_starts() {
    let scratch = tempfile::tempdir().unwrap();
    let package = build(scratch.path());
    let root = scratch.path().join("root");
    run(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&root)).unwrap().well();
    let app = root.join("usr/bin/synapscribe-desktop");

    let entry = std::fs::read_to_string(root.join("usr/share/applications/SynapScribe.desktop")).unwrap();
    let of = |key: &str| entry.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("no {key} in {entry}"));
    let types: BTreeSet<&str> = of("MimeType=").split(';').filter(|kind| !kind.is_empty()).collect();
    assert_eq!(types, BTreeSet::from(OPENED));
    assert_eq!(of("Exec="), "synapscribe-desktop %U", "the system passes on what is opened");
    for size in ["32x32", "128x128", "256x256@2", "512x512"] {
        let icon = root.join(format!("usr/share/icons/hicolor/{size}/apps/{}.png", of("Icon=")));
        assert!(icon.metadata().is_ok_and(|icon| icon.len() > 500), "{} is missing", icon.display());
    }

    let depends = run(Command::new("dpkg-deb").arg("--field").arg(&package).arg("Depends")).unwrap().well().out;
    let depends: Vec<&str> = depends.split(',').map(str::trim).collect();
    // The recogniser's model is read, not linked.
    assert!(depends.contains(&"pocketsphinx-en-us"), "{depends:?}");
    let brought = brought_by(&depends);
    let opened = opened();
    assert!(opened.contains("libflite.so.1") && opened.contains("libpocketsphinx.so.3"), "{opened:?}");
    for library in libraries(&app).iter().map(String::as_str).chain(opened) {
        let owners = owners(library);
        assert!(owners.iter().any(|owner| brought.contains(owner)), "{library} is of {owners:?}, which {depends:?} do not bring");
    }

    let (desk, sound) = (Desk::new().unwrap(), Sound::start().unwrap());
    let window = desk.open_program(&sound, &app, &[]).await.unwrap();
    window.see("How Neural Networks Learn").await;
    window.close().await;
}

/// Packs the program as it was built, stripped of what only a debugger reads.
fn build(scratch: &Path) -> PathBuf {
    let target = scratch.join("target");
    std::fs::create_dir_all(target.join("debug")).unwrap();
    let app = program("synapscribe-desktop").unwrap();
    run(Command::new("strip").arg(&app).arg("-o").arg(target.join("debug/synapscribe-desktop"))).unwrap().well();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut tauri = Command::new("node");
    tauri.arg(checkout.join("ui/node_modules/@tauri-apps/cli/tauri.js"));
    tauri.args(["bundle", "--debug", "--bundles", "deb", "--ci"]).current_dir(checkout.join("app/desktop"));
    run(tauri.env("CARGO_TARGET_DIR", &target)).unwrap().well();
    let made = std::fs::read_dir(target.join("debug/bundle/deb")).unwrap().map(|entry| entry.unwrap().path());
    made.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "deb")).expect("a package was made")
}

/// The libraries that a program names itself.
fn libraries(app: &Path) -> Vec<String> {
    let said = run(Command::new("readelf").arg("--dynamic").arg(app).env("LC_ALL", "C")).unwrap().well().out;
    let named = said.lines().filter(|line| line.contains("(NEEDED)"));
    named.filter_map(|line| Some(line.split_once('[')?.1.trim_end_matches(']').to_owned())).collect()
}

/// The libraries that a program opens itself; those of single voices come with the voice's own.
fn opened() -> BTreeSet<&'static str> {
    let quoted = OPENING.iter().flat_map(|source| source.split('"'));
    quoted.filter(|name| name.starts_with("lib") && name.contains(".so.") && !name.contains('{')).collect()
}

/// The installed packages that hold a library.
fn owners(library: &str) -> Vec<String> {
    let said = run(Command::new("dpkg").arg("--search").arg(format!("*/{library}"))).unwrap().well().out;
    said.lines().filter_map(|line| Some(line.split(':').next()?.to_owned())).collect()
}

/// Packages, and all that they depend on in turn.
fn brought_by(packages: &[&str]) -> BTreeSet<String> {
    let mut list = Command::new("apt-cache");
    list.args(["depends", "--recurse", "--installed", "--important"]).args(packages);
    let said = run(&mut list).unwrap().well().out;
    said.lines().filter(|line| !line.starts_with(' ')).map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}
