//! What stands before a server on AWS: it ends TLS with a certificate of its own, and may look at a token before it lets anybody in.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The request for TLS that every client begins with.
const TLS_PLEASE: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Who vouches for fronts.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

/// What a front asks for before it lets anybody through.
#[derive(Clone, Default)]
pub struct Gate {
    /// The only token that is good now.
    pub good: Arc<Mutex<String>>,
    /// All that were shown.
    pub shown: Arc<Mutex<Vec<String>>>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority of a test");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    /// The file that vouches for what it signed.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Starts a front with a certificate for a name, before the server on a port of this machine.
    pub async fn front(&self, name: &str, server: u16, gate: Option<Gate>) -> u16 {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let acceptor = TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A client that does not like the certificate hangs up, which is no fault of the front.
                tokio::spawn(serve(client, acceptor.clone(), server, gate.clone()));
            }
        });
        port
    }
}

async fn serve(mut client: TcpStream, acceptor: TlsAcceptor, server: u16, gate: Option<Gate>) -> std::io::Result<()> {
    let mut first = [0; 8];
    client.read_exact(&mut first).await?;
    assert_eq!(first, TLS_PLEASE, "nobody comes here without asking for TLS");
    client.write_all(b"S").await?;
    let mut client = acceptor.accept(client).await?;
    let mut behind = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await?;
    if let Some(gate) = gate {
        let Some(greeting) = let_in(&mut client, &gate).await? else { return Ok(()) };
        behind.write_all(&greeting).await?;
    }
    copy_bidirectional(&mut client, &mut behind).await.map(drop)
}

/// Asks for the token in the clear, which TLS hides, and greets the server in the name of the role that it trusts.
async fn let_in<S: AsyncRead + AsyncWrite + Unpin>(client: &mut S, gate: &Gate) -> std::io::Result<Option<Vec<u8>>> {
    let length = client.read_u32().await? as usize;
    let mut greeting = vec![0; length - 4];
    client.read_exact(&mut greeting).await?;
    client.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).await?;
    client.flush().await?;
    assert_eq!(client.read_u8().await?, b'p');
    let mut token = vec![0; client.read_u32().await? as usize - 4];
    client.read_exact(&mut token).await?;
    let token = String::from_utf8_lossy(&token).trim_end_matches('\0').to_owned();
    gate.shown.lock().unwrap().push(token.clone());
    if token != *gate.good.lock().unwrap() {
        let said = b"SFATAL\0VFATAL\0C28000\0MPAM authentication failed\0\0";
        client.write_all(b"E").await?;
        client.write_u32(said.len() as u32 + 4).await?;
        client.write_all(said).await?;
        client.shutdown().await?;
        return Ok(None);
    }
    let greeting = String::from_utf8_lossy(&greeting).replacen("user\0synapscribe\0", "user\0proxied\0", 1).into_bytes();
    Ok(Some([&(greeting.len() as u32 + 4).to_be_bytes()[..], &greeting].concat()))
}
