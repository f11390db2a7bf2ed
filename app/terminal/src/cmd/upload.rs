//! `upload`: recordings to the server, with progress, speed and time left.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;
use serde::Serialize;
use synapscribe_client::protocol::ErrorDto;
use synapscribe_client::protocol::rest::ReportDto;
use synapscribe_client::{ClientError, UploadEvent, UploadOptions, is_captions};
use tokio::sync::mpsc;

use super::library::hard_to_hear;
use super::serve::stopped;
use super::{Connected, connect, explained, named};
use crate::cli::{Global, Upload};
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// Uploads the files one after the other, so that the first can be asked as soon as it is there.
pub async fn run(upload: &Upload, global: &Global, out: Out) -> Result<Exit> {
    let way = Way::of(&upload.files);
    // It counts from now on: a program hears how every file ended, however early that is.
    let mut stop = pin!(stopped());
    let connected = tokio::select! {
        connected = begin(upload, global, out) => connected,
        () = &mut stop => return Ok(way.stopped(None, out)),
    };
    let connected = match connected {
        Ok(connected) => connected,
        Err(error) => return Ok(way.failed(&error, out)),
    };
    let exit = tokio::select! {
        exit = all(upload, &connected, &way, out) => exit.unwrap_or_else(|error| way.failed(&error, out)),
        () = &mut stop => way.stopped(connected.server.is_own().then(|| connected.server.serve()), out),
    };
    connected.server.settle().await;
    Ok(exit)
}

/// Connects for a command line that can be done.
async fn begin(upload: &Upload, global: &Global, out: Out) -> Result<Connected> {
    if upload.captions.is_some() && upload.files.len() > 1 {
        return Err(ClientError::new(
            "usage",
            "--captions goes with one recording; captions of the same name are found by themselves",
        )
        .into());
    }
    if upload.lecture.is_some() && !(upload.files.len() == 1 && is_captions(&upload.files[0])) {
        return Err(ClientError::new("usage", "--lecture goes with one caption file, which ends in .srt or .vtt").into());
    }
    connect(global, out).await
}

/// Uploads one after the other.
async fn all(upload: &Upload, connected: &Connected, way: &Way<'_>, out: Out) -> Result<Exit> {
    let lecture = match &upload.lecture {
        Some(name) => Some(named::lecture(&connected.client, name).await?),
        None => None,
    };
    let options = UploadOptions { wait: upload.wait, captions: upload.captions.clone(), lecture };
    let mut exit = Exit::Done;
    for (before, file) in upload.files.iter().enumerate() {
        exit = exit.worse(one(connected, file, &options, way, out).await?);
        way.past(before + 1);
    }
    if connected.server.is_own() && !upload.wait && exit == Exit::Done {
        let serve = connected.server.serve();
        out.remark(format!("The host works on it while it runs: start it with `{serve}`, or upload with --wait."));
    }
    Ok(exit)
}

/// How far the files are, so that each has a last word however they end.
struct Way<'a> {
    files: &'a [PathBuf],
    /// How many have had theirs.
    ended: Cell<usize>,
    /// The lecture of the one that is on its way, once it has a name.
    lecture: RefCell<Option<String>>,
    /// Whether its recording is on the server.
    arrived: Cell<bool>,
}

impl<'a> Way<'a> {
    fn of(files: &'a [PathBuf]) -> Self {
        Self { files, ended: Cell::new(0), lecture: RefCell::default(), arrived: Cell::new(false) }
    }

    fn follow(&self, event: &UploadEvent) {
        match event {
            UploadEvent::Started { lecture_id, .. } => {
                self.lecture.replace(Some(lecture_id.clone()));
            }
            UploadEvent::Uploaded { lecture_id, .. } | UploadEvent::AlreadyThere { lecture_id } => {
                self.lecture.replace(Some(lecture_id.clone()));
                self.arrived.set(true);
            }
            UploadEvent::Ready { .. } | UploadEvent::Interrupted { .. } | UploadEvent::Failed { .. } => {
                self.past(self.ended.get() + 1);
            }
            _ => {}
        }
    }

