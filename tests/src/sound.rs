//! A microphone and a loudspeaker that are not there, of a real sound server of one's own: speech is played into the one, and
//! what the other would sound is recorded. It must not know who listens or speaks.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Ear, StoryError, run};

/// Without `norewinds` the first second and a half of what is played are lost.
const DEVICES: &str = "\
.fail
load-module module-native-protocol-unix auth-anonymous=1
load-module module-null-sink sink_name=speaker rate=48000 channels=2 norewinds=1
load-module module-null-sink sink_name=micfeed rate=16000 channels=1 norewinds=1
load-module module-remap-source source_name=mic master=micfeed.monitor
set-default-sink speaker
set-default-source mic
";

/// A sound server with a microphone and a loudspeaker; ended when it is dropped.
pub struct Sound {
    server: Child,
    folder: TempDir,
}

/// A recording of the loudspeaker that is under way.
pub struct Listening {
    recorder: Child,
    raw: PathBuf,
}

impl Sound {
    /// Starts the server and waits until it answers.
    pub fn start() -> Result<Self, StoryError> {
        let failed = |what: &str| {
            let what = what.to_owned();
            move |source| StoryError::Process { what, source }
        };
        let folder = TempDir::new().map_err(failed("making a folder for the sound server"))?;
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path(), private).map_err(failed("making a private folder"))?;
        let script = folder.path().join("devices.pa");
        std::fs::write(&script, DEVICES).map_err(failed("writing the devices"))?;
        let mut command = Command::new("pulseaudio");
        command.args(["-n", "--exit-idle-time=-1", "--daemonize=no", "-F"]).arg(&script);
        command.env("XDG_RUNTIME_DIR", folder.path()).env("HOME", folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().map_err(failed("starting the sound server"))?;
        let sound = Self { server, folder };
        let begun = Instant::now();
        loop {
            let said = run(sound.tool("pactl").args(["list", "short", "sources"]))?;
            if said.out.lines().any(|line| line.split_whitespace().nth(1) == Some("mic")) {
                return Ok(sound);
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "the sound server does not answer: {}", said.err);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lets a program find these devices and no others.
    pub fn give_to(&self, command: &mut Command) {
        command.env("XDG_RUNTIME_DIR", self.folder.path()).env_remove("PULSE_SERVER");
    }

    /// The environment that [`Sound::give_to`] sets, for programs that are started by others.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Plays a file into the microphone and waits until it was played.
    pub fn say(&self, file: &Path) -> Result<(), StoryError> {
        run(self.tool("paplay").args(["-d", "micfeed"]).arg(file))?.well();
        Ok(())
    }

    /// Begins to record the loudspeaker.
    pub fn listen(&self) -> Result<Listening, StoryError> {
        let raw = self.folder.path().join("heard.wav");
        let recorder = self
            .tool("parec")
            .args(["-d", "speaker.monitor", "--file-format=wav", "--latency-msec=20"])
            .arg(&raw)
            .stdin(Stdio::null())
            .spawn()
            .map_err(|source| StoryError::Process { what: "recording the loudspeaker".to_owned(), source })?;
        Ok(Listening { recorder, raw })
    }

    /// Hears from moment to moment whether the loudspeaker sounds.
    pub fn ear(&self) -> Result<Ear, StoryError> {
        let mut recorder = self.tool("parec");
        recorder.args(["-d", "speaker.monitor"]);
        Ear::open(recorder)
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        self.give_to(&mut command);
        command
    }
}

impl Listening {
    /// Ends the recording and writes it as the recogniser wants it: mono, 16 kHz.
    pub fn end(mut self, into: &Path) -> Result<(), StoryError> {
        let failed = |source| StoryError::Process { what: "ending the recording".to_owned(), source };
        // Asked politely, it writes the length into the file.
        run(Command::new("kill").args(["-INT", &self.recorder.id().to_string()]))?.well();
        self.recorder.wait().map_err(failed)?;
        let mut trim = Command::new("sox");
        // The silence before the first sound would make the recogniser deaf to what follows.
        trim.arg(&self.raw).args(["-r", "16000", "-c", "1", "-b", "16"]).arg(into).args(["silence", "1", "0.05", "1%"]);
        run(&mut trim)?.well();
        Ok(())
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        // It is ours; its clients end with their own processes.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
