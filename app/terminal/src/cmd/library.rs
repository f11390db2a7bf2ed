//! `library`: what can be asked.

use anyhow::Result;
use synapscribe_client::protocol::rest::{LectureDto, ReportDto, SpanDto};

use super::{connect, upload::stage};
use crate::cli::{Global, Library};
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// Lists, shows and deletes lectures.
pub async fn run(action: Option<Library>, global: &Global, out: Out) -> Result<Exit> {
    let connected = connect(global, out).await?;
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
            if lectures.is_empty() {
                out.line("There are no lectures yet. Bring one with: synapscribe upload FILE --wait")?;
            }
        }
        Library::Show { lecture } => {
            let lecture = client.lecture(&client.resolve_lecture(&lecture)?).await?;
            let report = if lecture.state == "ready" { client.report(&lecture.lecture_id).await.ok() } else { None };
            out.event(&serde_json::json!({ "lecture": &lecture, "report": &report }))?;
            out.line(row(&lecture, out))?;
            if let Some(error) = &lecture.error {
                out.line(format!("  {}", error.message))?;
            }
            for line in report.iter().flat_map(report_lines) {
                out.line(format!("  {line}"))?;
            }
        }
        Library::Transcript { lecture } => {
            let transcript = client.transcript(&client.resolve_lecture(&lecture)?).await?;
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
        Library::Delete { lectures } => {
            for lecture in &lectures {
                client.delete_lecture(lecture).await?;
                out.event(&serde_json::json!({ "type": "deleted", "lectureId": lecture }))?;
                out.line(format!("{lecture} is deleted, with everything made of it"))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn row(lecture: &LectureDto, out: Out) -> String {
    let length = lecture.duration.map(text::clock).unwrap_or_default();
    let state = match lecture.state.as_str() {
        "ready" => out.paint(Look::Good, "ready"),
        "failed" => out.paint(Look::Bad, stage("failed")),
        other => out.paint(Look::Dim, &format!("{} {:.0} %", stage(other), lecture.progress * 100.0)),
    };
    let whose = if lecture.own { "" } else { " · shared" };
    format!(
        "{}  {length:>7}  {state}{whose}  {}",
        out.paint(Look::Dim, &lecture.lecture_id),
        out.paint(Look::Strong, &lecture.title)
    )
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
        "{} words in {} passages, from {source}; {:.0} % of it is speech",
        report.words,
        report.passages,
        report.speech_share * 100.0
    )];
    for (name, list) in
        [("silence", &report.silences), ("hard to understand", &report.doubtful), ("speech without words", &report.missing)]
    {
        if !list.is_empty() {
            lines.push(format!("{name}: {}", spans(list)));
        }
    }
    lines.extend(report.skipped.iter().map(|s| format!("left out {}–{}: {}", text::clock(s.from), text::clock(s.to), s.reason)));
    lines.extend(report.notes.iter().cloned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

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
            missing: vec![span(3)],
            skipped: vec![],
            notes: vec!["the captions end early".into()],
            words: 812,
            passages: 20,
        };
        assert_eq!(
            report_lines(&report),
            [
                "812 words in 20 passages, from the captions beside it; 83 % of it is speech",
                "silence: 0:00–0:05, 1:00–1:05, 2:00–2:05, 3:00–3:05, 4:00–4:05 and 2 more",
                "speech without words: 3:00–3:05",
                "the captions end early",
            ]
        );
    }
}
