//! The sound of this program and of those it started, as a webview is one, led to the chosen loudspeaker, and back to it when it is
//! plugged in again, where the sound server can move it: PulseAudio, or PipeWire, which speaks the same. Knows no sound itself.

use std::ffi::{CStr, CString};
use std::io::BufReader;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pulseaudio::protocol::{
    self as wire, AuthParams, AuthReply, Command, LookupReply, MoveStreamParams, Prop, Props, ProtocolError, SetClientNameReply,
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
    newest: Arc<Newest>,
}

#[derive(Default)]
struct Inner {
    /// The loudspeaker as its server names it; none where the system chooses.
    chosen: Option<CString>,
    watched: bool,
    /// Whether any was led away from where the system has it.
    led: bool,
}

/// A loudspeaker that was chosen, and to which sound is still to be led.
#[must_use]
pub struct Choice {
    lead: Lead,
    number: u64,
    chosen: Option<CString>,
    by_system: bool,
}

/// Lets one move sound at a time, and of those who chose only the last.
#[derive(Default)]
struct Newest {
    latest: AtomicU64,
    moving: Mutex<()>,
}

impl Lead {
    /// Chooses a device as [`Devices`](super::Devices) names it, empty for the system's choice. What was chosen before no longer
    /// counts, even where it is not carried out yet.
    pub fn choose(&self, device: &str) -> Choice {
        let chosen = named(device);
        let mut inner = self.inner();
        inner.chosen.clone_from(&chosen);
        let number = self.newest.number();
        drop(inner);
        Choice { lead: self.clone(), number, chosen, by_system: device.is_empty() }
    }

    /// Leads all such sound to the chosen loudspeaker, and what begins later, too.
    fn away(&self, chosen: &CStr) -> bool {
        let watched = {
            let mut inner = self.inner();
            inner.led = true;
            std::mem::replace(&mut inner.watched, true)
        };
        if !watched {
            let lead = self.clone();
            std::thread::spawn(move || lead.watch());
        }
        done(lead(chosen, None))
    }

    /// Leads it to where the system would have it.
    fn back(&self) -> bool {
        let led = self.inner().led;
        // What was never led anywhere is there.
        let there = !led || done(lead(wire::DEFAULT_SINK, None));
        self.inner().led = !there;
        there
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
                (SubscriptionEventType::New, SubscriptionEventFacility::Sink) if self.is_back(event.index) => self.lead(None),
                _ => {}
            }
        }
    }

    /// Whether a loudspeaker that was plugged in is the chosen one.
    fn is_back(&self, sink: Option<u32>) -> bool {
        let chosen = self.inner().chosen.clone();
        chosen.is_some_and(|chosen| done(is_named(sink, &chosen)))
    }

    fn lead(&self, stream: Option<u32>) {
        let _alone = self.newest.alone();
        let chosen = self.inner().chosen.clone();
        if let Some(chosen) = chosen {
            self.inner().led = true;
            done(lead(&chosen, stream));
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Plain fields are good to use after a panic elsewhere.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Choice {
    /// Leads sound there and says whether it follows. Waits for the sound server, so not from an async task.
    pub fn carry_out(self) -> bool {
        let Self { lead, number, chosen, by_system } = self;
        let moved = lead.newest.of(number, || match &chosen {
            Some(chosen) => lead.away(chosen),
            None => by_system && lead.back(),
        });
        // Where another was chosen meanwhile, sound is led there.
        moved.unwrap_or_default()
    }
}

impl Newest {
    /// The number of one more choice.
    fn number(&self) -> u64 {
        self.latest.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Does the work of a choice once nobody else is at work, unless another was made meanwhile.
    fn of<T>(&self, number: u64, work: impl FnOnce() -> T) -> Option<T> {
        let _alone = self.alone();
        (self.latest.load(Ordering::SeqCst) == number).then(work)
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        // It guards nothing that a panic could leave undone.
        self.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A device by the name that its server has for it; none where another kind of server has it.
fn named(device: &str) -> Option<CString> {
    let id: cpal::DeviceId = device.parse().ok()?;
    (id.host() == cpal::HostId::PulseAudio).then(|| CString::new(id.id()).ok())?
}

fn done(asked: Result<bool, ProtocolError>) -> bool {
    asked.inspect_err(|error| tracing::debug!(%error, "sound cannot be led to the chosen loudspeaker")).unwrap_or_default()
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

/// Whether a loudspeaker has this name.
fn is_named(sink: Option<u32>, name: &CStr) -> Result<bool, ProtocolError> {
    match Server::reach()?.ask(&Command::LookupSink(name.to_owned())) {
        Ok(LookupReply(index)) => Ok(sink == Some(index)),
        // There is none.
        Err(ProtocolError::ServerError(_)) => Ok(false),
        Err(error) => Err(error),
    }
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn of_several_choices_the_last_one_wins_in_whatever_order_they_are_carried_out() {
        let (newest, done) = (Newest::default(), Mutex::new(Vec::new()));
        let lead = |to: &'static str| done.lock().unwrap().push(to);
        let (first, second) = (newest.number(), newest.number());
        assert!(newest.of(second, || lead("second")).is_some());
        assert!(newest.of(first, || lead("first")).is_none(), "it comes too late");
        // One that is under way comes to its end first.
        let ((begins, begun), (go, goes)) = (sync_channel(0), sync_channel(0));
        let third = newest.number();
        std::thread::scope(|scope| {
            let (newest, lead) = (&newest, &lead);
            scope.spawn(move || {
                newest.of(third, || {
                    begins.send(()).unwrap();
                    goes.recv().unwrap();
                    lead("third");
                })
            });
            begun.recv().unwrap();
            let fourth = newest.number();
            scope.spawn(move || newest.of(fourth, || lead("fourth")));
            go.send(()).unwrap();
        });
        assert_eq!(done.into_inner().unwrap(), ["second", "third", "fourth"]);
    }
}