    /// So many files have had their last word.
    fn past(&self, ended: usize) {
        self.ended.set(ended);
        self.lecture.replace(None);
        self.arrived.set(false);
    }

    /// The last event of every file that has had none, with the file's name.
    fn last(&self, end: impl Fn(Option<String>, bool) -> UploadEvent) -> Vec<(UploadEvent, String)> {
        let left = self.files.iter().skip(self.ended.get()).map(|file| called(file));
        left.map(|name| (end(self.lecture.take(), self.arrived.take()), name)).collect()
    }

    /// Ends it with an error, which people read once and programs in the last word on every file.
    fn failed(&self, error: &anyhow::Error, out: Out) -> Exit {
        explained(error, |told| {
            if !out.json {
                return out.error(told);
            }
            tell(&self.last(|lecture, arrived| UploadEvent::end(lecture, arrived, told)), out);
        })
    }

    /// Ends it because a person wants that; `own` is how the host that ends with this command is started to stay.
    fn stopped(&self, own: Option<&str>, out: Out) -> Exit {
        let there = self.lecture.borrow().clone().filter(|_| self.arrived.get());
        out.remark(stopped_word(there.as_deref(), own));
        let end = |lecture: Option<String>, arrived| {
            let word = stopped_word(lecture.as_deref().filter(|_| arrived), own);
            UploadEvent::interrupted(lecture, arrived, &ClientError::new("cancelled", word))
        };
        tell(&self.last(end), out);
        Exit::Cancelled
    }
}

/// Prints the last events; whoever read them may have been stopped as well.
fn tell(last: &[(UploadEvent, String)], out: Out) {
    for (event, file) in last {
        let _ = out.event(&Line { event, file });
    }
}

/// Whether a document's title is not the one that its file's name gives.
fn is_another(title: &str, file: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    // A long name is cut to a title.
    !plain(stem).starts_with(&plain(title))
}

/// A file as it is told of.
fn called(file: &Path) -> String {
    file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// What is said when it is stopped; `own` is how the host that ends with this command is started to stay.
fn stopped_word(arrived: Option<&str>, own: Option<&str>) -> String {
    match (arrived, own) {
        (None, _) => "stopped; run the same command again to go on where it stopped".into(),
        (Some(id), None) => format!(
            "stopped waiting; the lecture is safe on the server, which goes on working on it. See how far it is with: synapscribe library show {id}"
        ),
        (Some(id), Some(serve)) => {
            format!("stopped waiting; the lecture {id} is safe, and the work on it goes on while a host runs: {serve}")
        }
    }
}

async fn one(connected: &Connected, file: &Path, options: &UploadOptions, way: &Way<'_>, out: Out) -> Result<Exit> {
    let client = &connected.client;
    let (sender, mut events) = mpsc::channel(64);
    let work = async move { client.upload(file, options, &sender).await };
    let name = called(file);
    let mut view = View::new(&name, connected.server.serve(), out);
    let telling = async {
        let (mut accepted, mut unread) = (false, false);
        while let Some(event) = events.recv().await {
            accepted |= matches!(event, UploadEvent::Uploaded { .. } | UploadEvent::AlreadyThere { .. });
            // What a person should know of it is told before the last word, which stays the last.
            if let UploadEvent::Ready { lecture_id, pages, .. } = &event {
                let known = match pages {
                    None => client.report(lecture_id).await.map(|report| {
                        unread = (options.captions.is_some() || is_captions(file)) && report.captions_refused;
                        notes(report)
                    }),
                    Some(_) => client.document(lecture_id).await.map(|document| document.notes),
                };
                for note in known.unwrap_or_default() {
                    out.event(&serde_json::json!({ "type": "note", "file": &name, "note": &note }))?;
                    view.said(format!("  {note}"));
                }
            }
            way.follow(&event);
            out.event(&Line { event: &event, file: &name })?;
            view.show(&event)?;
        }
        Ok::<_, std::io::Error>((accepted, unread))
    };
    let (outcome, told) = tokio::join!(work, telling);
    let (accepted, unread) = told?;
    drop(view);
    Ok(match outcome {
        // The lecture can be asked, but not with the words that were brought for it.
        Ok(_) if unread => Exit::Unusable,
        Ok(_) => Exit::Done,
        Err(error) => {
            match Exit::of(&error) {
                Exit::Unreachable => {
                    out.remark(if accepted {
                        "The recording is safe on the server, which goes on with it when it runs again; see: synapscribe library"
                    } else {
                        "Run the same command again when the server answers; it goes on where it stopped."
                    });
                    Exit::Unreachable
                }
                // Once it is on the server, a refusal is the server's word on the lecture.
                _ if accepted => Exit::Unusable,
                exit => exit,
            }
        }
    })
}

/// What a person should know of a lecture that is ready.
fn notes(report: ReportDto) -> Vec<String> {
    let hard = report.hard_to_hear.then(|| hard_to_hear(&report.lecture_id));
    hard.into_iter().chain(report.notes).collect()
}

/// An event as a JSON line; the file is named, because there may be several.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    event: &'a UploadEvent,
    file: &'a str,
}

