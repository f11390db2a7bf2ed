//! The table that tesseract makes of a page. It knows nothing of the program that wrote it.

use std::collections::BTreeMap;

use synapscribe_domain::document::{Area, RecognisedLine};

/// The columns of its tables.
const COLUMNS: usize = 12;
/// The row of the page itself, and the rows of words.
const PAGE: u32 = 1;
const WORD: u32 = 5;

/// The lines of a page from its table: words with their places in dots, numbered by block, paragraph and line. Nothing where it is
/// no such table.
pub fn lines(table: &str) -> Option<Vec<RecognisedLine>> {
    let mut rows = table.lines();
    rows.next().filter(|head| head.starts_with("level\t"))?;
    let mut page = None;
    let mut lines: BTreeMap<[u32; 3], Vec<Word<'_>>> = BTreeMap::new();
    for row in rows {
        let columns: Vec<&str> = row.splitn(COLUMNS, '\t').collect();
        let number = |at: usize| columns.get(at)?.parse::<f32>().ok().filter(|n| n.is_finite());
        let size = |at: usize| number(at).filter(|n| *n >= 0.0);
        let frame = [number(6)?, number(7)?, size(8)?, size(9)?];
        match number(0)? as u32 {
            PAGE => page = Some((frame[2], frame[3])),
            WORD => {
                let place = [number(2)? as u32, number(3)? as u32, number(4)? as u32];
                let text = columns.get(11).map_or("", |text| text.trim());
                if !text.is_empty() {
                    lines.entry(place).or_default().push(Word { text, frame, sure: number(10)? / 100.0 });
                }
            }
            _ => {}
        }
    }
    let page = page.filter(|(width, height)| *width > 0.0 && *height > 0.0)?;
    // They are in order, so a paragraph's lines follow each other.
    let (mut nth, mut before) = (0, None);
    let counted = lines.iter().map(|([block, paragraph, _], words)| {
        let own = (block, paragraph);
        nth += u32::from(before.replace(own).is_some_and(|before| before != own));
        line(words, page, nth)
    });
    Some(counted.collect())
}

/// A word with its left and upper edge, width and height in dots.
struct Word<'t> {
    text: &'t str,
    frame: [f32; 4],
    sure: f32,
}

fn line(words: &[Word<'_>], (width, height): (f32, f32), paragraph: u32) -> RecognisedLine {
    let least = |edge: fn(&[f32; 4]) -> f32| words.iter().map(|word| edge(&word.frame)).fold(f32::MAX, f32::min);
    let most = |edge: fn(&[f32; 4]) -> f32| words.iter().map(|word| edge(&word.frame)).fold(0.0, f32::max);
    let share = |dots: f32, of: f32| (dots / of).clamp(0.0, 1.0);
    let area = Area {
        left: share(least(|f| f[0]), width),
        top: share(least(|f| f[1]), height),
        right: share(most(|f| f[0] + f[2]), width),
        bottom: share(most(|f| f[1] + f[3]), height),
    };
    // Some words have letters that hang down, and short marks do not stand as high: the middle one is like most.
    let mut heights: Vec<f32> = words.iter().map(|word| word.frame[3]).collect();
    heights.sort_by(f32::total_cmp);
    let sure = words.iter().map(|word| word.sure).sum::<f32>() / words.len() as f32;
    RecognisedLine {
        text: words.iter().map(|word| word.text).collect::<Vec<_>>().join(" "),
        area,
        height: share(heights[heights.len() / 2], height),
        confidence: sure.clamp(0.0, 1.0),
        paragraph,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n";

    #[test]
    fn words_become_lines_with_their_places_and_paragraphs() {
        let table = format!(
            "{HEAD}1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t\n2\t1\t1\t0\t0\t0\t100\t200\t300\t20\t-1\t\n\
             5\t1\t1\t1\t1\t1\t100\t200\t100\t20\t90.5\tThe\n5\t1\t1\t1\t1\t2\t300\t190\t100\t40\t70.5\ttide\n\
             5\t1\t1\t1\t2\t1\t100\t300\t100\t20\t96\tstays.\n5\t1\t2\t1\t1\t1\t100\t400\t100\t20\t96\t \n\
             5\t1\t3\t1\t1\t1\t100\t500\t100\t20\t96\tA \"quoted\" end\n"
        );
        let lines = lines(&table).unwrap();
        let said: Vec<(&str, u32)> = lines.iter().map(|line| (line.text.as_str(), line.paragraph)).collect();
        assert_eq!(said, [("The tide", 0), ("stays.", 0), ("A \"quoted\" end", 1)]);
        assert_eq!(lines[0].area, Area { left: 0.1, top: 0.095, right: 0.4, bottom: 0.115 });
        assert!((lines[0].confidence - 0.805).abs() < 1e-4 && lines[0].height == 0.02, "{:?}", lines[0]);
    }

    #[test]
    fn what_is_no_table_is_told_from_a_page_without_words() {
        assert_eq!(lines(&format!("{HEAD}1\t1\t0\t0\t0\t0\t0\t0\t10\t20\t-1\t\n")), Some(Vec::new()));
        for nonsense in ["", "<html>", HEAD, &format!("{HEAD}5\t1\t1"), &format!("{HEAD}1\t1\t0\t0\t0\t0\t0\t0\t0\t0\t-1\t\n")] {
            assert_eq!(lines(nonsense), None, "{nonsense:?}");
        }
        for frame in ["NaN\t1\t1\t1", "5\t1\t-3\t1", "5\t1\t3\t-1"] {
            let table = format!("{HEAD}1\t1\t0\t0\t0\t0\t0\t0\t10\t20\t-1\t\n5\t1\t1\t1\t1\t1\t{frame}\t1\tx\n");
            assert_eq!(lines(&table), None, "{frame}");
        }
    }
}
