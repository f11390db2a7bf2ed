//! Finds tables in a strip: rows whose fragments stand in columns, and keeps them readable as lines with ` | ` between cells.

use super::fragments::Fragment;
use super::lines::Row;
use super::sheet::Frame;

/// A table, and which rows of the strip it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The first row.
    pub from: usize,
    /// The row behind the last.
    pub to: usize,
    /// What it says.
    pub text: String,
    /// Where it is.
    pub frame: Frame,
}

/// What parts cells.
pub const BETWEEN: &str = " | ";
/// No page has more rows that make sense.
const MOST_ROWS: usize = 1_000;
/// Cells of prose are no table, unless rules part them.
const LONGEST_CELL: f32 = 45.0;

/// The tables of a strip, from top to bottom.
pub fn find(rows: &[Row], rules: &[Frame]) -> Vec<Table> {
    let mut tables = Vec::new();
    if rows.len() > MOST_ROWS {
        return tables;
    }
    let mut at = 0;
    while at < rows.len() {
        match longest(rows, at, rules) {
            Some(table) => {
                at = table.to;
                tables.push(table);
            }
            None => at += 1,
        }
    }
    tables
}

/// The table that begins with a row, if one does.
fn longest(rows: &[Row], from: usize, rules: &[Frame]) -> Option<Table> {
    if rows[from].len() < 2 || is_entry(&rows[from]) {
        return None;
    }
    let mut to = from + 1;
    while to < rows.len() && goes_on(rows, from, to) {
        to += 1;
    }
    // A single fragment at the end is the text behind the table.
    while to > from + 1 && rows[to - 1].len() < 2 && !is_under(&rows[from..to - 1], &rows[to - 1][0]) {
        to -= 1;
    }
    let table = &rows[from..to];
    let frame = frame_of(table);
    let across: Vec<f32> = lines_across(rules, &frame);
    let ruled = across.len() >= 3 || across.len() >= 2 && lines_down(rules, &frame) >= 2;
    let several = table.iter().filter(|row| row.len() >= 2).count();
    if several < if ruled { 2 } else { 3 } || several * 10 < table.len() * 5 {
        return None;
    }
    let columns = columns(table);
    if columns.len() < 2 {
        return None;
    }
    let cells = table.iter().map(Vec::len).sum::<usize>();
    let signs = table.iter().flatten().map(|cell| cell.text.len()).sum::<usize>();
    if signs as f32 / cells as f32 > LONGEST_CELL * if ruled { 3.0 } else { 1.0 } {
        return None;
    }
    let text = text(table, &columns, &across);
    Some(Table { from, to, text, frame })
}

/// Whether a row belongs to the table that began above.
fn goes_on(rows: &[Row], from: usize, at: usize) -> bool {
    let (above, row) = (&rows[at - 1], &rows[at]);
    let size = above[0].size.max(row[0].size);
    if row[0].base - above[0].base > size * 3.2 || is_entry(row) {
        return false;
    }
    if row.len() >= 2 {
        return true;
    }
    // The rest of a cell that is broken over lines, with more of the table below or not far away.
    is_under(&rows[from..at], &row[0]) && rows[at + 1..].iter().take(2).any(|next| next.len() >= 2)
        || is_under(&rows[from..at], &row[0]) && row[0].base - above[0].base < size * 1.5 && row[0].left > rows[from][0].right
}

/// Whether a fragment stands under one cell and no wider than a cell.
fn is_under(table: &[Row], fragment: &Fragment) -> bool {
    let frame = frame_of(table);
    if fragment.right - fragment.left > frame.width() * 0.6 {
        return false;
    }
    let columns = columns(table);
    columns.iter().filter(|column| fragment.left < column.1 && fragment.right > column.0).count() == 1
}

fn frame_of(table: &[Row]) -> Frame {
    table.iter().flatten().map(Fragment::frame).reduce(|a, b| a.union(&b)).unwrap_or_default()
}

/// Where the columns are: stretches that are parted in nearly all rows; a heading over several of them does not join them.
fn columns(table: &[Row]) -> Vec<(f32, f32)> {
    let mut ends: Vec<(f32, i32)> = table.iter().flatten().flat_map(|cell| [(cell.left, 1), (cell.right, -1)]).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let tolerated = table.len() as i32 / 6;
    let (mut open, mut columns) = (0, Vec::new());
    let mut since: Option<f32> = None;
    for (at, change) in ends {
        open += change;
        match since {
            None if open > tolerated => since = Some(at),
            Some(from) if open <= tolerated => {
                columns.push((from, at));
                since = None;
            }
            _ => {}
        }
    }
    // Gaps no wider than a space are no gaps.
    let mut parted: Vec<(f32, f32)> = Vec::new();
    for column in columns {
        match parted.last_mut() {
            Some(before) if column.0 - before.1 < 3.0 => before.1 = column.1,
            _ => parted.push(column),
        }
    }
    parted
}

/// Whether a row is an entry of a list, whose mark stands apart.
fn is_entry(row: &Row) -> bool {
    row.len() == 2 && super::marks::is_mark(&row[0].text)
}

