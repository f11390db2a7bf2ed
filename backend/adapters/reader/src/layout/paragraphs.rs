//! Puts the lines of a strip together to paragraphs, entries of lists, code and captions.

use super::lines::Line;
use super::marks;
use super::sheet::{Face, Frame};
use super::words::Words;

/// What a piece is before headings are told from paragraphs, which takes the whole book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Running text, or a heading.
    Text,
    /// An entry of a list.
    Entry,
    /// A table.
    Table,
    /// What is said of a figure or a table.
    Caption,
    /// Lines that must stay.
    Code,
}

/// A part of a page that is read as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// What it is.
    pub form: Form,
    /// What it says.
    pub text: String,
    /// Where it is.
    pub frame: Frame,
    /// How large its signs are.
    pub size: f32,
    /// How all of it is drawn.
    pub face: Face,
    /// How many lines it has.
    pub lines: usize,
    /// At which bytes of the text its lines begin and where they are; nothing where that is not known.
    pub places: Vec<(usize, Frame)>,
}

/// The pieces of a strip, from top to bottom.
pub fn of(lines: &[Line], words: &Words) -> Vec<Piece> {
    let strip = Strip::of(lines);
    let mut pieces: Vec<Vec<&Line>> = Vec::new();
    for line in lines {
        match pieces.last_mut() {
            Some(piece) if strip.goes_on(piece, line) => piece.push(line),
            _ => pieces.push(vec![line]),
        }
    }
    pieces.into_iter().map(|lines| piece(&lines, words)).collect()
}

/// Whether a paragraph goes on at the top of the next column.
pub fn goes_over(before: &Piece, next: &Piece) -> bool {
    matches!(before.form, Form::Text | Form::Entry)
        && next.form == Form::Text
        && next.frame.top < before.frame.top
        && next.frame.left > before.frame.left
        && (before.size / next.size - 1.0).abs() < 0.05
        && before.face == next.face
        && !ends_sentence(&before.text)
        && next.text.starts_with(char::is_lowercase)
}

/// What is usual in a strip.
struct Strip {
    left: f32,
    right: f32,
    leading: f32,
}

impl Strip {
    fn of(lines: &[Line]) -> Self {
        let share = |mut values: Vec<f32>, percent: usize| {
            values.sort_by(f32::total_cmp);
            values.get((values.len().max(1) - 1) * percent / 100).copied().unwrap_or(0.0)
        };
        let steps = lines.windows(2).map(|pair| pair[1].base - pair[0].base);
        let close = steps.zip(lines).filter(|(step, line)| *step > 0.0 && *step < line.size * 2.2).map(|(step, _)| step);
        Self {
            left: share(lines.iter().map(|line| line.frame.left).collect(), 10),
            right: share(lines.iter().map(|line| line.frame.right).collect(), 90),
            leading: share(close.collect(), 40),
        }
    }

    fn goes_on(&self, piece: &[&Line], line: &Line) -> bool {
        let last = piece[piece.len() - 1];
        let first = piece[0];
        let step = line.base - last.base;
        let size = last.size.max(line.size);
        let leading = if self.leading > 0.0 { self.leading.max(size) } else { size * 1.25 };
        if step > leading * 1.35 || step < 0.0 {
            return false;
        }
        if (last.size / line.size - 1.0).abs() > 0.09 || last.face.fixed != line.face.fixed {
            return false;
        }
        if last.face.fixed {
            return true;
        }
        // A bold line over text that is not is a heading; a bold word at its start is not.
        if first.face.bold != line.face.bold && (first.face.bold || line.face.bold) {
            return false;
        }
        if marks::split(&line.text).is_some_and(|(mark, _)| marks::is_bullet(mark) || starts_entry(piece, line)) {
            return false;
        }
        if marks::is_caption(&line.text) && self.ends_early(last) {
            return false;
        }
        let indent = line.frame.left - last.frame.left;
        let entry = marks::split(&first.text).is_some();
        // The first line of a paragraph is indented, and so are all but the first of an entry in a list of sources.
        if !entry
            && indent > size * 0.7
            && piece.len() > 1
            && indent < size * 8.0
            && (last.frame.left - self.left).abs() < size * 0.5
        {
            return false;
        }
        if !entry && piece.len() > 2 && indent < -size * 0.7 && (piece[1].frame.left - last.frame.left).abs() < size * 0.3 {
            return false;
        }
        if piece.len() == 1 && !entry && indent > size * 0.7 && self.ends_early(last) && ends_sentence(&last.text) {
            return false;
        }
        if entry && indent < -size * 0.7 && line.frame.left < first.frame.left + size * 0.3 && ends_sentence(&last.text) {
            return false;
        }
        !(self.ends_early(last) && ends_sentence(&last.text) && starts_sentence(&line.text))
    }

