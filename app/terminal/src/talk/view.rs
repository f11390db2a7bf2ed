//! Draws the conversation. Decides nothing.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, List, ListItem, ListState, Paragraph};
use synapscribe_client::Connection;
use synapscribe_client::protocol::rest::LectureDto;

use super::state::{Phase, Screen, Talk, Turn};
use super::wrap::wrap;
use crate::text;

/// How things look; without colours only weight tells them apart.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    /// Whether colours are wanted.
    pub colours: bool,
}

impl Looks {
    fn tint(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }
}

/// Draws the screen.
pub fn draw(frame: &mut Frame<'_>, talk: &Talk, looks: Looks) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(4)]).areas(frame.area());
    draw_head(frame, head, talk, looks);
    match talk.screen {
        Screen::Lectures => draw_lectures(frame, body, talk, looks),
        Screen::Conversation => draw_turns(frame, body, talk, looks),
    }
    draw_foot(frame, foot, talk, looks);
}

fn draw_head(frame: &mut Frame<'_>, area: Rect, talk: &Talk, looks: Looks) {
    let title = match talk.screen {
        Screen::Lectures => "Lectures".to_owned(),
        Screen::Conversation => talk.lecture().map(|lecture| lecture.title.clone()).unwrap_or_default(),
    };
    let (word, style) = match talk.connection {
        Connection::Open => ("● connected", looks.tint(Color::Green)),
        Connection::Idle => ("", Style::new()),
        Connection::Connecting | Connection::Waiting => ("○ connecting …", looks.tint(Color::Yellow)),
    };
    let [left, right] = Layout::horizontal([Constraint::Min(1), Constraint::Length(15)]).areas(area);
    let line = Line::from(vec![
        Span::styled(" SynapScribe ", looks.tint(Color::Cyan).add_modifier(Modifier::BOLD)),
        Span::styled(title, looks.strong()),
    ]);
    frame.render_widget(Paragraph::new(line), left);
    frame.render_widget(Paragraph::new(Span::styled(word, style)).right_aligned(), right);
}

fn draw_lectures(frame: &mut Frame<'_>, area: Rect, talk: &Talk, looks: Looks) {
    let block = Block::new().borders(Borders::TOP).border_style(looks.dim());
    let Some(lectures) = &talk.lectures else {
        return frame.render_widget(Paragraph::new(" Looking for lectures …").block(block), area);
    };
    if lectures.is_empty() {
        let text = " There are no lectures yet.\n Bring one from another window:  synapscribe upload FILE --wait";
        return frame.render_widget(Paragraph::new(text).block(block), area);
    }
    let items = lectures.iter().map(|lecture| ListItem::new(lecture_line(lecture, looks)));
    let list =
        List::new(items).block(block).highlight_symbol("▶ ").highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let mut state = ListState::default().with_selected(Some(talk.cursor));
    frame.render_stateful_widget(list, area, &mut state);
}

fn lecture_line(lecture: &LectureDto, looks: Looks) -> Line<'static> {
    let (word, style) = match lecture.state.as_str() {
        "ready" => (String::new(), Style::new()),
        "failed" => ("  cannot be used".into(), looks.tint(Color::Red)),
        other => (format!("  {} {:.0} %", crate::cmd::upload::stage(other), lecture.progress * 100.0), looks.tint(Color::Yellow)),
    };
    let length = lecture.duration.map(text::clock).unwrap_or_default();
    Line::from(vec![
        Span::styled(format!("{length:>8}  "), looks.dim()),
        Span::raw(lecture.title.clone()),
        Span::styled(word, style),
    ])
}

fn draw_turns(frame: &mut Frame<'_>, area: Rect, talk: &Talk, looks: Looks) {
    let block = Block::new().borders(Borders::TOP).border_style(looks.dim());
    let inner = block.inner(area);
    let width = usize::from(inner.width.saturating_sub(2));
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut seen = None;
    for (index, turn) in talk.turns.iter().enumerate() {
        let last = index + 1 == talk.turns.len();
        let (begin, here) = (lines.len(), talk.marked.filter(|marked| marked.turn == index).map(|marked| marked.citation));
        lines.extend(turn_lines(turn, width, last && talk.phase == Phase::Answering, here, looks));
        let reversed = |line: &Line<'_>| line.style.add_modifier.contains(Modifier::REVERSED);
        seen = seen.or_else(|| lines[begin..].iter().position(reversed).map(|at| begin + at));
        lines.push(Line::default());
    }
    if talk.turns.is_empty() {
        lines.push(Line::styled(" Ask anything about this lecture.", looks.dim()));
    }
    let height = usize::from(inner.height);
    let most = lines.len().saturating_sub(height);
    let scrolled = most - talk.scroll.min(most);
    // The source under the cursor is always in view.
    let from = seen.map_or(scrolled, |line| scrolled.max(line.saturating_sub(height.saturating_sub(3))).min(line).min(most));
    let shown: Vec<Line<'static>> = lines.into_iter().skip(from).take(height).collect();
    frame.render_widget(Paragraph::new(shown).block(block), area);
}

