//! What an operator may set, read once by the binaries.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use axum::http::Uri;
use synapscribe_agentcore::Capacity;
use synapscribe_domain::{AudioLimits, Millis};
use synapscribe_engines::config::{EngineSettings, SettingError};
use thiserror::Error;

use crate::proxies::Proxies;

/// The variables that the host reads beside those of the engines, each with what it is for.
pub const VARIABLES: &[(&str, &str)] = &[
    ("SYNAPSCRIBE_PUBLIC_URL", "the address clients reach this host at, when it is not the one it listens on"),
    ("SYNAPSCRIBE_AGENT_URL", "the address of an AgentCore daemon that answers instead of this process"),
    ("SYNAPSCRIBE_AGENT_TOKEN", "the secret that AgentCore asks for; the host's own /agentcore is closed without one"),
    ("SYNAPSCRIBE_ORIGINS", "web pages of other origins that may call this host, separated by commas"),
    ("SYNAPSCRIBE_PROXIES", "addresses and networks of proxies whose X-Forwarded-For is believed, separated by commas (none)"),
    ("SYNAPSCRIBE_LECTURE_MB", "the largest recording, in megabytes (500)"),
    ("SYNAPSCRIBE_LECTURE_MINUTES", "the longest recording, in minutes (180)"),
    ("SYNAPSCRIBE_RUNNING", "questions answered at once (64)"),
    ("SYNAPSCRIBE_WAITING", "questions that may wait (256)"),
    ("SYNAPSCRIBE_SIGN_UP", "invited, to let nobody sign up without an invitation"),
    ("SYNAPSCRIBE_SAMPLE", "off, to begin without the sample lecture"),
    ("SYNAPSCRIBE_EVENTS", "a file to which other systems are told what happened, a line of JSON each; without one nobody is"),
];

/// Pages of the desktop app, which are not served by the host.
const APP_ORIGINS: [&str; 2] = ["tauri://localhost", "http://tauri.localhost"];

/// A setting that cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// One of the engines' settings.
    #[error(transparent)]
    Engine(#[from] SettingError),
    /// Settings of the engines that lead to no engine.
    #[error("{0}")]
    NoEngine(String),
    /// A number that is none.
    #[error("{0} is not a whole number above 0")]
    Number(&'static str),
    /// An address that leads nowhere.
    #[error("{0} is not an address that begins with http:// or https://")]
    Address(&'static str),
    /// A page that no browser would name so.
    #[error("“{0}” in SYNAPSCRIBE_ORIGINS is not the origin of a page, such as https://study.example")]
    Origin(String),
    /// A proxy that is no address.
    #[error("“{0}” in SYNAPSCRIBE_PROXIES is not an address or a network, such as 10.0.0.7 or 10.1.0.0/16")]
    Proxy(String),
    /// A way to sign up that is none.
    #[error("SYNAPSCRIBE_SIGN_UP is open or invited")]
    SignUp,
    /// No folder could be found to keep data in.
    #[error("no home folder was found; name a data folder with --data")]
    NoHome,
}

/// How a host is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where everything is kept.
    pub data: PathBuf,
    /// Where to listen; port 0 picks one.
    pub listen: SocketAddr,
    /// The address clients use, when it differs.
    pub public_url: Option<String>,
    /// An AgentCore elsewhere.
    pub agent_url: Option<String>,
    /// The secret of AgentCore, there and here.
    pub agent_token: Option<String>,
    /// Other origins whose pages may call.
    pub origins: Vec<String>,
    /// Proxies that say where a request comes from.
    pub proxies: Proxies,
    /// The limits of a lecture.
    pub lecture_limits: AudioLimits,
    /// How many questions are taken on.
    pub capacity: Capacity,
    /// Whether signing up takes an invitation.
    pub invited_only: bool,
    /// Whether the sample lecture is made at the first start.
    pub sample: bool,
    /// The file in which other systems are told what happened.
    pub events: Option<PathBuf>,
    /// The engines.
    pub engines: EngineSettings,
}

impl Settings {
    /// The usual settings for a data folder, with built-in engines.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        let data = data.into();
        let engines = EngineSettings::default().with_found_models(&data, cache_folder().as_deref());
        Self {
            data,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            agent_url: None,
            agent_token: None,
            origins: APP_ORIGINS.map(str::to_owned).to_vec(),
            proxies: Proxies::default(),
            lecture_limits: AudioLimits::LECTURE,
            capacity: Capacity::default(),
            invited_only: false,
            sample: true,
            events: None,
            engines,
        }
    }

    /// Adds what the environment says.
    pub fn from_env(data: impl Into<PathBuf>, read: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut settings = Self::new(data);
        let text = |name: &str| read(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let number = |name: &'static str| match text(name) {
            None => Ok(None),
            Some(v) => v.parse::<u32>().ok().filter(|n| *n > 0).map(Some).ok_or(SettingsError::Number(name)),
        };
        let address = |name: &'static str| match text(name).map(|url| url.trim_end_matches('/').to_owned()) {
            Some(url) if !leads_somewhere(&url) => Err(SettingsError::Address(name)),
            url => Ok(url),
        };
        settings.public_url = address("SYNAPSCRIBE_PUBLIC_URL")?;
        settings.agent_url = address("SYNAPSCRIBE_AGENT_URL")?;
        settings.agent_token = text("SYNAPSCRIBE_AGENT_TOKEN");
        if let Some(origins) = text("SYNAPSCRIBE_ORIGINS") {
            for origin in origins.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
                let plain = origin.is_ascii()
                    && origin.split_once("://").is_some_and(|(_, rest)| !rest.is_empty() && !rest.contains('/'));
                if !plain {
                    return Err(SettingsError::Origin(origin.to_owned()));
                }
                settings.origins.push(origin.to_owned());
            }
        }
        if let Some(proxies) = text("SYNAPSCRIBE_PROXIES") {
            settings.proxies = Proxies::parse(&proxies).map_err(SettingsError::Proxy)?;
        }
        if let Some(megabytes) = number("SYNAPSCRIBE_LECTURE_MB")? {
            settings.lecture_limits.bytes = u64::from(megabytes) * 1_000_000;
        }
        if let Some(minutes) = number("SYNAPSCRIBE_LECTURE_MINUTES")? {
            settings.lecture_limits.duration = Millis(u64::from(minutes) * 60_000);
        }
        if let Some(running) = number("SYNAPSCRIBE_RUNNING")? {
            settings.capacity.running = running as usize;
        }
        if let Some(waiting) = number("SYNAPSCRIBE_WAITING")? {
            settings.capacity.waiting = waiting as usize;
        }
        settings.invited_only = match text("SYNAPSCRIBE_SIGN_UP").as_deref() {
            None | Some("open") => false,
            Some("invited") => true,
            Some(_) => return Err(SettingsError::SignUp),
        };
        settings.sample = text("SYNAPSCRIBE_SAMPLE").as_deref() != Some("off");
        settings.events = text("SYNAPSCRIBE_EVENTS").map(PathBuf::from);
        settings.engines = EngineSettings::from_env(&read)?.with_found_models(&settings.data, cache_folder().as_deref());
        Ok(settings)
    }
}

