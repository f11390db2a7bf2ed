//! `library`: what can be asked.

use anyhow::Result;
use serde::Serialize;
use synapscribe_client::protocol::documents::DocumentDto;
use synapscribe_client::protocol::rest::{LectureDto, ReportDto, SpanDto};
use synapscribe_client::protocol::{ErrorDto, SourceDto};
use synapscribe_client::{Client, ClientError};

use super::{Connected, deleting, document, named, sessions::each, upload::stage};
use crate::cli::Library;
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// Lists, shows and deletes lectures.
pub async fn run(action: Option<Library>, connected: &Connected, out: Out) -> Result<Exit> {
    let client = &connected.client;
    match action.unwrap_or(Library::List) {
        Library::List => {
            let lectures = client.lectures().await?;
            for lecture in &lectures {
                out.event(lecture)?;
                out.line(row(lecture, out))?;
                if let Some(error) = &lecture.error {
                    out.line(out.paint(Look::Dim, &format!("  {}", error.message)))?;
                }
            }
            let documents = documents(client).await?;
            for document in &documents {
                out.event(document)?;
                out.line(document::row(document, out))?;
                for remark in document.error.iter().map(|error| &error.message).chain(&document.notes) {
                    out.line(out.paint(Look::Dim, &format!("  {remark}")))?;
                }
            }
            if lectures.is_empty() && documents.is_empty() {
                out.line("There are no lectures yet. Bring one with: synapscribe upload FILE --wait")?;
            }
            hint(&lectures, connected, out);
        }
        Library::Show { source } => {
            let id = match named::source(client, &source).await? {
                SourceDto { document_id: Some(id), .. } => return document::show(client, &id, out).await,
                lecture => lecture.lecture_id.unwrap_or_default(),
            };
            let lecture = client.lecture(&id).await?;
            let report = if lecture.state == "ready" { client.report(&lecture.lecture_id).await.ok() } else { None };
            out.event(&Shown { lecture: &lecture, report: report.as_ref() })?;
            out.line(row(&lecture, out))?;
            if let Some(error) = &lecture.error {
                out.line(format!("  {}", error.message))?;
            }
            for line in report.iter().flat_map(report_lines) {
                out.line(format!("  {line}"))?;
            }
            hint(std::slice::from_ref(&lecture), connected, out);
        }
        Library::Transcript { source } => {
            let id = match named::source(client, &source).await? {
                SourceDto { document_id: Some(id), .. } => return document::words(client, &id, out).await,
                lecture => lecture.lecture_id.unwrap_or_default(),
            };
            let (lecture, transcript) = tokio::try_join!(client.lecture(&id), client.transcript(&id))?;
            if lecture.state != "ready" {
                // What there is so far is printed, and why it is not all.
                let standing = standing(&lecture.title, &lecture.state, lecture.progress);
                if transcript.phrases.is_empty() {
                    return Err(unwritten(lecture.error, "lecture_not_ready", &standing).into());
                }
                out.remark(format!("{standing}: these are its words so far"));
            }
            out.event(&transcript)?;
            for phrase in &transcript.phrases {
                let doubt = if phrase.confidence < 0.5 { out.paint(Look::Dim, " (?)") } else { String::new() };
                out.line(format!(
                    "{} {}{doubt}",
                    out.paint(Look::Place, &format!("{:>7}", text::clock(phrase.from))),
                    phrase.text
                ))?;
            }
        }
        Library::Rename { source, title } => match named::source(client, &source).await? {
            SourceDto { document_id: Some(id), .. } => {
                let document = client.rename_document(&id, &title).await?;
                out.event(&document)?;
                out.line(document::row(&document, out))?;
            }
            lecture => {
                let lecture = client.rename_lecture(&lecture.lecture_id.unwrap_or_default(), &title).await?;
                out.event(&lecture)?;
                out.line(row(&lecture, out))?;
            }
        },
        Library::Publish { lectures } => {
            return each(&lectures, out, async |name| publish(client, name, true, out).await).await;
        }
        Library::Unpublish { lectures } => {
            return each(&lectures, out, async |name| publish(client, name, false, out).await).await;
        }
        Library::Delete { lectures } => return deleting::run(client, &lectures, out).await,
    }
    Ok(Exit::Done)
}

async fn publish(client: &Client, name: &str, public: bool, out: Out) -> Result<()> {
    let source = named::source(client, name).await?;
    let title = match &source.document_id {
        Some(id) => client.publish_document(id, public).await?.title,
        None => client.publish_lecture(source.lecture_id.as_deref().unwrap_or_default(), public).await?.title,
    };
    out.event(&serde_json::json!({ "type": if public { "published" } else { "unpublished" }, "source": source }))?;
    Ok(out.line(match public {
        true => format!("{title}: everybody on this server sees it"),
        false => format!("{title}: you see it, and the classes it is shared with"),
    })?)
}

/// The documents of a server; one that knows of none has none.
pub async fn documents(client: &Client) -> Result<Vec<DocumentDto>> {
    if client.knows_documents() { Ok(client.documents().await?) } else { Ok(Vec::new()) }
}

/// What is said of a recording that was understood badly.
pub fn hard_to_hear(lecture: &str) -> String {
    format!("much of this was hard to hear; captions would help: synapscribe upload CAPTIONS.srt --lecture {lecture}")
}

/// A lecture and what became of its recording, as a JSON line.
#[derive(Serialize)]
struct Shown<'a> {
    lecture: &'a LectureDto,
    report: Option<&'a ReportDto>,
}