fn turn_lines(turn: &Turn, width: usize, coming: bool, marked: Option<usize>, looks: Looks) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let question = turn.answer.question.as_deref().unwrap_or("…");
    for (index, line) in wrap(question, width.saturating_sub(5)).into_iter().enumerate() {
        let mark = if index == 0 { " you  " } else { "      " };
        lines.push(Line::from(vec![Span::styled(mark, looks.dim()), Span::styled(line, looks.strong())]));
    }
    let text = if coming { format!("{}▌", turn.answer.text) } else { turn.answer.text.clone() };
    if !text.is_empty() {
        lines.extend(wrap(&text, width).into_iter().map(|line| Line::raw(format!(" {line}"))));
    }
    for (at, cited) in turn.answer.citations.iter().enumerate() {
        let style = looks.tint(Color::Cyan);
        let style = if marked == Some(at) { style.add_modifier(Modifier::REVERSED) } else { style };
        for (index, line) in wrap(&text::citation(cited, None), width.saturating_sub(6)).into_iter().enumerate() {
            let indent = if index == 0 { "  " } else { "      " };
            lines.push(Line::styled(format!("{indent}{line}"), style));
        }
    }
    if let Some(done) = &turn.answer.done {
        let origin = text::provenance(text::Asked::Lecture, done.generated, done.found, turn.answer.citations.len());
        for words in [origin, text::timings(&done.timings)] {
            if !words.is_empty() {
                lines.extend(wrap(&words, width).into_iter().map(|line| Line::styled(format!(" {line}"), looks.dim())));
            }
        }
    }
    if let Some(note) = &turn.note {
        lines.extend(wrap(note, width).into_iter().map(|line| Line::styled(format!(" ({line})"), looks.tint(Color::Yellow))));
    }
    lines
}

fn draw_foot(frame: &mut Frame<'_>, area: Rect, talk: &Talk, looks: Looks) {
    let block = Block::new().borders(Borders::TOP).border_style(looks.dim());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let [state, notice, keys] = Layout::vertical([Constraint::Length(1); 3]).areas(inner);
    frame.render_widget(Paragraph::new(state_line(talk, looks)), state);
    let words = talk.notice.clone().or_else(|| lacking(talk)).unwrap_or_default();
    frame.render_widget(Paragraph::new(Span::styled(format!(" {words}"), looks.tint(Color::Yellow))), notice);
    frame.render_widget(Paragraph::new(Span::styled(format!(" {}", hints(talk)), looks.dim())), keys);
}

fn state_line(talk: &Talk, looks: Looks) -> Line<'static> {
    if talk.screen == Screen::Lectures {
        return Line::default();
    }
    if !talk.input.is_empty() {
        return Line::from(vec![Span::styled(" › ", looks.strong()), Span::raw(talk.input.clone()), Span::raw("▏")]);
    }
    match talk.phase {
        Phase::Ready => Line::styled(" › ", looks.dim()),
        Phase::Recording if !talk.hears => Line::styled(" … opening the microphone", looks.dim()),
        Phase::Recording => {
            let filled = (talk.level.clamp(0.0, 1.0) * 24.0).round() as usize;
            let bar = format!("{}{}", "█".repeat(filled), "·".repeat(24 - filled));
            Line::from(vec![
                Span::styled(" ● listening ", looks.tint(Color::Red).add_modifier(Modifier::BOLD)),
                Span::styled(bar, looks.tint(Color::Green)),
                Span::raw(format!(" {}", text::clock(talk.recorded))),
            ])
        }
        Phase::Answering => Line::styled(" … answering", looks.tint(Color::Cyan)),
        Phase::Speaking => Line::styled(" ♪ speaking", looks.tint(Color::Cyan)),
    }
}

/// What is missing on this machine, said once and politely.
fn lacking(talk: &Talk) -> Option<String> {
    if talk.screen == Screen::Lectures {
        return None;
    }
    match (&talk.no_microphone, &talk.no_speaker) {
        (Some(_), Some(_)) => Some("No sound devices were found; type your question and read the answer.".into()),
        (Some(_), None) => Some("No microphone was found; type your question.".into()),
        (None, Some(_)) => Some("No loudspeaker was found; answers are shown only.".into()),
        (None, None) => None,
    }
}

fn hints(talk: &Talk) -> String {
    if talk.screen == Screen::Lectures {
        return "↑↓ choose · Enter talk · r look again · q leave".into();
    }
    let clips = match talk.marked {
        Some(_) => " · Enter hear it · Tab next",
        None if talk.cites() && talk.no_speaker.is_none() => " · 1–9 or Tab hear the lecturer",
        None => "",
    };
    let speak = match (talk.phase, talk.holds(), talk.no_microphone.is_some()) {
        (Phase::Answering | Phase::Speaking, ..) => "space interrupt · ",
        (_, _, true) => "",
        (Phase::Recording, true, _) => "let go of space to ask · ",
        (Phase::Recording, false, _) => "space again to ask · ",
        (Phase::Ready, true, _) => "hold space to talk · ",
        (Phase::Ready, false, _) => "space to talk · ",
    };
    format!("{speak}type and Enter to ask{clips} · ↑↓ scroll · Esc back")
}

