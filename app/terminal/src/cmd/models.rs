//! `models`: better ears for this machine's host, fetched once and checked.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use synapscribe_client::ClientError;
use synapscribe_client::protocol::ErrorDto;
use synapscribe_engines::models::{Listed, ModelKind};

use crate::cli::{Global, Models};
use crate::exit::Exit;
use crate::local;
use crate::out::{Look, Out};
use crate::text;

/// What is said when a download is stopped.
pub const STOPPED: &str = "stopped; run the same command again to go on where it stopped";

/// Lists, fetches and chooses models.
pub async fn run(action: Option<Models>, global: &Global, out: Out) -> Result<Exit> {
    let store = local::models(&local::own_data(global)?);
    store.sound().map_err(|failure| told(failure.code.as_str(), failure.message, failure.code.retryable()))?;
    match action.unwrap_or(Models::List) {
        Models::List => {
            for model in store.list() {
                out.event(&shown(&model))?;
                out.line(row(&model, out))?;
            }
            out.line(out.paint(Look::Dim, "Without any of them everything works with the built-in engines."))?;
        }
        Models::Get { name } => {
            let bar = out.bar("[{bar:30.cyan/dim}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
            // A server that falls silent would otherwise leave the bar where it was drawn last.
            bar.enable_steady_tick(Duration::from_millis(200));
            let mut announced = 0;
            let fetched = store.get(&name, |progress| {
                bar.set_length(progress.total);
                bar.set_position(progress.done);
                // Programs are told at every hundredth.
                let share = progress.done * 100 / progress.total.max(1);
                if share > announced {
                    announced = share;
                    let _ =
                        out.event(&serde_json::json!({ "type": "progress", "bytes": progress.done, "total": progress.total }));
                }
            });
            let path = fetched.await.map_err(|failure| told(failure.code.as_str(), failure.message, failure.code.retryable()))?;
            bar.finish_and_clear();
            out.event(&serde_json::json!({ "type": "fetched", "name": name, "path": path }))?;
            out.line(format!("{name} is here; use it with: synapscribe models use {name}"))?;
        }
        Models::Use { name } => {
            let path =
                store.choose(&name).map_err(|failure| told(failure.code.as_str(), failure.message, failure.code.retryable()))?;
            out.event(&serde_json::json!({ "type": "chosen", "name": name, "path": path }))?;
            let what = if path.is_some() { name.as_str() } else { "what is built in" };
            out.line(format!("{what} is used from the next start of the host on"))?;
        }
    }
    Ok(Exit::Done)
}

/// A model as programs are told of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    name: &'a str,
    kind: ModelKind,
    description: &'a str,
    licence: &'a str,
    bytes: u64,
    bytes_here: u64,
    installed: bool,
    in_use: bool,
}

fn shown(model: &Listed) -> Shown<'_> {
    let card = &model.card;
    Shown {
        name: &card.name,
        kind: card.kind,
        description: &card.description,
        licence: &card.licence,
        bytes: card.bytes(),
        bytes_here: model.bytes_here,
        installed: model.installed,
        in_use: model.in_use,
    }
}

fn told(code: &str, message: String, retryable: bool) -> ClientError {
    ErrorDto { code: code.to_owned(), message, retryable, correlation: None }.into()
}

fn row(model: &Listed, out: Out) -> String {
    let state = match (model.in_use, model.installed, model.bytes_here) {
        (true, ..) => out.paint(Look::Good, "in use"),
        (_, true, _) => "here".into(),
        (_, _, 0) => String::new(),
        (_, _, here) => out.paint(Look::Dim, &format!("{} here", text::size(here))),
    };
    let card = &model.card;
    format!("{:<20} {:>8}  {}  {state}", out.paint(Look::Strong, &card.name), text::size(card.bytes()), card.description)
}
