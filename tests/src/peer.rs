//! A server with an OpenAI-compatible face that does what a story's script says: well, slowly, badly or not at all. It speaks HTTP
//! by hand, so that it can break off in the middle and notice the very moment the other side hangs up.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::StoryError;

/// Hang-ups that are remembered; a story that looks at none of so many does not want to know.
const ROOM: usize = 256;

/// What the peer was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The path, such as `/v1/chat/completions`.
    pub path: String,
    /// The body, or null when it is no JSON.
    pub body: Value,
}

/// A part of an answer.
#[derive(Debug, Clone)]
pub enum Piece {
    /// The status and the media type; without one nothing is said at all.
    Head(u16, &'static str),
    /// Bytes of the body.
    Bytes(Vec<u8>),
    /// A pause.
    Wait(Duration),
    /// The connection breaks.
    Cut,
    /// Nothing more comes, and the connection stays.
    Hang,
}

/// An answer piece by piece; it may be endless.
pub type Script = Box<dyn Iterator<Item = Piece> + Send>;

type Scripts = Arc<dyn Fn(&Asked) -> Script + Send + Sync>;

/// The server.
pub struct Peer {
    url: String,
    scripts: Arc<Mutex<Scripts>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    gone: Receiver<(String, Instant)>,
}

impl Peer {
    /// A peer that answers every request by this script.
    pub fn start(script: impl Fn(&Asked) -> Script + Send + Sync + 'static) -> Result<Self, StoryError> {
        let failed = |source| StoryError::Process { what: "starting a scripted peer".to_owned(), source };
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let scripts: Arc<Mutex<Scripts>> = Arc::new(Mutex::new(Arc::new(script)));
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (sender, gone) = sync_channel(ROOM);
        let (held, noted) = (Arc::clone(&scripts), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (held, noted, sender) = (Arc::clone(&held), Arc::clone(&noted), sender.clone());
                std::thread::spawn(move || serve(stream, &held, &noted, &sender));
            }
        });
        Ok(Self { url, scripts, asked, gone })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on it answers by another script.
    pub fn change(&self, script: impl Fn(&Asked) -> Script + Send + Sync + 'static) {
        *self.scripts.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(script);
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When the other side next hangs up on a request of this path before its answer's end.
    #[track_caller]
    pub fn hung_up(&self, path: &str) -> Instant {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            match self.gone.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok((on, at)) if on.ends_with(path) => return at,
                Ok(_) => {}
                Err(_) => panic!("nobody hung up on {path}"),
            }
        }
    }
}

fn serve(stream: TcpStream, scripts: &Mutex<Scripts>, noted: &Mutex<Vec<Asked>>, gone: &SyncSender<(String, Instant)>) {
    let Some(asked) = read(&stream) else { return };
    noted.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    let script = Arc::clone(&scripts.lock().unwrap_or_else(PoisonError::into_inner));
    if !play(&stream, script(&asked)) {
        // A story that has ended hears no more, and one that does not ask need not.
        let _ = gone.try_send((asked.path, Instant::now()));
    }
}

/// A request's path and body.
fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split_whitespace().nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { path, body: serde_json::from_slice(&body).unwrap_or_default() })
}

/// Plays an answer; `false` when the other side went away before its end.
fn play(mut stream: &TcpStream, script: Script) -> bool {
    for piece in script {
        let here = match piece {
            Piece::Head(status, kind) => {
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).is_ok()
            }
            Piece::Bytes(bytes) => {
                let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n"].concat();
                stream.write_all(&chunk).is_ok()
            }
            Piece::Wait(time) => stays(stream, time),
            Piece::Cut => return true,
            Piece::Hang => {
                while stays(stream, Duration::from_secs(1)) {}
                false
            }
        };
        if !here {
            return false;
        }
    }
    let _ = stream.write_all(b"0\r\n\r\n");
    true
}

/// Waits, and says whether the other side is still there afterwards.
fn stays(mut stream: &TcpStream, time: Duration) -> bool {
    let _ = stream.set_read_timeout(Some(time));
    match stream.read(&mut [0; 64]) {
        Ok(bytes) => bytes > 0,
        Err(error) => matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut),
    }
}

/// A whole answer at once.
pub fn whole(status: u16, kind: &'static str, body: &str) -> Script {
    Box::new([Piece::Head(status, kind), Piece::Bytes(body.as_bytes().to_vec())].into_iter())
}

/// An answer of a language model as a stream of events, these words one by one, with a pause before each; then `after`.
pub fn streams(words: impl Iterator<Item = String> + Send + 'static, pause: Duration, after: Vec<Piece>) -> Script {
    let events = words.flat_map(move |word| {
        let delta = json!({ "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": { "content": word } }] });
        [Piece::Wait(pause), Piece::Bytes(format!("data: {delta}\n\n").into_bytes())]
    });
    Box::new([Piece::Head(200, "text/event-stream")].into_iter().chain(events).chain(after))
}

/// An answer of a language model that comes to its end.
pub fn writes(text: &str) -> Script {
    let words: Vec<String> = text.split_inclusive(' ').map(str::to_owned).collect();
    let stop = json!({ "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let end = Piece::Bytes(format!("data: {stop}\n\ndata: [DONE]\n\n").into_bytes());
    streams(words.into_iter(), Duration::from_millis(1), vec![end])
}

/// An answer of a speech server: stretches of a tenth of a second, with a pause before each.
pub fn speaks(stretches: usize, pause: Duration) -> Script {
    const RATE: u32 = 16_000;
    let mut head = Vec::from(*b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00");
    head.extend(RATE.to_le_bytes());
    head.extend((RATE * 2).to_le_bytes());
    head.extend(*b"\x02\x00\x10\x00data\xff\xff\xff\xff");
    let tone: Vec<u8> = (0..RATE / 10).flat_map(|n| (((n % 80) as i16 - 40) * 100).to_le_bytes()).collect();
    let sound = (0..stretches).flat_map(move |_| [Piece::Wait(pause), Piece::Bytes(tone.clone())]);
    Box::new([Piece::Head(200, "audio/wav"), Piece::Bytes(head)].into_iter().chain(sound))
}
