//! Tells in which order the stretches of a page are read: columns from left to right, and what spans them between.

use super::sheet::Frame;

/// A side of a gutter has at least so many stretches.
const FEWEST: usize = 4;
/// A gutter is at least so many text sizes wide.
const NARROWEST: f32 = 0.7;
/// No page that somebody reads has more stretches; one that has is read from top to bottom.
const MOST: usize = 10_000;
/// Columns within columns, and no further.
const DEEPEST: u8 = 4;

/// A stretch that has a place on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Where it is.
    pub frame: Frame,
    /// Where its line stands.
    pub base: f32,
    /// How large its signs are.
    pub size: f32,
    /// How many words it has.
    pub words: usize,
}

/// Strips of stretches that are read line by line, in the order of reading.
pub fn order(stretches: &[Stretch]) -> Vec<Vec<usize>> {
    if stretches.len() > MOST {
        return vec![(0..stretches.len()).collect()];
    }
    let mut strips = Vec::new();
    split(stretches, (0..stretches.len()).collect(), 0, &mut strips);
    strips
}

fn split(all: &[Stretch], within: Vec<usize>, depth: u8, strips: &mut Vec<Vec<usize>>) {
    let gutter = if depth < DEEPEST && within.len() >= 2 * FEWEST { gutter(all, &within) } else { None };
    let Some(gutter) = gutter else {
        if !within.is_empty() {
            strips.push(within);
        }
        return;
    };
    for band in bands(all, &within, gutter) {
        let (left, right): (Vec<usize>, Vec<usize>) = band.iter().partition(|at| all[**at].frame.right <= gutter);
        if is_columns(all, &left, &right) {
            split(all, left, depth + 1, strips);
            split(all, right, depth + 1, strips);
        } else {
            strips.push(band);
        }
    }
}

/// The place where most lines stand side by side, if columns stand there at all.
fn gutter(all: &[Stretch], within: &[usize]) -> Option<f32> {
    let around = within.iter().map(|at| all[*at].frame).reduce(|a, b| a.union(&b))?;
    let size = median(within.iter().map(|at| all[*at].size));
    let steps = ((around.width() / 2.0) as usize).clamp(1, 2_000);
    let step = around.width() / steps as f32;
    let mut crossing = vec![0i32; steps + 2];
    for at in within {
        let frame = all[*at].frame;
        let slot = |x: f32| (((x - around.left) / step).max(0.0) as usize).min(steps);
        crossing[slot(frame.left)] += 1;
        crossing[slot(frame.right) + 1] -= 1;
    }
    let mut sum = 0;
    let crossing: Vec<i32> = crossing
        .iter()
        .map(|change| {
            sum += change;
            sum
        })
        .collect();
    // The middles of the valleys: where fewer lines cross than to both sides.
    let needed = ((size * NARROWEST / step).ceil() as usize).max(1);
    let (from, to) = (steps * 12 / 100, steps * 88 / 100);
    let mut valleys: Vec<(i32, usize)> = Vec::new();
    let mut at = from;
    while at < to {
        let level = crossing[at];
        let mut end = at;
        while end < to && crossing[end] == level {
            end += 1;
        }
        let lower = (at == 0 || crossing[at - 1] > level) && crossing[end.min(steps)] > level;
        if lower && end - at >= needed {
            valleys.push((level, (at + end) / 2));
        }
        at = end.max(at + 1);
    }
    valleys.sort_unstable();
    let score = |x: f32| -> usize {
        let of_band = |band: Vec<usize>| {
            let (left, right): (Vec<usize>, Vec<usize>) = band.into_iter().partition(|at| all[*at].frame.right <= x);
            if is_columns(all, &left, &right) { left.len() + right.len() } else { 0 }
        };
        bands(all, within, x).into_iter().map(of_band).sum()
    };
    let places = valleys.into_iter().take(8).map(|(_, at)| around.left + (at as f32 + 0.5) * step);
    places
        .map(|x| (score(x), x))
        .filter(|(score, _)| *score > 0)
        .max_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)))
        .map(|(_, x)| x)
}

/// What stands between the lines that cross a place, from top to bottom, and those lines.
fn bands(all: &[Stretch], within: &[usize], x: f32) -> Vec<Vec<usize>> {
    let crosses = |at: &usize| all[*at].frame.left < x && all[*at].frame.right > x;
    let mut sorted = within.to_vec();
    sorted.sort_by(|a, b| all[*a].base.total_cmp(&all[*b].base));
    let mut bands: Vec<(bool, Vec<usize>)> = Vec::new();
    let mut at = 0;
    while at < sorted.len() {
        // What stands in a row with a line that crosses goes with it.
        let base = all[sorted[at]].base;
        let row = sorted[at..].iter().take_while(|other| all[**other].base - base < 2.0).count();
        let spans = sorted[at..at + row].iter().any(crosses);
        match bands.last_mut() {
            Some((same, band)) if *same == spans => band.extend(&sorted[at..at + row]),
            _ => bands.push((spans, sorted[at..at + row].to_vec())),
        }
        at += row;
    }
    bands.into_iter().map(|(_, band)| band).collect()
}

