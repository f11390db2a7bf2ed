//! The rehearsal by hand: what it prints is all that whoever tries it needs.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use synapscribe_stories::run;

/// It and all that it starts, as one job of a terminal.
struct Job(Child);

impl Job {
    fn interrupt(&self) {
        // SAFETY: a signal to a group of processes that this test started, and whose leader it has not waited for.
        unsafe { libc::kill(-libc::pid_t::try_from(self.0.id()).unwrap(), libc::SIGINT) };
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.interrupt();
        let _ = self.0.wait();
    }
}

#[test]
fn whoever_types_what_a_rehearsal_prints_operates_a_deployment_of_which_nothing_is_left() {
    let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // The database runs as nobody where the test runs as root.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_synapscribe-rehearsal"));
    command.env("TMPDIR", folder.path()).stdout(Stdio::piped()).process_group(0);
    let mut job = Job(command.spawn().unwrap());
    let mut lines = BufReader::new(job.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let printed: Vec<String> = lines.by_ref().take_while(|line| !line.contains("ops audit")).collect();
    let typed = |start: &str| printed.iter().map(|line| line.trim()).filter(|line| line.starts_with(start)).collect::<Vec<_>>();
    let first = typed("export ").join("\n");
    // Somebody reads on, as a terminal does.
    let reader = std::thread::spawn(move || lines.for_each(drop));

    let mut operator = typed("synapscribe ops ");
    operator.push("synapscribe ops audit");
    assert_eq!(operator.len(), 4, "{printed:?}");
    for line in operator {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{first}\n{line}")]).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home.path());
        run(&mut shell).unwrap().well();
    }

    job.interrupt();
    assert!(job.0.wait().unwrap().success());
    // The pipe closes when the last of its processes is gone.
    reader.join().unwrap();
    // The database clears up behind itself once nobody holds it.
    let left = || std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let until = Instant::now() + Duration::from_secs(30);
    while !left().is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(left(), Vec::<PathBuf>::new());
}