#[cfg(test)]
mod tests {
    use super::super::state::tests::{cited, done, lecture, said, talking};
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use std::time::{Duration, Instant};

    fn shown_at(talk: &Talk, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, talk, Looks { colours: true })).unwrap();
        let buffer = terminal.backend().buffer().clone();
        let rows = (0..height).map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>());
        rows.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    fn shown(talk: &Talk) -> String {
        shown_at(talk, 76, 16)
    }

    #[test]
    fn the_list_tells_what_can_be_asked() {
        let mut talk = Talk::new(None, true);
        assert!(shown(&talk).contains("Looking for lectures"));
        talk.listed(Vec::new());
        assert!(shown(&talk).contains("synapscribe upload FILE --wait"));
        talk.listed(vec![lecture("a", "transcribing"), lecture("b", "ready"), lecture("c", "failed")]);
        let screen = shown(&talk);
        assert!(screen.contains("Lecture a  being listened to 40 %") && screen.contains("Lecture c  cannot be used"), "{screen}");
        assert!(screen.contains("▶     6:00"), "{screen}");
    }

    #[test]
    fn an_answer_shows_its_words_its_places_and_how_it_was_made() {
        let mut talk = talking(true);
        assert!(shown(&talk).contains("Ask anything about this lecture.") && shown(&talk).contains("hold space to talk"));
        talk.input = "what is the chain rule".into();
        assert!(shown(&talk).contains("› what is the chain rule▏"));
        talk.key(crossterm::event::KeyCode::Enter.into(), Instant::now());
        talk.message(&said("It is the derivative of the outside times "));
        assert!(shown(&talk).contains("outside times ▌") || shown(&talk).contains("outside times▌"), "{}", shown(&talk));
        talk.message(&said("the derivative of the inside."));
        talk.message(&cited(1));
        talk.message(&done());
        let screen = shown(&talk);
        for part in [
            "you  what is the chain rule",
            "the derivative of the inside.",
            "[1] 2:03–2:17 “the derivative of the outside”",
            "lecture's own sentences",
            "first words 80 ms · done 900 ms",
            "♪ speaking",
            "1–9 or Tab hear the lecturer",
        ] {
            assert!(screen.contains(part), "{part}\n{screen}");
        }
    }

    #[test]
    fn the_meter_moves_while_listening() {
        let mut talk = talking(true);
        let start = Instant::now();
        talk.key(crossterm::event::KeyCode::Char(' ').into(), start);
        talk.tick(start + Duration::from_millis(500), 0.5, 3.4, false, false);
        let screen = shown(&talk);
        assert!(
            screen.contains("● listening ████████████············ 0:03") && screen.contains("let go of space to ask"),
            "{screen}"
        );
    }

    #[test]
    fn what_the_machine_lacks_is_said_politely() {
        let mut talk = talking(false);
        talk.no_microphone = Some("x".into());
        assert!(shown(&talk).contains("No microphone was found; type your question."));
        assert!(!shown(&talk).contains("space to talk"));
        talk.no_speaker = Some("x".into());
        assert!(shown(&talk).contains("type your question and read the answer"));
    }

    #[test]
    fn the_end_stays_in_sight_and_can_be_scrolled_away_from() {
        let mut talk = talking(true);
        talk.input = "why".into();
        talk.key(crossterm::event::KeyCode::Enter.into(), Instant::now());
        let text: String = (0..200).map(|n| format!("word{n} ")).collect();
        talk.message(&said(&text));
        assert!(shown(&talk).contains("word199") && !shown(&talk).contains("word0 "));
        talk.scroll = 1_000;
        assert!(shown(&talk).contains("word0 ") && !shown(&talk).contains("word199"));
    }

    #[test]
    fn the_source_under_the_cursor_is_in_view() {
        let mut talk = talking(true);
        talk.input = "why".into();
        talk.key(crossterm::event::KeyCode::Enter.into(), Instant::now());
        for number in 1..=30 {
            talk.message(&cited(number));
        }
        let text: String = (0..200).map(|n| format!("word{n} ")).collect();
        talk.message(&said(&text));
        talk.message(&done());
        for expected in (1..=30).chain([1]) {
            talk.key(crossterm::event::KeyCode::Tab.into(), Instant::now());
            let screen = shown(&talk);
            assert!(screen.contains(&format!(" [{expected}] 2:03")), "{expected}\n{screen}");
        }
        assert!(shown(&talk).contains("Enter hear it"));
    }

    #[test]
    fn any_size_can_be_drawn() {
        let mut talk = talking(true);
        talk.input = "why".into();
        talk.key(crossterm::event::KeyCode::Enter.into(), Instant::now());
        talk.message(&said("Because of this and that."));
        talk.message(&cited(1));
        for (width, height) in [(1, 1), (3, 2), (10, 5), (200, 60)] {
            shown_at(&talk, width, height);
        }
    }
}
