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

/// The devices, in the server's folder.
const SCRIPT: &str = "devices.pa";

/// A sound server with a microphone and a loudspeaker; ended when it is dropped.
pub struct Sound {
    server: Child,
    folder: TempDir,
}

/// The loudspeaker's own rate; at another one a gap would not be silent to the sample.
const RATE: usize = 48_000;
/// Half a second, in bytes.
const QUIET: usize = RATE;
/// Silence for so many samples within a sound is a gap.
const GAP: usize = RATE / 500;
/// Longer silence lies between two sounds.
const LONGEST_GAP: usize = RATE / 4;
/// A machine that is busy with other things leaves gaps, but never more of them than this part of the sound.
const GAPS_PART: usize = 5;
/// Speech fades into its pauses; what is louder than this beside silence was cut off.
const CUT: u16 = 100;
/// A sound that has ended is recorded within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A loudspeaker that was plugged in.
pub struct Plugged {
    module: String,
}

/// A recording of the loudspeaker that is under way.
pub struct Listening {
    recorder: Child,
    raw: PathBuf,
}

impl Sound {
    /// Starts the server and waits until it answers.
    pub fn start() -> Result<Self, StoryError> {
        let folder = TempDir::new().map_err(failed("making a folder for the sound server"))?;
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path(), private).map_err(failed("making a private folder"))?;
        std::fs::write(folder.path().join(SCRIPT), DEVICES).map_err(failed("writing the devices"))?;
        let sound = Self { server: serve(folder.path())?, folder };
        sound.wait()?;
        Ok(sound)
    }

    /// Ends the server in the middle of everything, and starts it again.
    pub fn start_again(&mut self) -> Result<(), StoryError> {
        let _ = self.server.kill();
        let _ = self.server.wait();
        self.server = serve(self.folder.path())?;
        self.wait()
    }

    fn wait(&self) -> Result<(), StoryError> {
        let begun = Instant::now();
        loop {
            let said = run(self.tool("pactl").args(["list", "short", "sources"]))?;
            if said.out.lines().any(|line| line.split_whitespace().nth(1) == Some("mic")) {
                return Ok(());
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "the sound server does not answer: {}", said.err);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lets a program find these devices and no others.
    pub fn give_to(&self, command: &mut Command) {
        command.env("XDG_RUNTIME_DIR", self.folder.path()).env_remove("PULSE_SERVER");
        // A program with a home of its own would not find it; without it the server speaks to nobody.
        command.env("PULSE_COOKIE", self.folder.path().join(".config/pulse/cookie"));
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

    /// Begins to record the loudspeaker, and returns once it does.
    pub fn listen(&self) -> Result<Listening, StoryError> {
        let raw = self.folder.path().join("heard.raw");
        // One of before may have left its own.
        let _ = std::fs::remove_file(&raw);
        let recorder = self
            .tool("parec")
            .args(["-d", "speaker.monitor", "--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=20"])
            .arg(&raw)
            .stdin(Stdio::null())
            .spawn()
            .map_err(|source| StoryError::Process { what: "recording the loudspeaker".to_owned(), source })?;
        let begun = Instant::now();
        while std::fs::metadata(&raw).map_or(0, |file| file.len()) == 0 {
            assert!(begun.elapsed() < PATIENCE, "the loudspeaker is not recorded");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Listening { recorder, raw })
    }

    /// Hears from moment to moment whether the loudspeaker sounds.
    pub fn ear(&self) -> Result<Ear, StoryError> {
        self.ear_at("speaker")
    }

    /// The same at another loudspeaker that was plugged in.
    pub fn ear_at(&self, loudspeaker: &str) -> Result<Ear, StoryError> {
        let mut recorder = self.tool("parec");
        recorder.arg("-d").arg(format!("{loudspeaker}.monitor"));
        Ear::open(recorder)
    }

    /// Plugs in one more loudspeaker.
    pub fn plug_in(&self, loudspeaker: &str) -> Result<Plugged, StoryError> {
        let mut load = self.tool("pactl");
        load.args(["load-module", "module-null-sink", "rate=48000", "channels=2", "norewinds=1"]);
        let said = run(load.arg(format!("sink_name={loudspeaker}")))?.well();
        Ok(Plugged { module: said.out.trim().to_owned() })
    }

    /// Pulls a loudspeaker out.
    pub fn pull_out(&self, loudspeaker: Plugged) -> Result<(), StoryError> {
        run(self.tool("pactl").args(["unload-module", &loudspeaker.module]))?.well();
        Ok(())
    }

    /// Pulls the microphone out.
    pub fn pull_out_microphone(&self) -> Result<(), StoryError> {
        run(self.tool("pactl").args(["unload-module", "module-remap-source"]))?.well();
        Ok(())
    }

    /// Plugs it in again.
    pub fn plug_in_microphone(&self) -> Result<(), StoryError> {
        run(self.tool("pactl").args(["load-module", "module-remap-source", "source_name=mic", "master=micfeed.monitor"]))?.well();
        Ok(())
    }

    /// How many lines programs have to the server.
    pub fn lines(&self) -> Result<usize, StoryError> {
        let clients = run(self.tool("pactl").args(["list", "short", "clients"]))?.well().out;
        Ok(clients.lines().count())
    }

    /// Moves whatever sounds to a loudspeaker, as a person does by hand.
    pub fn move_to(&self, loudspeaker: &str) -> Result<(), StoryError> {
        let sounding = run(self.tool("pactl").args(["list", "short", "sink-inputs"]))?.well().out;
        for stream in sounding.lines().filter_map(|line| line.split_whitespace().next()) {
            run(self.tool("pactl").args(["move-sink-input", stream, loudspeaker]))?.well();
        }
        Ok(())
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        self.give_to(&mut command);
        command
    }
}

fn serve(folder: &Path) -> Result<Child, StoryError> {
    let mut command = Command::new("pulseaudio");
    command.args(["-n", "--exit-idle-time=-1", "--daemonize=no", "-F"]).arg(folder.join(SCRIPT));
    command.env("XDG_RUNTIME_DIR", folder).env("HOME", folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(failed("starting the sound server"))
}

fn failed(what: &str) -> impl Fn(std::io::Error) -> StoryError + '_ {
    move |source| StoryError::Process { what: what.to_owned(), source }
}

impl Listening {
    /// Ends the recording once what sounded is in it, and writes it as the recogniser wants it: mono, 16 kHz.
    pub fn end(mut self, into: &Path) -> Result<(), StoryError> {
        let failed = |source| StoryError::Process { what: "ending the recording".to_owned(), source };
        let (begun, before) = (Instant::now(), std::fs::metadata(&self.raw).map_or(0, |file| file.len() as usize));
        // The recorder of a busy machine is behind; silence that came since tells that it has caught up.
        let recorded = loop {
            let recorded = std::fs::read(&self.raw).map_err(failed)?;
            let end = recorded.len().saturating_sub(QUIET);
            if end >= before && recorded[end..].iter().all(|byte| *byte == 0) {
                break recorded;
            }
            assert!(begun.elapsed() < PATIENCE, "the loudspeaker does not fall silent");
            std::thread::sleep(Duration::from_millis(50));
        };
        self.recorder.kill().and_then(|()| self.recorder.wait()).map_err(failed)?;
        let samples: Vec<i16> = recorded.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect();
        let whole = without_gaps(&samples);
        let sounding = whole.iter().filter(|sample| **sample != 0).count();
        let gaps = samples.len() - whole.len();
        assert!(gaps * GAPS_PART <= sounding, "of {sounding} samples of sound {gaps} were gaps");
        let whole: Vec<u8> = whole.into_iter().flat_map(i16::to_le_bytes).collect();
        std::fs::write(&self.raw, whole).map_err(failed)?;
        let mut trim = Command::new("sox");
        trim.args(["-t", "raw", "-r", "48000", "-e", "signed", "-b", "16", "-c", "1"]).arg(&self.raw);
        // The silence before the first sound would make the recogniser deaf to what follows.
        trim.args(["-r", "16000", "-c", "1", "-b", "16"]).arg(into).args(["silence", "1", "0.05", "1%"]);
        run(&mut trim)?.well();
        Ok(())
    }
}

/// The sound as it was sent. A program that gets no processor for a moment brings its sound late, and the sound server is silent
/// meanwhile: nothing is lost by that, but a word that is torn apart is not recognised.
fn without_gaps(samples: &[i16]) -> Vec<i16> {
    let mut whole: Vec<i16> = Vec::with_capacity(samples.len());
    let mut rest = samples;
    while let Some(first) = rest.first() {
        let silent = *first == 0;
        let length = rest.iter().position(|sample| (*sample == 0) != silent).unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        let beside = [whole.last(), after.first()].into_iter().flatten().map(|sample| sample.unsigned_abs()).max();
        if !(silent && (GAP..=LONGEST_GAP).contains(&length) && beside.is_some_and(|loudest| loudest > CUT)) {
            whole.extend(run);
        }
        rest = after;
    }
    whole
}

impl Drop for Sound {
    fn drop(&mut self) {
        // It is ours; its clients end with their own processes.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_taken_out_and_a_pause_stays() {
        let (gap, pause) = (vec![0; GAP], vec![0; 9 * GAP]);
        let between = vec![0; LONGEST_GAP + 1];
        let torn = [&[900, -800], &gap[..], &[700, 0, 0, 5], &pause[..], &[3, 600], &gap, &[-400], &between[..], &[500]].concat();
        let whole = [&[900, -800, 700, 0, 0, 5], &pause[..], &[3, 600, -400], &between[..], &[500]].concat();
        assert_eq!(without_gaps(&torn), whole);
    }
}
