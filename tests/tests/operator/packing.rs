//! How functions are packed for AWS, and what keeps one from being packed. The compiler and what looks into programs are scripted; the
//! script is the real one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use synapscribe_stories::{Said, python, run};
use tempfile::TempDir;

const CARGO: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo cargo 9999.0.0; exit; }
built="$CARGO_TARGET_DIR/release"
while [ $# -gt 0 ]; do
    case $1 in
    --target) built="$CARGO_TARGET_DIR/$2/lambda" ;;
    --bin)
        mkdir -p "$built" && printf %s "$CARGO_ENCODED_RUSTFLAGS" >"$built/flags"
        # What is as it was is not written again, and what was built once comes back with the time of then.
        cmp -s "$PROGRAM" "$built/$2" || cp -p "$PROGRAM" "$built/$2" ;;
    esac
    shift
done
"#;
const RUSTC: &str = r#"#!/bin/sh
case $* in -vV) echo "host: $HOST" ;; *) echo /nowhere ;; esac
"#;
/// The C library may lack what is weak.
const READELF: &str = r#"#!/bin/sh
case $1 in
--dynamic) for library in libc.so.6 $NEEDED; do echo " 0x0000000000000001 (NEEDED)  Shared library: [$library]"; done ;;
*)
    echo "  6: 0000000000000000  0 FUNC  GLOBAL DEFAULT  UND memcpy@GLIBC_$NEWEST (4)"
    echo "  7: 0000000000000000  0 FUNC  WEAK   DEFAULT  UND gettid@GLIBC_2.99 (5)" ;;
esac
"#;
/// What an archive holds, with its mode.
const LOOK: &str = r#"
import sys, zipfile
for path in sys.argv[1:]:
    print([(entry.filename, oct(entry.external_attr >> 16), entry.date_time[0]) for entry in zipfile.ZipFile(path).infolist()])
"#;
const HERE: &str = "x86_64-unknown-linux-gnu";

struct Workshop(TempDir);

