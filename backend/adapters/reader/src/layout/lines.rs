//! Puts the fragments of a strip of text together to rows, and rows to lines.

use super::fragments::Fragment;
use super::sheet::{Face, Frame};

/// Fragments that stand on one line, from left to right.
pub type Row = Vec<Fragment>;

/// A line of text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// Where it is.
    pub frame: Frame,
    /// Where it stands.
    pub base: f32,
    /// How large most of it is.
    pub size: f32,
    /// How all of it is drawn.
    pub face: Face,
}

/// The rows of a strip, from top to bottom.
pub fn rows(mut fragments: Vec<Fragment>) -> Vec<Row> {
    fragments.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.left.total_cmp(&b.left)));
    let mut rows: Vec<Row> = Vec::new();
    for fragment in fragments {
        // A row is where its largest fragment stands; what is raised beside it belongs to it.
        let same = |row: &&mut Row| {
            let first = row.iter().max_by(|a, b| a.size.total_cmp(&b.size)).expect("a row has a fragment");
            (first.base - fragment.base).abs() < first.size.min(fragment.size).max(first.size.max(fragment.size) * 0.6) * 0.35
        };
        match rows.iter_mut().rev().take(3).find(same) {
            Some(row) => row.push(fragment),
            None => rows.push(vec![fragment]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    rows
}

/// Writes the bullets that were drawn.
pub fn mark(line: &mut Line, dots: &[Frame]) {
    let (top, bottom) = (line.base - line.size * 0.75, line.base + line.size * 0.1);
    let before = |dot: &&Frame| {
        let gap = line.frame.left - dot.right;
        dot.top > top && dot.bottom < bottom && gap > line.size * 0.15 && gap < line.size * 2.5
    };
    if let Some(dot) = dots.iter().find(before) {
        line.text.insert_str(0, "• ");
        line.frame.left = dot.left;
    }
}

/// A row as a line.
pub fn line(row: &[Fragment]) -> Line {
    let Some(main) = row.iter().max_by_key(|fragment| fragment.weight()) else { return Line::default() };
    let frame = row.iter().map(Fragment::frame).reduce(|a, b| a.union(&b)).unwrap_or_default();
    let text = row.iter().map(|fragment| fragment.text.as_str()).collect::<Vec<_>>().join(" ");
    let all = |is: fn(&Face) -> bool| row.iter().all(|fragment| is(&fragment.face));
    let face = Face { bold: all(|f| f.bold), italic: all(|f| f.italic), fixed: all(|f| f.fixed) };
    Line { text, frame, base: main.base, size: main.size, face }
}
