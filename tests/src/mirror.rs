//! A place that files are fetched from, by the rules of range requests, until the story has it break off, hold back or give out
//! something else. It must not know what the files are for.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use crate::StoryError;

/// How a request is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giving {
    /// As the standard says.
    Well,
    /// After so many bytes the connection breaks, and whoever comes back is sent away.
    BreaksOff(usize),
    /// After so many bytes nothing more comes, and the connection stays.
    HoldsBack(usize),
    /// Other bytes, as many as there should be.
    Wrong,
    /// Nobody gets anything.
    Nothing,
}

/// The server and the one file on it.
pub struct Mirror {
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    content: Vec<u8>,
    giving: Mutex<Giving>,
    /// The first byte that each request asked for.
    asked: Mutex<Vec<usize>>,
}

impl Mirror {
    /// A server that gives out a file, whatever it is called.
    pub fn start(content: Vec<u8>) -> Result<Self, StoryError> {
        let failed = |source| StoryError::Process { what: "starting a mirror".to_owned(), source };
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let shared = Arc::new(Shared { content, giving: Mutex::new(Giving::Well), asked: Mutex::default() });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let serving = Arc::clone(&serving);
                // Whoever hangs up in the middle has had enough.
                std::thread::spawn(move || serving.serve(&stream));
            }
        });
        Ok(Self { url, shared })
    }

    /// The address of the file under a name.
    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.url)
    }

    /// From now on requests are met like this.
    pub fn give(&self, giving: Giving) {
        *self.shared.giving.lock().unwrap_or_else(PoisonError::into_inner) = giving;
    }

    /// The first byte that each request asked for, in order.
    pub fn asked(&self) -> Vec<usize> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    fn serve(&self, mut stream: &TcpStream) -> Option<()> {
        let from = first_byte(stream)?;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(from.unwrap_or(0));
        let giving = {
            let mut giving = self.giving.lock().unwrap_or_else(PoisonError::into_inner);
            let now = *giving;
            if matches!(now, Giving::BreaksOff(_)) {
                *giving = Giving::Nothing;
            }
            now
        };
        let all = self.content.len();
        let start = from.unwrap_or(0).min(all);
        let (status, range) = match from {
            _ if giving == Giving::Nothing => ("503 Service Unavailable", String::new()),
            Some(from) if from < all => ("206 Partial Content", format!("content-range: bytes {from}-{}/{all}\r\n", all - 1)),
            Some(_) => ("416 Range Not Satisfiable", format!("content-range: bytes */{all}\r\n")),
            None => ("200 OK", String::new()),
        };
        let body = match giving {
            Giving::Nothing => Vec::new(),
            Giving::Wrong => vec![7; all - start],
            _ => self.content[start..].to_vec(),
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{range}connection: close\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).ok()?;
        match giving {
            Giving::BreaksOff(after) => stream.write_all(&body[..after.min(body.len())]).ok(),
            Giving::HoldsBack(after) => {
                stream.write_all(&body[..after.min(body.len())]).ok()?;
                // The other side says no more, so this ends when it hangs up.
                stream.read(&mut [0]).map(drop).ok()
            }
            _ => stream.write_all(&body).ok(),
        }
    }
}

/// Where the range of a request begins, if it has one; nothing at all when it is none.
fn first_byte(stream: &TcpStream) -> Option<Option<usize>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut from = None;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { return Some(from) };
        if name.eq_ignore_ascii_case("range") {
            from = value.trim().strip_prefix("bytes=")?.split('-').next()?.parse().ok();
        }
    }
}