    /// Whether a line stops well before the edge.
    fn ends_early(&self, line: &Line) -> bool {
        line.frame.right < self.right - (self.right - self.left) * 0.15
    }
}

/// Whether a line with a number in front is an entry: the first line of its paragraph was one, or it stands out.
fn starts_entry(piece: &[&Line], line: &Line) -> bool {
    let first = piece[0];
    let entries = marks::split(&first.text).is_some() && (line.frame.left - first.frame.left).abs() < line.size * 1.2;
    let begins =
        line.text.starts_with("1.") || line.text.starts_with("1)") || line.text.starts_with("(1)") || line.text.starts_with("a)");
    entries
        || (begins || ends_sentence(&piece[piece.len() - 1].text)) && (line.frame.left - first.frame.left).abs() < line.size * 3.0
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '”', '’', ')', ']']).ends_with(['.', '!', '?', ':', '…'])
}

fn starts_sentence(text: &str) -> bool {
    text.trim_start_matches(['"', '“', '‘', '(', '[', '¿', '¡']).starts_with(|c: char| !c.is_lowercase())
}

fn piece(lines: &[&Line], words: &Words) -> Piece {
    let first = lines[0];
    let frame = lines.iter().map(|line| line.frame).reduce(|a, b| a.union(&b)).unwrap_or_default();
    let all = |is: fn(&Face) -> bool| lines.iter().all(|line| is(&line.face));
    let face = Face { bold: all(|f| f.bold), italic: all(|f| f.italic), fixed: all(|f| f.fixed) };
    let size = lines.iter().map(|line| line.size).fold(0.0, f32::max);
    let piece = |form, text, places| Piece { form, text, frame, size, face, lines: lines.len(), places };
    if face.fixed && lines.len() > 1 {
        return piece(Form::Code, code(lines, frame.left), Vec::new());
    }
    let (text, places) = joined(lines, words);
    if marks::is_caption(&first.text) {
        return piece(Form::Caption, text, places);
    }
    match marks::split(&text) {
        Some((mark, rest)) if marks::is_bullet(mark) && mark != "o" && !rest.is_empty() => {
            let cut = text.len() - rest.len();
            let places = places.into_iter().map(|(at, frame)| (at.saturating_sub(cut), frame)).collect();
            piece(Form::Entry, rest.to_owned(), places)
        }
        // A number is more than a mark: somebody may ask for the third.
        Some((mark, _)) if !marks::is_bullet(mark) && marks::numbered_depth(&text).is_none_or(|_| !face.bold) => {
            piece(Form::Entry, text, places)
        }
        _ => piece(Form::Text, text, places),
    }
}

/// Lines as one text, and where in it each of them begins.
fn joined(lines: &[&Line], words: &Words) -> (String, Vec<(usize, Frame)>) {
    let mut text = String::new();
    let mut places = Vec::with_capacity(lines.len());
    for line in lines {
        words.append(&mut text, &line.text);
        places.push((text.len() - line.text.trim().len(), line.frame));
    }
    // Hyphens that are not seen are gone from what is before each line as well.
    let unseen = |at: usize| text.get(..at).map_or(0, |before| before.matches('\u{AD}').count() * '\u{AD}'.len_utf8());
    let places = places.into_iter().map(|(at, frame)| (at - unseen(at), frame)).collect();
    (text.replace('\u{AD}', ""), places)
}