/// The heights of the rules that run over the table, from top to bottom.
fn lines_across(rules: &[Frame], table: &Frame) -> Vec<f32> {
    let over = |rule: &&Frame| {
        rule.width() > rule.height()
            && rule.width() > table.width() * 0.2
            && rule.left < table.right
            && rule.right > table.left
            && rule.top > table.top - 12.0
            && rule.bottom < table.bottom + 12.0
    };
    let mut heights: Vec<f32> = rules.iter().filter(over).map(|rule| rule.top).collect();
    heights.sort_by(f32::total_cmp);
    heights.dedup_by(|a, b| (*a - *b).abs() < 3.0);
    heights
}

fn lines_down(rules: &[Frame], table: &Frame) -> usize {
    let over = |rule: &&Frame| rule.height() > rule.width() && rule.is_near(table, 4.0);
    rules.iter().filter(over).count()
}

/// The cells, row by row. Where rules part the rows, all lines between two of them are one row.
fn text(table: &[Row], columns: &[(f32, f32)], across: &[f32]) -> String {
    let between = |row: &Row| across.iter().filter(|rule| **rule < row[0].base - row[0].size * 0.3).count();
    let parted = table.windows(2).filter(|pair| between(&pair[0]) != between(&pair[1])).count();
    let by_rules = parted * 5 >= table.len() * 2;
    let mut lines: Vec<Vec<String>> = Vec::new();
    for (nth, row) in table.iter().enumerate() {
        let same_row = nth > 0 && by_rules && between(row) == between(&table[nth - 1]);
        let rest_of_cell = nth > 0 && row.len() == 1 && row[0].left > columns[0].1;
        if !(same_row || rest_of_cell && !by_rules) {
            lines.push(vec![String::new(); columns.len()]);
        }
        let Some(line) = lines.last_mut() else { continue };
        for cell in row {
            let middle = (cell.left + cell.right) / 2.0;
            let fits = |column: &&(f32, f32)| cell.left < column.1 && cell.right > column.0;
            let nth = columns
                .iter()
                .position(|column| fits(&column))
                .unwrap_or_else(|| columns.iter().position(|column| middle < column.1).unwrap_or(columns.len() - 1));
            if !line[nth].is_empty() {
                line[nth].push(' ');
            }
            line[nth].push_str(&cell.text);
        }
    }
    lines.iter().map(|cells| cells.join(BETWEEN)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::lines::rows;
    use super::*;

    fn cell(text: &str, left: f32, base: f32) -> Fragment {
        let right = left + 5.0 * text.len() as f32;
        Fragment { text: text.to_owned(), left, right, base, size: 10.0, ..Fragment::default() }
    }

    fn grid(cells: &[&[&str]]) -> Vec<Row> {
        let at = |(y, row): (usize, &&[&str])| {
            row.iter()
                .enumerate()
                .filter(|(_, text)| !text.is_empty())
                .map(move |(x, text)| cell(text, 50.0 + 120.0 * x as f32, 100.0 + 14.0 * y as f32))
                .collect::<Vec<_>>()
        };
        rows(cells.iter().enumerate().flat_map(at).collect())
    }

    fn check(cells: &[&[&str]], expected: &[&str]) {
        assert_eq!(find(&grid(cells), &[]).into_iter().map(|table| table.text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn cells_in_columns_are_a_table() {
        check(
            &[&["Port", "High", "Low"], &["Dover", "6.8", "0.8"], &["Brest", "7.1", ""], &["Cork", "", "0.5"]],
            &["Port | High | Low\nDover | 6.8 | 0.8\nBrest | 7.1 | \nCork |  | 0.5"],
        );
    }

    #[test]
    fn the_rest_of_a_cell_goes_to_its_row() {
        check(
            &[&["Term", "Meaning"], &["ebb", "the water"], &["", "goes out"], &["flow", "it comes in"], &["neap", "weak"]],
            &["Term | Meaning\nebb | the water goes out\nflow | it comes in\nneap | weak"],
        );
    }

    #[test]
    fn lists_and_single_lines_are_no_tables() {
        check(&[&["1.", "ebb"], &["2.", "flow"], &["3.", "neap"]], &[]);
        check(
            &[&["•", "ebb"], &["", "and more"], &["•", "flow"], &["Port", "High"], &["Dover", "6.8"], &["Brest", "7.1"]],
            &["Port | High\nDover | 6.8\nBrest | 7.1"],
        );
        check(&[&["E = mc", "(1)"]], &[]);
        check(&[&["a line of text"], &["another line"]], &[]);
        check(&[], &[]);
    }

    #[test]
    fn rules_part_rows_of_several_lines() {
        let cells = grid(&[&["Term", "Meaning"], &["ebb", "the water"], &["and", "goes out"], &["flow", "comes in"]]);
        let rule = |top: f32| Frame { left: 40.0, top, right: 300.0, bottom: top + 0.5 };
        let found = find(&cells, &[rule(90.0), rule(103.0), rule(131.0), rule(146.0)]);
        assert_eq!(found[0].text, "Term | Meaning\nebb and | the water goes out\nflow | comes in");
    }
}
