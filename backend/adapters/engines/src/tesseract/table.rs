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
        let whole = |at: usize| columns.get(at)?.parse::<u32>().ok();
        let number = |at: usize| columns.get(at)?.parse::<f32>().ok().filter(|n| n.is_finite());
        let frame = [number(6)?, number(7)?, number(8)?, number(9)?];
        match whole(0)? {
            PAGE => page = Some((frame[2], frame[3])),
            WORD => {
                let place = [whole(2)?, whole(3)?, whole(4)?];
                let text = columns.get(11).map_or("", |text| text.trim());
                if !text.is_empty() {
                    let sure = (number(10)? / 100.0).clamp(0.0, 1.0);
                    lines.entry(place).or_default().push(Word { text, frame, sure });
                }
            }
            _ => {}
        }
    }
    let page = page.filter(|(width, height)| *width > 0.0 && *height > 0.0)?;
    let (mut paragraph, mut before) = (0, None);
    let in_order = lines.iter().map(|([block, within, _], words)| {
        let here = Some((*block, *within));
        if before.is_some() && before != here {
            paragraph += 1;
        }
        before = here;
        line(words, page, paragraph)
    });
    Some(in_order.collect())
}

/// A word with its left and upper edge, width and height in dots.
struct Word<'t> {
    text: &'t str,
    frame: [f32; 4],
    sure: f32,
}

impl Word<'_> {
    /// Where it stands, and how high it is, as shares of the page. Whatever the table says, no edge is off the page, and none
    /// behind its opposite.
    fn stands(&self, (width, height): (f32, f32)) -> (Area, f32) {
        let [left, top, wide, high] = self.frame;
        let (wide, high) = (wide.max(0.0), high.max(0.0));
        let area = Area {
            left: share(left, width),
            top: share(top, height),
            right: share(left + wide, width),
            bottom: share(top + high, height),
        };
        (area, share(high, height))
    }
}

fn share(dots: f32, of: f32) -> f32 {
    (dots / of).clamp(0.0, 1.0)
}

fn line(words: &[Word<'_>], page: (f32, f32), paragraph: u32) -> RecognisedLine {
    let (areas, mut heights): (Vec<Area>, Vec<f32>) = words.iter().map(|word| word.stands(page)).unzip();
    let least = |edge: fn(&Area) -> f32| areas.iter().map(edge).fold(1.0, f32::min);
    let most = |edge: fn(&Area) -> f32| areas.iter().map(edge).fold(0.0, f32::max);
    // Some words have letters that hang down, and short marks do not stand as high: the middle one is like most.
    heights.sort_by(f32::total_cmp);
    RecognisedLine {
        text: words.iter().map(|word| word.text).collect::<Vec<_>>().join(" "),
        area: Area { left: least(|a| a.left), top: least(|a| a.top), right: most(|a| a.right), bottom: most(|a| a.bottom) },
        height: heights[heights.len() / 2],
        confidence: words.iter().map(|word| word.sure).sum::<f32>() / words.len() as f32,
        paragraph,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n";
    const SHEET: &str = "1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t\n";

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
        for number in ["NaN", "inf", "-inf", "1e39", "wide"] {
            assert_eq!(lines(&format!("{HEAD}{SHEET}5\t1\t1\t1\t1\t1\t{number}\t1\t1\t1\t1\tx\n")), None, "{number}");
        }
        for place in ["-1", "1.5", "4294967296"] {
            assert_eq!(lines(&format!("{HEAD}{SHEET}5\t1\t{place}\t1\t1\t1\t1\t1\t1\t1\t1\tx\n")), None, "{place}");
        }
    }

    #[test]
    fn a_word_whose_box_makes_no_sense_stays_on_the_page() {
        let boxes =
            ["-50\t-60\t3e38\t-20\t3e38", "900\t100\t-3e38\t3e38\t-3e38", "3e38\t3e38\t3e38\t3e38\t3e38", "7\t7\t0\t0\t0"];
        for several in [&boxes[..], &boxes[..1], &boxes[1..2], &boxes[2..3], &boxes[3..]] {
            let rows: String = several.iter().map(|frame| format!("5\t1\t1\t1\t1\t1\t{frame}\tx\n")).collect();
            let found = lines(&format!("{HEAD}{SHEET}{rows}")).unwrap();
            let RecognisedLine { area, height, confidence, .. } = &found[0];
            let Area { left, top, right, bottom } = *area;
            for share in [left, top, right, bottom, *height, *confidence] {
                assert!((0.0..=1.0).contains(&share), "{several:?}: {found:?}");
            }
            assert!(left <= right && top <= bottom, "{several:?}: {area:?}");
        }
    }
}