impl Workshop {
    fn open() -> Self {
        let workshop = Self(tempfile::tempdir().unwrap());
        workshop.write("program", b"a program");
        for (name, script) in [("cargo", CARGO), ("rustc", RUSTC), ("readelf", READELF)] {
            workshop.program(name, script);
        }
        workshop
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.write(&format!("bin/{name}"), script.as_bytes());
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn write(&self, path: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Packs on a machine of a kind, with programs that need the C library of this version and these libraries besides.
    fn pack(&self, arguments: &[&str], host: &str, newest: &str, needed: &str) -> Said {
        self.run("lambdas.sh", arguments, host, newest, needed)
    }

    fn run(&self, script: &str, arguments: &[&str], host: &str, newest: &str, needed: &str) -> Said {
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts").join(script));
        let path = format!("{}:{}", self.0.path().join("bin").display(), std::env::var("PATH").unwrap_or_default());
        command.args(arguments).env("PATH", path).env("CARGO_TARGET_DIR", self.0.path().join("target"));
        command.env("PROGRAM", self.0.path().join("program")).env("HOST", host).env("NEWEST", newest).env("NEEDED", needed);
        run(&mut command).unwrap()
    }

    /// Packs what the GPU host runs, on a machine of a kind, where AgentCore needs the C library of this version.
    fn bundle(&self, host: &str, newest: &str) -> Said {
        self.run("infra.sh", &["bundle"], host, newest, "")
    }

    /// What was packed for an architecture, by name.
    fn packed(&self, arch: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.0.path().join("target/lambdas").join(arch)).unwrap();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    }
}

#[test]
fn every_function_is_packed_with_its_checksum_for_what_this_machine_builds_for_and_the_rest_is_told() {
    let workshop = Workshop::open();
    let said = workshop.pack(&[], HERE, "2.34", "").well();
    assert!(
        said.out.contains("nothing for arm64: Rust cannot build for aarch64-unknown-linux-gnu: run 'rustup target add"),
        "{}",
        said.out
    );
    let lambdas = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../lambdas")).unwrap().count();
    let packed = workshop.packed("x86_64");
    let (sums, archives): (Vec<PathBuf>, Vec<PathBuf>) =
        packed.into_iter().partition(|path| path.extension().is_some_and(|kind| kind == "sha256"));
    assert_eq!((archives.len(), sums.len()), (lambdas, lambdas), "{archives:?}");
    let looked = run(Command::new(python()).args(["-c", LOOK]).args(&archives)).unwrap().well();
    assert!(looked.out.lines().all(|line| line == "[('bootstrap', '0o100755', 1980)]"), "{}", looked.out);
    let folder = archives[0].parent().unwrap();
    run(Command::new("sha256sum").args(["--check", "--strict"]).args(&sums).current_dir(folder)).unwrap().well();

    // What did not change is left as it was, and the same programs make the same files.
    let told = || sums.iter().map(|sum| std::fs::read_to_string(sum).unwrap()).collect::<Vec<_>>();
    let packed_at = || archives.iter().map(|path| path.metadata().unwrap().modified().unwrap()).collect::<Vec<_>>();
    let (before, then) = (told(), packed_at());
    let said = workshop.pack(&["x86_64"], HERE, "2.34", "").well();
    assert_eq!((told(), packed_at()), (before.clone(), then), "{}", said.out);
    assert_eq!(said.out.matches("MB of 12.00").count(), lambdas, "{}", said.out);
    std::fs::write(&archives[0], "half").unwrap();
    std::fs::write(folder.join("lambda-of-yore.zip"), "old").unwrap();
    workshop.pack(&["x86_64"], HERE, "2.34", "").well();
    assert_eq!(
        (told(), workshop.packed("x86_64").len()),
        (before, 2 * lambdas),
        "what is broken is packed again, what is old goes"
    );
    run(Command::new("sha256sum").args(["--check", "--strict"]).args(&sums).current_dir(folder)).unwrap().well();

    let before = told();
    let other = workshop.write("program", b"another program");
    std::fs::File::options().write(true).open(other).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    workshop.pack(&["x86_64"], HERE, "2.34", "").well();
    assert!(told().iter().zip(&before).all(|(now, before)| now != before), "another program is packed, however old it is");
}

#[test]
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
fn what_is_linked_in_leads_to_the_functions_of_the_older_c_library() {
    let workshop = Workshop::open();
    workshop.pack(&["x86_64"], HERE, "2.34", "").well();
    let flags = std::fs::read_to_string(workshop.0.path().join("target").join(HERE).join("lambda/flags")).unwrap();
    let object = flags.split('\u{1f}').find_map(|flag| flag.strip_prefix("-Clink-arg=/")).unwrap();
    let source =
        workshop.write("far.c", b"#include <math.h>\nint main(int n, char **v) { return (int)hypot(n, n) + (int)hypotf(n, n); }");
    let program = workshop.0.path().join("far");
    let mut link = Command::new("cc");
    link.args(["-O2", "-fno-builtin", "-o"]).arg(&program).arg(source).arg(format!("/{object}")).arg("-lm");
    run(&mut link).unwrap().well();
    let names = run(Command::new("nm").arg("-D").arg(&program)).unwrap().well().out;
    assert!(names.contains("hypot@GLIBC_2.2.5") && names.contains("hypotf@GLIBC_2.2.5"), "{names}");
    assert!(!names.contains("GLIBC_2.35"), "{names}");
}

#[test]
fn what_would_not_run_on_aws_or_start_late_is_not_packed_and_why_is_told() {
    let workshop = Workshop::open();
    let refused = |arguments: &[&str], host: &str, newest: &str, needed: &str| {
        let said = workshop.pack(arguments, host, newest, needed);
        assert!(!said.status.success(), "{}", said.out);
        said.err
    };
    let told = refused(&["x86_64"], HERE, "2.34", "libopus.so.0");
    assert!(told.contains("needs libopus.so.0, which AWS does not have"), "{told}");
    let told = refused(&["x86_64"], HERE, "2.36", "");
    assert!(told.contains("needs version 2.36 of the C library, and AWS has 2.34"), "{told}");
    let told = refused(&["arm64"], HERE, "2.34", "");
    assert!(told.contains("rustup target add aarch64-unknown-linux-gnu"), "{told}");
    let told = refused(&["mips"], HERE, "2.34", "");
    assert!(told.contains("AWS knows arm64 and x86_64"), "{told}");
    // A processor of the right kind is not enough.
    let told = refused(&[], "aarch64-apple-darwin", "2.34", "");
    assert!(told.contains("neither of AWS's architectures"), "{told}");

    // Noise does not become smaller.
    let mut state = 1_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    });
    workshop.write("program", &noise.take(13_000_000).collect::<Vec<u8>>());
    let told = refused(&["x86_64"], HERE, "2.34", "");
    assert!(told.contains("a function that large starts late"), "{told}");
}

#[test]
fn a_package_that_cannot_be_installed_keeps_nobody_from_packing_who_has_what_is_needed() {
    let workshop = Workshop::open();
    for (name, script) in [("dpkg-query", ""), ("apt-get", "exit 1"), ("sudo", r#"exec "$@""#)] {
        workshop.program(name, &format!("#!/bin/sh\n{script}\n"));
    }
    let said = workshop.pack(&["x86_64"], HERE, "2.34", "").well();
    assert!(said.out.contains("what is there has to do") && said.err.contains("could not install"), "{}{}", said.out, said.err);
    assert!(!workshop.packed("x86_64").is_empty());
}

#[test]
fn what_the_gpu_host_cannot_run_is_not_packed_for_it() {
    let workshop = Workshop::open();
    for host in ["aarch64-apple-darwin", "aarch64-unknown-linux-gnu"] {
        let said = workshop.bundle(host, "2.34");
        assert!(!said.status.success() && said.err.contains("is an x86_64 machine with Linux"), "{}{}", said.out, said.err);
    }
    let said = workshop.bundle(HERE, "2.41");
    assert!(!said.status.success() && said.err.contains("needs version 2.41 of the C library"), "{}{}", said.out, said.err);
}