/// The bar of one upload.
struct View<'a> {
    out: Out,
    name: String,
    serve: &'a str,
    bar: ProgressBar,
}

impl<'a> View<'a> {
    fn new(name: &str, serve: &'a str, out: Out) -> Self {
        let bar = out.bar("{spinner} {prefix:.bold} {msg}");
        bar.set_prefix(out.harmless(name));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { out, name: name.to_owned(), serve, bar }
    }

    fn show(&mut self, event: &UploadEvent) -> std::io::Result<()> {
        let out = self.out;
        match event {
            UploadEvent::Checked { .. } => self.bar.set_message("checked"),
            UploadEvent::AlreadyThere { lecture_id } => {
                self.said(format!("{} was brought here before, as {lecture_id}, and is not sent again", self.name))
            }
            UploadEvent::Captions { file } => self.said(format!("  captions sent along: {file}")),
            UploadEvent::Started { resumed, .. } => {
                if *resumed > 0 {
                    self.said(format!("  goes on where it stopped, {} are there already", text::size(*resumed)));
                }
                self.bar.set_style(out.style("{prefix:.bold} [{bar:30.cyan/dim}] {msg}"));
            }
            UploadEvent::Progress { bytes, total, bytes_per_second, seconds_left } => {
                self.bar.set_length(*total);
                self.bar.set_position(*bytes);
                self.bar.set_message(speed(*bytes, *total, *bytes_per_second, *seconds_left));
            }
            UploadEvent::Unreachable { error, .. } => {
                let sign = out.paint(Look::Bad, "!");
                self.said(format!("{sign} {}: {}", self.name, gone(error, self.serve)));
                self.bar.set_message("the server is tried again …");
            }
            UploadEvent::Reachable {} => {
                self.said(format!("{} {}: the server answers again", out.paint(Look::Good, "✓"), self.name))
            }
            UploadEvent::Uploaded { lecture_id, .. } => self.said(format!("{} uploaded as {lecture_id}", self.name)),
            UploadEvent::Processing { state, progress, done, total, .. } => {
                self.bar.set_length(1000);
                self.bar.set_position((progress.clamp(0.0, 1.0) * 1000.0) as u64);
                let windows = done
                    .zip(total.filter(|total| *total > 0))
                    .map(|(done, total)| format!(" {done}/{total}"))
                    .unwrap_or_default();
                self.bar.set_message(out.harmless(format!("{:.0} % {}{windows}", progress * 100.0, stage(state))));
            }
            UploadEvent::Kept { error, .. } => self.said(format!("  {}", error.message)),
            UploadEvent::Ready { lecture_id, title, pages: Some(pages), .. } => {
                if is_another(title, &self.name) {
                    self.said(format!("  {} is kept under the title “{title}”", self.name));
                }
                self.bar.finish_and_clear();
                let (sign, title) = (out.paint(Look::Good, "✓"), out.paint(Look::Strong, title));
                let pages = text::counted(*pages, "page");
                out.line(format!("{sign} {title} ({pages}) is ready: synapscribe ask --document {lecture_id} \"…\""))?;
            }
            UploadEvent::Ready { lecture_id, title, duration, .. } => {
                self.bar.finish_and_clear();
                let sign = out.paint(Look::Good, "✓");
                out.line(format!(
                    "{sign} {} ({}) is ready: synapscribe ask --lecture {lecture_id} \"…\"",
                    out.paint(Look::Strong, title),
                    text::clock(*duration)
                ))?;
            }
            UploadEvent::Interrupted { error, .. } => {
                self.bar.finish_and_clear();
                out.remark(format!("{} {}: {}", out.paint(Look::Bad, "!"), self.name, error.message));
            }
            UploadEvent::Failed { error, .. } => {
                self.bar.finish_and_clear();
                out.remark(format!("{} {}: {}", out.paint(Look::Bad, "✗"), self.name, error.message));
            }
        }
        Ok(())
    }