fn leads_somewhere(url: &str) -> bool {
    let uri = url.parse::<Uri>().ok();
    uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty()))
}

fn cache_folder() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.cache_dir().to_owned())
}

/// The platform's folder for what an app keeps.
pub fn default_data_folder() -> Result<PathBuf, SettingsError> {
    let dirs = directories::ProjectDirs::from("org", "SynapScribe", "synapscribe").ok_or(SettingsError::NoHome)?;
    Ok(dirs.data_dir().join("host"))
}

/// The address of the host that uses this data folder now, as it noted it; whether it still answers is for the caller to see.
pub fn running_at(data: &Path) -> Option<SocketAddr> {
    let note = std::fs::read_to_string(data.join(crate::folder::NOTE)).ok()?;
    serde_json::from_str::<serde_json::Value>(&note).ok()?.get("listen")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_nonsense_is_named() {
        let read = |name: &str| match name {
            "SYNAPSCRIBE_LECTURE_MB" => Some("5".into()),
            "SYNAPSCRIBE_SAMPLE" => Some("off".into()),
            "SYNAPSCRIBE_EVENTS" => Some("/var/log/events.jsonl".into()),
            "SYNAPSCRIBE_ORIGINS" => Some("https://a.example, https://b.example".into()),
            _ => None,
        };
        let settings = Settings::from_env("/data", read).unwrap();
        assert_eq!(settings.lecture_limits.bytes, 5_000_000);
        assert!(!settings.sample);
        assert_eq!(settings.events.as_deref(), Some(Path::new("/var/log/events.jsonl")));
        assert!(settings.origins.contains(&"https://b.example".to_owned()));
        assert!(settings.listen.ip().is_loopback(), "nothing is open to other machines unless that was asked for");
        let minutes = Settings::from_env("/data", |n| (n == "SYNAPSCRIBE_LECTURE_MINUTES").then(|| "2".into())).unwrap();
        assert_eq!(minutes.lecture_limits, AudioLimits { duration: Millis(120_000), ..AudioLimits::LECTURE });
        let error = Settings::from_env("/data", |n| (n == "SYNAPSCRIBE_RUNNING").then(|| "0".into())).unwrap_err();
        assert!(error.to_string().contains("SYNAPSCRIBE_RUNNING"));
        for (name, value) in [
            ("SYNAPSCRIBE_AGENT_URL", "gpu:5000"),
            ("SYNAPSCRIBE_AGENT_URL", "http://"),
            ("SYNAPSCRIBE_PUBLIC_URL", "study.example"),
            ("SYNAPSCRIBE_SIGN_UP", "closed"),
            ("SYNAPSCRIBE_PROXIES", "10.0.0.7, proxy.example"),
            ("SYNAPSCRIBE_ORIGINS", "https://a.example, a.example"),
            ("SYNAPSCRIBE_ORIGINS", "https://a.example/page"),
        ] {
            let error = Settings::from_env("/data", |n| (n == name).then(|| value.into())).unwrap_err();
            assert!(error.to_string().contains(name), "{value}: {error}");
        }
    }
}