/// Lines as they stand, indented by as many signs as they are on the page.
fn code(lines: &[&Line], left: f32) -> String {
    let indented = |line: &&Line| {
        let width = line.frame.width() / line.text.chars().count().max(1) as f32;
        let signs = ((line.frame.left - left) / width.max(0.5)).round().clamp(0.0, 60.0) as usize;
        format!("{}{}", " ".repeat(signs), line.text)
    };
    lines.iter().map(indented).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, left: f32, base: f32) -> Line {
        let frame = Frame { left, top: base - 8.0, right: left + 5.0 * text.chars().count() as f32, bottom: base + 2.0 };
        Line { text: text.to_owned(), frame, base, size: 10.0, face: Face::default() }
    }

    fn check(lines: &[Line], expected: &[(Form, &str)]) {
        let pieces = of(lines, &Words::default());
        assert_eq!(pieces.iter().map(|piece| (piece.form, piece.text.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_gap_parts_paragraphs() {
        let lines = [
            line("The tide rises and falls twice", 50.0, 100.0),
            line("a day, by the moon.", 50.0, 112.0),
            line("It is high at noon.", 50.0, 136.0),
        ];
        check(&lines, &[(Form::Text, "The tide rises and falls twice a day, by the moon."), (Form::Text, "It is high at noon.")]);
    }

    #[test]
    fn an_indented_line_begins_a_paragraph() {
        let lines = [
            line("    The tide rises and falls twice", 60.0, 100.0),
            line("a day, and the moon that pulls at the", 50.0, 112.0),
            line("water is the cause of it all, as well", 50.0, 124.0),
            line("The sun pulls at it, too, but from so", 60.0, 136.0),
            line("far away that it does little", 50.0, 148.0),
        ];
        assert_eq!(of(&lines, &Words::default()).len(), 2);
    }

    #[test]
    fn entries_of_a_list_are_parted_and_bullets_left_out() {
        let lines = [
            line("• the moon pulls at the", 50.0, 100.0),
            line("water", 60.0, 112.0),
            line("• the sun, too", 50.0, 124.0),
            line("1. first of all this", 50.0, 150.0),
            line("2. then that", 50.0, 162.0),
        ];
        check(
            &lines,
            &[
                (Form::Entry, "the moon pulls at the water"),
                (Form::Entry, "the sun, too"),
                (Form::Entry, "1. first of all this"),
                (Form::Entry, "2. then that"),
            ],
        );
    }

    #[test]
    fn a_bold_line_stands_alone_and_code_keeps_its_lines() {
        let bold = Line { face: Face { bold: true, ..Face::default() }, ..line("Spring tides", 50.0, 100.0) };
        let fixed = |text, left, base| Line { face: Face { fixed: true, ..Face::default() }, ..line(text, left, base) };
        let lines = [bold, line("They are high.", 50.0, 112.0), fixed("if moon {", 50.0, 124.0), fixed("rise();", 70.0, 136.0)];
        check(&lines, &[(Form::Text, "Spring tides"), (Form::Text, "They are high."), (Form::Code, "if moon {\n    rise();")]);
    }

    #[test]
    fn lines_are_found_again_in_the_text_that_they_became() {
        let lines = [
            line("• The spring\u{AD}tide rises twice a se\u{AD}", 50.0, 100.0),
            line("cond day, and the sun helps", 50.0, 112.0),
            line("it.", 50.0, 124.0),
        ];
        let pieces = of(&lines, &Words::default());
        let [piece] = pieces.as_slice() else { panic!("{pieces:?}") };
        let begun: Vec<&str> = piece.places.iter().map(|(at, _)| &piece.text[*at..]).collect();
        assert_eq!(
            begun,
            ["The springtide rises twice a second day, and the sun helps it.", "cond day, and the sun helps it.", "it."]
        );
        assert!(piece.places.iter().zip(&lines).all(|((_, frame), line)| *frame == line.frame));
    }

    #[test]
    fn a_caption_is_told_by_how_it_begins() {
        check(&[line("Figure 3: The tide of a day", 50.0, 100.0)], &[(Form::Caption, "Figure 3: The tide of a day")]);
        check(&[], &[]);
    }
}