/// Whether two sides are columns of text, and not the cells of a table, or names with what is said of them.
fn is_columns(all: &[Stretch], left: &[usize], right: &[usize]) -> bool {
    if left.len() < FEWEST || right.len() < FEWEST {
        return false;
    }
    let frame = |side: &[usize]| side.iter().map(|at| all[*at].frame).reduce(|a, b| a.union(&b)).unwrap_or_default();
    let (on_left, on_right) = (frame(left), frame(right));
    let beside = on_left.bottom.min(on_right.bottom) - on_left.top.max(on_right.top);
    if beside < on_left.height().min(on_right.height()) * 0.5 {
        return false;
    }
    let mut bases: Vec<f32> = right.iter().map(|at| all[*at].base).collect();
    bases.sort_by(f32::total_cmp);
    let has_row =
        |base: f32| bases.get(bases.partition_point(|other| *other < base - 1.0)).is_some_and(|other| *other < base + 1.0);
    let aligned = left.iter().filter(|at| has_row(all[**at].base)).count();
    let full = |side: &[usize], frame: &Frame| median(row_widths(all, side).into_iter()) > frame.width() * 0.55;
    let wordy = |side: &[usize]| median(side.iter().map(|at| all[*at].words as f32)) >= 3.0;
    let prose = full(left, &on_left) && full(right, &on_right) && wordy(left) && wordy(right);
    prose || aligned * 2 < left.len()
}

/// How much of each row is covered.
fn row_widths(all: &[Stretch], side: &[usize]) -> Vec<f32> {
    let mut sorted = side.to_vec();
    sorted.sort_by(|a, b| all[*a].base.total_cmp(&all[*b].base));
    let mut rows: Vec<(f32, f32)> = Vec::new();
    for at in sorted {
        let Stretch { base, frame, .. } = all[at];
        match rows.last_mut() {
            Some((row, width)) if base - *row < 2.0 => *width += frame.width(),
            _ => rows.push((base, frame.width())),
        }
    }
    rows.into_iter().map(|(_, width)| width).collect()
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(left: f32, right: f32, base: f32) -> Stretch {
        let frame = Frame { left, top: base - 8.0, right, bottom: base + 2.0 };
        Stretch { frame, base, size: 10.0, words: ((right - left) / 30.0) as usize }
    }

    fn check(stretches: &[Stretch], expected: &[&[usize]]) {
        assert_eq!(order(stretches), expected);
    }

    #[test]
    fn two_columns_under_a_title_are_read_one_after_the_other() {
        let mut page = vec![line(100.0, 500.0, 50.0)];
        for row in 0..6 {
            page.push(line(50.0, 290.0, 100.0 + 12.0 * row as f32));
            page.push(line(310.0, 550.0, 100.0 + 12.0 * row as f32));
        }
        page.push(line(50.0, 550.0, 300.0));
        check(&page, &[&[0], &[1, 3, 5, 7, 9, 11], &[2, 4, 6, 8, 10, 12], &[13]]);
    }

    #[test]
    fn one_column_stays_one() {
        let page: Vec<Stretch> =
            (0..30).map(|row| line(50.0, if row % 5 == 4 { 200.0 } else { 550.0 }, 12.0 * row as f32)).collect();
        assert_eq!(order(&page).len(), 1);
    }

    #[test]
    fn three_columns_are_three() {
        let rows = (0..8).flat_map(|row| {
            [(30.0, 190.0), (210.0, 370.0), (390.0, 550.0)].map(|(from, to)| line(from, to, 100.0 + 12.0 * row as f32))
        });
        assert_eq!(order(&rows.collect::<Vec<_>>()).iter().map(Vec::len).collect::<Vec<_>>(), [8, 8, 8]);
    }

    #[test]
    fn a_table_is_read_row_by_row() {
        let rows =
            (0..8).flat_map(|row| [(50.0, 90.0), (300.0, 330.0)].map(|(from, to)| line(from, to, 100.0 + 12.0 * row as f32)));
        assert_eq!(order(&rows.collect::<Vec<_>>()).len(), 1);
    }

    #[test]
    fn nothing_has_no_order() {
        check(&[], &[]);
    }
}
