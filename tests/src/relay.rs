//! A line between a client and a host that can be slow. It passes bytes on and must not know what they mean.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::StoryError;

/// Bytes are passed on in stretches of so many.
const STRETCH: usize = 16 * 1024;

/// The line; ended with the story's runtime.
pub struct Relay {
    address: String,
    to: watch::Sender<String>,
    /// Bytes a second to the host; 0 is as fast as it goes.
    pace: Arc<AtomicU64>,
}

impl Relay {
    /// A line that leads nowhere yet.
    pub async fn open() -> Result<Self, StoryError> {
        Self::open_at(Ipv4Addr::LOCALHOST.into()).await
    }

    /// The same, at the address that this machine has for others on its network.
    pub async fn open_on_the_network() -> Result<Self, StoryError> {
        let missing = std::io::Error::other("this machine is on no network; give it an address that is not its own alone");
        let at = on_the_network().ok_or(StoryError::Process { what: "opening a line".to_owned(), source: missing })?;
        Self::open_at(at).await
    }

    async fn open_at(address: IpAddr) -> Result<Self, StoryError> {
        let failed = |source| StoryError::Process { what: "opening a line".to_owned(), source };
        let listener = TcpListener::bind((address, 0)).await.map_err(failed)?;
        let address = format!("http://{}", listener.local_addr().map_err(failed)?);
        let (to, led) = watch::channel(String::new());
        let pace: Arc<AtomicU64> = Arc::default();
        let slow = Arc::clone(&pace);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let host = led.borrow().trim_start_matches("http://").to_owned();
                let pace = Arc::clone(&slow);
                tokio::spawn(async move {
                    // Where there is no host the connection ends at once, as at a closed port.
                    let Ok(far) = TcpStream::connect(host).await else { return };
                    let (from_near, to_near) = near.into_split();
                    let (from_far, to_far) = far.into_split();
                    let freely = AtomicU64::new(0);
                    tokio::select! {
                        () = pass(from_near, to_far, &pace) => {}
                        () = pass(from_far, to_near, &freely) => {}
                    }
                });
            }
        });
        Ok(Self { address, to, pace })
    }

    /// Where it is reached.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Leads new connections to a host.
    pub fn lead_to(&self, host: &str) {
        self.to.send_replace(host.to_owned());
    }

    /// How many bytes a second each connection takes; 0 is as fast as it goes.
    pub fn pace(&self, bytes_a_second: u64) {
        self.pace.store(bytes_a_second, Ordering::Relaxed);
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, pace: &AtomicU64) {
    let mut stretch = vec![0; STRETCH];
    while let Ok(read @ 1..) = from.read(&mut stretch).await {
        let pace = pace.load(Ordering::Relaxed);
        if pace > 0 {
            tokio::time::sleep(Duration::from_secs_f64(read as f64 / pace as f64)).await;
        }
        if to.write_all(&stretch[..read]).await.is_err() {
            return;
        }
    }
}

/// From which address another machine would be spoken to; a socket without a connection finds out and sends nothing.
fn on_the_network() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(203, 0, 113, 1), 9)).ok()?;
    socket.local_addr().ok().map(|at| at.ip())
}