    fn said(&self, text: String) {
        if self.out.live() {
            self.bar.println(self.out.harmless(text));
        } else {
            self.out.remark(text);
        }
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What a person should know while the server is away.
fn gone(error: &ErrorDto, serve: &str) -> String {
    let reason = error.message.split(';').next().unwrap_or_default();
    format!(
        "{reason}. It is tried again for a while, and nothing that arrived is lost; start it again if it was stopped (on this machine: {serve})"
    )
}

/// A stage in words.
pub fn stage(state: &str) -> &str {
    match state {
        "making" => "being spoken",
        "uploading" => "arriving",
        "validating" => "being checked",
        "transcribing" => "being listened to",
        "extracting" => "being read",
        "chunking" => "being cut into passages",
        "embedding" => "being compared by meaning",
        "indexing" => "being indexed",
        "ready" => "ready",
        "failed" => "cannot be used",
        other => other,
    }
}

fn speed(bytes: u64, total: u64, per_second: u64, left: Option<u64>) -> String {
    let left = left.filter(|_| bytes < total).map(|left| format!(", {} left", text::clock(left as f64))).unwrap_or_default();
    format!("{} of {}, {}/s{left}", text::size(bytes), text::size(total), text::size(per_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_is_not_the_files_name_is_noticed() {
        for (title, file, another) in [
            ("Deltas", "rivers.md", true),
            ("Rivers", "rivers.md", false),
            ("Week 3 notes", "week_3  Notes.pdf", false),
            (&"x".repeat(120), &format!("{}.txt", "x".repeat(150)), false),
            ("notes", "notes", false),
        ] {
            assert_eq!(is_another(title, file), another, "{title} {file}");
        }
    }

    #[test]
    fn the_last_line_tells_the_state_and_the_lecture() {
        let ready = UploadEvent::Ready {
            lecture_id: "l1".into(),
            state: "ready",
            title: "T".into(),
            duration: 1.0,
            tokens_used: 5,
            pages: None,
        };
        let line = |event: &UploadEvent| serde_json::to_value(Line { event, file: "a.mp3" }).unwrap();
        let value = line(&ready);
        assert_eq!(
            (&value["type"], &value["state"], &value["lectureId"], &value["file"]),
            (&"ready".into(), &"ready".into(), &"l1".into(), &"a.mp3".into())
        );
        let uploaded = line(&UploadEvent::Uploaded { lecture_id: "l1".into(), state: "uploaded" });
        assert_eq!((&uploaded["state"], &uploaded["lectureId"]), (&"uploaded".into(), &"l1".into()));
        let error = ClientError::new("audio_empty", "it is empty").to_dto();
        let failed = line(&UploadEvent::Failed { lecture_id: None, state: "failed", error });
        assert_eq!(failed.get("lectureId"), Some(&serde_json::Value::Null), "a program need not ask whether the field is there");
    }

    #[test]
    fn every_file_has_a_last_word_however_early_it_ends() {
        let files = ["a.mp3", "week/b.mp3", "c.mp3"].map(PathBuf::from);
        let way = Way::of(&files);
        let (gone, stop) = (ClientError::unreachable("http://h:1"), ClientError::new("cancelled", "stopped"));
        let last = |end: &dyn Fn(Option<String>, bool) -> UploadEvent| -> Vec<String> {
            let lines = way.last(end).into_iter().map(|(event, file)| {
                let line = serde_json::to_value(Line { event: &event, file: &file }).unwrap();
                assert!(line["error"]["code"].is_string(), "{line}");
                format!("{} {} {}", line["file"], line["state"], line["lectureId"])
            });
            lines.collect()
        };
        let stopped = |lecture, arrived| UploadEvent::interrupted(lecture, arrived, &stop);
        assert_eq!(last(&stopped)[2], r#""c.mp3" "interrupted" null"#);
        assert_eq!(last(&|lecture, arrived| UploadEvent::end(lecture, arrived, &gone)).len(), 3);
        let refused = ClientError::new("not_found", "there is none");
        way.follow(&UploadEvent::end(None, false, &refused));
        way.past(1);
        way.follow(&UploadEvent::Started { lecture_id: "l2".into(), resumed: 0 });
        assert_eq!(last(&stopped), [r#""b.mp3" "interrupted" "l2""#, r#""c.mp3" "interrupted" null"#]);
        way.follow(&UploadEvent::Uploaded { lecture_id: "l2".into(), state: "uploaded" });
        assert_eq!(last(&stopped), [r#""b.mp3" "unknown" "l2""#, r#""c.mp3" "interrupted" null"#]);
        way.past(2);
        assert_eq!(last(&|lecture, arrived| UploadEvent::end(lecture, arrived, &refused)), [r#""c.mp3" "failed" null"#]);
    }

    #[test]
    fn a_share_is_written_as_it_is_read() {
        let (lecture_id, state) = ("l1".to_owned(), "transcribing".to_owned());
        let event = UploadEvent::Processing { lecture_id, state, progress: 0.1, done: None, total: None };
        let text = serde_json::to_string(&Line { event: &event, file: "a.mp3" }).unwrap();
        assert!(text.contains(r#""progress":0.1,"#), "{text}");
    }

    #[test]
    fn whoever_stops_waiting_hears_whether_the_lecture_is_safe() {
        assert!(stopped_word(None, None).contains("run the same command again"));
        let word = stopped_word(Some("l1"), None);
        assert!(word.contains("safe") && word.contains("goes on") && word.contains("library show l1"), "{word}");
        assert!(stopped_word(Some("l1"), Some("synapscribe serve --data d")).contains("synapscribe serve --data d"));
        let word = gone(&ClientError::unreachable("http://h:1").to_dto(), "synapscribe serve");
        assert!(word.starts_with("http://h:1 does not answer. It is tried again"), "{word}");
    }

    #[test]
    fn speed_and_time_left_are_shown_while_there_is_some() {
        assert_eq!(speed(1_000_000, 3_000_000, 500_000, Some(4)), "1.0 MB of 3.0 MB, 500 kB/s, 0:04 left");
        assert_eq!(speed(3_000_000, 3_000_000, 500_000, Some(0)), "3.0 MB of 3.0 MB, 500 kB/s");
        assert!(
            View::new("x", "synapscribe serve", Out::new(&Global { server: None, data: None, json: true, no_color: true }))
                .bar
                .is_hidden()
        );
    }
}
