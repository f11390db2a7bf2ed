//! The sound of this program and of those it started, as a webview is one, led to the chosen loudspeaker, and back to it when it is
//! plugged in again, where the sound server can move it: PulseAudio, or PipeWire, which speaks the same. Knows no sound itself.

use std::ffi::{CStr, CString};
use std::io::BufReader;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pulseaudio::protocol::{
    self as wire, AuthParams, AuthReply, Command, MoveStreamParams, Prop, Props, ProtocolError, SetClientNameReply,
    SinkInputInfo, SubscriptionEventFacility, SubscriptionEventType, SubscriptionMask,
};

/// A server that has not answered by then will not.
const PATIENCE: Duration = Duration::from_secs(2);
/// The pause before a server that went away is looked for again.
const PAUSE: Duration = Duration::from_secs(2);

/// Leads such sound.
#[derive(Clone, Default)]
pub struct Lead {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// The loudspeaker as its server names it; none where the system chooses.
    chosen: Option<CString>,
    watched: bool,
}

impl Lead {
    /// Chooses a device as [`Devices`](super::Devices) names it, empty for the system's choice. Says whether such sound
    /// follows. Waits for the sound server, so not from an async task.
    pub fn choose(&self, device: &str) -> bool {
        let chosen = named(device);
        let before = std::mem::replace(&mut self.inner().chosen, chosen.clone());
        let Some(chosen) = chosen else {
            // What was never led anywhere is where the system has it.
            return device.is_empty() && (before.is_none() || done(lead(wire::DEFAULT_SINK, None)));
        };
        if !std::mem::replace(&mut self.inner().watched, true) {
            let lead = self.clone();
            std::thread::spawn(move || lead.watch());
        }
        done(lead(&chosen, None))
    }

    /// Leads each stream as it begins; one that a person moved elsewhere later stays there.
    fn watch(&self) {
        loop {
            let ended = self.follow();
            tracing::debug!(?ended, "the sound server went away");
            std::thread::sleep(PAUSE);
        }
    }

    fn follow(&self) -> Result<(), ProtocolError> {
        let mut server = Server::reach()?;
        server.tell(&Command::Subscribe(SubscriptionMask::SINK_INPUT | SubscriptionMask::SINK))?;
        // It may be silent for hours.
        server.socket.get_ref().set_read_timeout(None)?;
        self.lead(None);
        loop {
            let (_, said) = wire::read_command_message(&mut server.socket, server.version)?;
            let Command::SubscribeEvent(event) = said else { continue };
            match (event.event_type, event.event_facility) {
                (SubscriptionEventType::New, SubscriptionEventFacility::SinkInput) => self.lead(event.index),
                // It may be the chosen one that is back.
                (SubscriptionEventType::New, SubscriptionEventFacility::Sink) => self.lead(None),
                _ => {}
            }
        }
    }

    fn lead(&self, stream: Option<u32>) {
        let chosen = self.inner().chosen.clone();
        if let Some(chosen) = chosen {
            done(lead(&chosen, stream));
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Plain fields are good to use after a panic elsewhere.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A device by the name that its server has for it; none where another kind of server has it.
fn named(device: &str) -> Option<CString> {
    let id: cpal::DeviceId = device.parse().ok()?;
    (id.host() == cpal::HostId::PulseAudio).then(|| CString::new(id.id()).ok())?
}

fn done(moved: Result<bool, ProtocolError>) -> bool {
    moved.inspect_err(|error| tracing::debug!(%error, "sound cannot be led to the chosen loudspeaker")).unwrap_or_default()
}

/// Moves the streams of this program and of those it started, or one of them; says whether all of them went.
fn lead(to: &CStr, stream: Option<u32>) -> Result<bool, ProtocolError> {
    let mut server = Server::reach()?;
    let mut all = true;
    let streams: Vec<SinkInputInfo> = server.ask(&Command::GetSinkInputInfoList)?;
    for found in streams.iter().filter(|found| stream.is_none_or(|index| index == found.index) && is_ours(&found.props)) {
        let step = MoveStreamParams { index: Some(found.index), device_index: None, device_name: Some(to.to_owned()) };
        match server.tell(&Command::MoveSinkInput(step)) {
            // It may have ended meanwhile, or the loudspeaker was unplugged: the others are led all the same.
            Err(ProtocolError::ServerError(error)) => {
                tracing::debug!(?error, "a stream stays where it is");
                all = false;
            }
            other => other?,
        }
    }
    Ok(all)
}

/// Whether a stream is of this program or of one that it started.
fn is_ours(props: &Props) -> bool {
    let id = props.get(Prop::ApplicationProcessId).and_then(|bytes| CStr::from_bytes_until_nul(bytes).ok()?.to_str().ok());
    let Some(process) = id.and_then(|id| id.parse::<u32>().ok()) else { return false };
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Behind the name, which may hold anything: the state, and the parent.
    let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
    process == std::process::id() || parent == Some(std::process::id())
}

/// A line to the sound server on which one thing is asked after the other.
struct Server {
    socket: BufReader<UnixStream>,
    version: u16,
    asked: u32,
}

impl Server {
    fn reach() -> Result<Self, ProtocolError> {
        let path = pulseaudio::socket_path_from_env().ok_or(std::io::ErrorKind::NotFound).map_err(std::io::Error::from)?;
        let socket = UnixStream::connect(path)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let mut server = Self { socket: BufReader::new(socket), version: wire::MAX_VERSION, asked: 0 };
        let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let auth = AuthParams { version: wire::MAX_VERSION, supports_shm: false, supports_memfd: false, cookie };
        let welcome: AuthReply = server.ask(&Command::Auth(auth))?;
        server.version = server.version.min(welcome.version);
        let mut name = Props::new();
        name.set(Prop::ApplicationName, c"SynapScribe");
        let _: SetClientNameReply = server.ask(&Command::SetClientName(name))?;
        Ok(server)
    }

    fn ask<T: wire::CommandReply>(&mut self, command: &Command) -> Result<T, ProtocolError> {
        self.write(command)?;
        Ok(wire::read_reply_message(&mut self.socket, self.version)?.1)
    }

    fn tell(&mut self, command: &Command) -> Result<(), ProtocolError> {
        self.write(command)?;
        wire::read_ack_message(&mut self.socket).map(drop)
    }

    fn write(&mut self, command: &Command) -> Result<(), ProtocolError> {
        self.asked += 1;
        wire::write_command_message(self.socket.get_mut(), self.asked, command, self.version)
    }
}