/// Why something has no words, as it stands.
pub(super) fn unwritten(error: Option<ErrorDto>, code: &str, standing: &str) -> ClientError {
    match error {
        Some(error) => error.into(),
        None => ClientError::passing(code, format!("{standing}: it has no words yet; try again later")),
    }
}

/// The stage of something that is not ready, in words.
pub(super) fn standing(title: &str, state: &str, progress: f32) -> String {
    match state {
        "failed" => format!("“{title}” {}", stage("failed")),
        other => format!("“{title}” is {} ({:.0} %)", stage(other), progress * 100.0),
    }
}

/// A host that was started for this command ends with it, and the work on lectures rests until the next one.
fn hint(lectures: &[LectureDto], connected: &Connected, out: Out) {
    let waiting = lectures.iter().filter(|lecture| !matches!(lecture.state.as_str(), "ready" | "failed")).count();
    if waiting > 0 && connected.server.is_own() {
        let what = if waiting == 1 { "One lecture is".to_owned() } else { format!("{waiting} lectures are") };
        let serve = connected.server.serve();
        out.remark(format!("{what} not ready yet; the work goes on while a host runs: {serve}"));
    }
}

fn row(lecture: &LectureDto, out: Out) -> String {
    let line = Line {
        id: &lecture.lecture_id,
        created: lecture.created,
        extent: lecture.duration.map(text::clock).unwrap_or_default(),
        state: &lecture.state,
        progress: lecture.progress,
        own: lecture.own,
        owner: lecture.owner_name.as_deref(),
        title: &lecture.title,
    };
    line.told(out)
}

/// A line of the list, of whichever kind.
pub(super) struct Line<'a> {
    pub id: &'a str,
    pub created: i64,
    pub extent: String,
    pub state: &'a str,
    pub progress: f32,
    pub own: bool,
    pub owner: Option<&'a str>,
    pub title: &'a str,
}

impl Line<'_> {
    pub fn told(&self, out: Out) -> String {
        let state = match self.state {
            "ready" => out.paint(Look::Good, "ready"),
            "failed" => out.paint(Look::Bad, stage("failed")),
            other => out.paint(Look::Dim, &format!("{} {:.0} %", stage(other), self.progress * 100.0)),
        };
        let whose = match self.owner {
            _ if self.own => String::new(),
            Some(name) => format!(" · from {name}"),
            None => " · shared".to_owned(),
        };
        let (id, day, title) = (out.paint(Look::Dim, self.id), text::day(self.created), out.paint(Look::Strong, self.title));
        format!("{id}  {day}  {:>7}  {state}{whose}  {title}", self.extent)
    }
}

fn report_lines(report: &ReportDto) -> Vec<String> {
    let spans = |spans: &[SpanDto]| -> String {
        let shown: Vec<String> =
            spans.iter().take(5).map(|span| format!("{}–{}", text::clock(span.from), text::clock(span.to))).collect();
        let more = spans.len().saturating_sub(5);
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
    };
    let source = if report.source == "captions" { "the captions beside it" } else { "speech recognition" };
    let mut lines = vec![format!(
        "{} in {}, from {source}; {:.0} % of it is speech",
        text::counted(report.words, "word"),
        text::counted(report.passages, "passage"),
        report.speech_share * 100.0
    )];
    for (name, list) in
        [("silence", &report.silences), ("hard to understand", &report.doubtful), ("speech without words", &report.missing)]
    {
        if !list.is_empty() {
            lines.push(format!("{name}: {}", spans(list)));
        }
    }
    if report.hard_to_hear {
        lines.push(hard_to_hear(&report.lecture_id));
    }
    lines.extend(report.skipped.iter().map(|s| format!("left out {}–{}: {}", text::clock(s.from), text::clock(s.to), s.reason)));
    lines.extend(report.notes.iter().cloned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Global;

    #[test]
    fn a_line_says_whose_it_is_unless_it_is_ones_own() {
        let out = Out::new(&Global { server: None, data: None, json: false, no_color: true });
        let told = |own, owner| {
            Line { id: "l", created: 0, extent: "6:00".into(), state: "ready", progress: 1.0, own, owner, title: "Tides" }
                .told(out)
        };
        let ends = |line: String, end: &str| assert!(line.ends_with(end), "{line}");
        ends(told(true, None), "6:00  ready  Tides");
        ends(told(false, Some("Dr Ada Byron")), "6:00  ready · from Dr Ada Byron  Tides");
        ends(told(false, None), "6:00  ready · shared  Tides");
    }

    #[test]
    fn a_report_leaves_nothing_out() {
        let span = |n: u32| SpanDto { from: f64::from(n) * 60.0, to: f64::from(n) * 60.0 + 5.0 };
        let report = ReportDto {
            lecture_id: "l".into(),
            source: "captions".into(),
            duration: 600.0,
            speech_share: 0.83,
            silences: (0..7).map(span).collect(),
            doubtful: vec![],
            hard_to_hear: true,
            missing: vec![span(3)],
            skipped: vec![],
            notes: vec!["the captions end early".into()],
            captions_refused: false,
            words: 812,
            passages: 20,
        };
        assert_eq!(
            report_lines(&report),
            [
                "812 words in 20 passages, from the captions beside it; 83 % of it is speech",
                "silence: 0:00–0:05, 1:00–1:05, 2:00–2:05, 3:00–3:05, 4:00–4:05 and 2 more",
                "speech without words: 3:00–3:05",
                "much of this was hard to hear; captions would help: synapscribe upload CAPTIONS.srt --lecture l",
                "the captions end early",
            ]
        );
    }
}
