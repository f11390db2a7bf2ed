//! This machine's own host: found when it runs, started inside this process when it does not. Knows where it keeps its
//! data, and nothing of what it does.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use synapscribe_client::{ClientError, Home, code};
use synapscribe_engines::models::ModelStore;
use synapscribe_host::{Joined, Running, Settings, default_data_folder};

use crate::cli::Global;
use crate::out::Out;

/// The server a command talks to.
pub struct Server {
    address: String,
    host: Option<Running>,
    serve: String,
}

impl Server {
    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether it runs inside this process.
    pub fn is_own(&self) -> bool {
        self.host.is_some()
    }

    /// The command that keeps this machine's host running, to be typed as it is.
    pub fn serve(&self) -> &str {
        &self.serve
    }

    /// Ends the host if this process started it; what it had begun goes on when it is started again.
    pub async fn settle(self) {
        if let Some(host) = self.host {
            host.stop().await;
        }
    }
}

/// Finds the server: the one named, or this machine's own, started where it is not running.
pub async fn find(global: &Global, out: Out) -> Result<Server> {
    find_or_start(global, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), out).await
}

/// The same, listening at an address of one's own choice where it is started.
pub async fn find_or_start(global: &Global, listen: SocketAddr, out: Out) -> Result<Server> {
    let serve = serve(global);
    if let Some(address) = &global.server {
        return Ok(Server { address: address.clone(), host: None, serve });
    }
    let data = data(global)?;
    let held = |error: anyhow::Error| ClientError::passing(code::UNREACHABLE, error.to_string());
    if let Some(address) = synapscribe_host::running(&data).await.map_err(held)? {
        return Ok(Server { address, host: None, serve });
    }
    if out.live() {
        out.remark("starting this machine's own host …");
    }
    Ok(match synapscribe_host::join(settings(&data, listen)?).await? {
        Joined::Running(address) => Server { address, host: None, serve },
        Joined::Started(host) => Server { address: host.url.clone(), host: Some(*host), serve },
    })
}

/// How the same host is started to stay. The folder is named as any shell in any folder understands it.
fn serve(global: &Global) -> String {
    let folder = global.data.as_deref().map(|data| std::path::absolute(data).unwrap_or_else(|_| data.to_owned()));
    let Some(folder) = folder.map(|folder| folder.display().to_string()) else { return "synapscribe serve".to_owned() };
    let plain = folder.chars().all(|c| c.is_alphanumeric() || "/\\:._-".contains(c));
    if plain { format!("synapscribe serve --data {folder}") } else { format!("synapscribe serve --data \"{folder}\"") }
}

/// The folder of this machine's own host, for commands that work on nothing else; naming a server with them is a mistake.
pub fn own_data(global: &Global) -> Result<PathBuf> {
    if global.server.is_some() && global.data.is_none() {
        let why = "this works on this machine's own host only; leave --server and SYNAPSCRIBE_SERVER out, or name the host's folder with --data";
        return Err(ClientError::new("usage", why).into());
    }
    data(global)
}

/// The folder of this machine's own host.
pub fn data(global: &Global) -> Result<PathBuf> {
    if let Some(data) = &global.data {
        return std::path::absolute(data).with_context(|| format!("{} is not a folder", data.display()));
    }
    Ok(default_data_folder()?)
}

/// What shows this machine's own host that its operator asks; nothing for any other server.
pub fn operator_key(global: &Global, address: &str) -> Option<String> {
    synapscribe_host::operator_key(&data(global).ok()?, address)
}

/// Where the client remembers guests and unfinished uploads.
pub fn client_home() -> Result<Home, ClientError> {
    Home::of_platform()
}

/// Starts a host with what the environment says.
pub async fn start(data: &Path, listen: SocketAddr) -> Result<Running> {
    Box::pin(synapscribe_host::start(settings(data, listen)?)).await
}

fn settings(data: &Path, listen: SocketAddr) -> Result<Settings> {
    let mut settings = Settings::from_env(data, |name| std::env::var(name).ok())?;
    settings.listen = listen;
    Ok(settings)
}

/// The models fetched for the host of this folder.
pub fn models(data: &Path) -> ModelStore {
    ModelStore::in_data_folder(data)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use synapscribe_host::running_at;

    use super::*;

    fn global(server: Option<&str>, data: &Path) -> Global {
        Global { server: server.map(str::to_owned), data: Some(data.to_owned()), json: true, no_color: true }
    }

    #[tokio::test]
    async fn a_named_server_is_taken_and_a_running_host_found() {
        let dir = tempfile::tempdir().unwrap();
        let named = global(Some("http://h:1"), dir.path());
        let out = Out::new(&named);
        assert_eq!(find(&named, out).await.unwrap().address(), "http://h:1");
        let serve = |data: &str| super::serve(&global(None, Path::new(data)));
        assert_eq!(serve("/srv/seas"), "synapscribe serve --data /srv/seas");
        assert_eq!(serve("/srv/my seas"), "synapscribe serve --data \"/srv/my seas\"");
        assert!(serve("seas").ends_with("/seas"), "{}", serve("seas"));

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let held = File::create(dir.path().join("host.lock")).unwrap();
        held.lock().unwrap();
        // The note of an earlier life names a place where nothing answers any more.
        let note = |listen: &str| std::fs::write(dir.path().join("host.json"), format!(r#"{{"listen":"{listen}"}}"#)).unwrap();
        note("127.0.0.1:1");
        let global = global(None, dir.path());
        let later = async {
            tokio::time::sleep(Duration::from_millis(120)).await;
            note(&listener.local_addr().unwrap().to_string());
        };
        let (found, ()) = tokio::join!(find(&global, out), later);
        let found = found.unwrap();
        assert_eq!((found.address(), found.is_own()), (format!("http://{}", listener.local_addr().unwrap()).as_str(), false));
        drop(held);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_note_of_a_host_that_was_killed_leads_nobody_astray() {
        let dir = tempfile::tempdir().unwrap();
        let stranger = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let note = dir.path().join("host.json");
        std::fs::write(&note, format!(r#"{{"listen":"{}"}}"#, stranger.local_addr().unwrap())).unwrap();
        let global = global(None, dir.path());
        let own = find(&global, Out::new(&global)).await.unwrap();
        assert!(own.is_own(), "a stranger at the noted port was taken for the host: {}", own.address());
        assert_eq!(running_at(dir.path()).map(|at| format!("http://{at}")).as_deref(), Some(own.address()));
        // A command that fails lets go of its host without stopping it.
        drop(own);
        assert!(!note.exists(), "the note outlives the host");
    }
}
