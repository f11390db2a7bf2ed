//! Puts signs together to fragments: stretches of a line without a wide gap, with spaces where words part.

use std::collections::HashMap;

use super::sheet::{Face, Frame, Sheet, Sign};

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fragment {
    /// What it says.
    pub text: String,
    /// Where it begins.
    pub left: f32,
    /// Where it ends.
    pub right: f32,
    /// Where its line stands.
    pub base: f32,
    /// How large its signs are.
    pub size: f32,
    /// How most of its signs are drawn.
    pub face: Face,
}

impl Fragment {
    /// The rectangle it takes up, as far as sizes tell.
    pub fn frame(&self) -> Frame {
        Frame { left: self.left, top: self.base - self.size * 0.8, right: self.right, bottom: self.base + self.size * 0.25 }
    }

    /// How many signs it has, without spaces.
    pub fn weight(&self) -> usize {
        self.text.chars().filter(|c| !c.is_whitespace()).count()
    }
}

/// A gap of so many sizes parts fragments: columns of text are further apart, words hardly ever.
const WIDE_GAP: f32 = 1.1;
/// What was not drawn one after the other belongs together only when it is closer: columns may be less than a wide gap apart.
const CLOSE_GAP: f32 = 0.6;
/// A gap of so many sizes parts words.
const WORD_GAP: f32 = 0.16;

/// The fragments of a page that are read one way, and those of all other ways.
/// Upright lines, which part what they stand between, are told for that way.
pub fn of(sheet: &Sheet, turn: u8, posts: &[Frame]) -> (Vec<Fragment>, Vec<Fragment>) {
    let mut aside = Vec::new();
    for other in (0..4).filter(|other| *other != turn) {
        aside.extend(join(sheet.signs.iter().filter(|sign| sign.turn == other), &[]));
    }
    (join(sheet.signs.iter().filter(|sign| sign.turn == turn), posts), aside)
}

/// The way most of a page is read.
pub fn turn(sheet: &Sheet) -> u8 {
    let mut turns = [0usize; 4];
    for sign in &sheet.signs {
        turns[usize::from(sign.turn % 4)] += 1;
    }
    (0..4u8).max_by_key(|turn| (turns[usize::from(*turn)], 4 - turn)).unwrap_or(0)
}

/// Whether an upright line stands between two places on a line of text.
fn is_parted(posts: &[Frame], from: f32, to: f32, base: f32, size: f32) -> bool {
    let middle = base - size * 0.3;
    let between = |post: &Frame| post.left > from - size * 0.1 && post.right < to + size * 0.1;
    posts.iter().any(|post| (post.top..=post.bottom).contains(&middle) && between(post))
}

/// A fragment on its way.
struct Growing {
    fragment: Fragment,
    /// Where the last sign began; what is laid over something else does not go on from there.
    last_left: f32,
    /// Where the last sign ended, without the space behind it.
    ink: f32,
    space: bool,
    weights: [usize; 4],
    /// How many signs there are of each size, and where the last of them stood.
    sizes: Vec<(f32, usize, f32)>,
}

fn join<'a>(signs: impl Iterator<Item = &'a Sign>, posts: &[Frame]) -> Vec<Fragment> {
    let mut done: Vec<Fragment> = Vec::new();
    let mut growing: Option<Growing> = None;
    let mut printed: HashMap<(char, i32), Vec<(f32, f32)>> = HashMap::new();
    for sign in signs {
        if sign.char.is_whitespace() || sign.char == '\u{A0}' {
            if let Some(growing) = &mut growing
                && near_line(&growing.fragment, sign)
            {
                growing.space = true;
                // A space may be stretched; only what lies behind it is a gap.
                if (sign.left - growing.fragment.right).abs() < sign.size {
                    growing.fragment.right = growing.fragment.right.max(sign.right);
                }
            }
            continue;
        }
        if sign.char.is_control() || is_printed_twice(&mut printed, sign) {
            continue;
        }
        let goes_on = growing.as_ref().is_some_and(|growing| {
            let (from, to) = (growing.ink, sign.left);
            goes_on(growing, sign) && !(to - from > sign.size * WORD_GAP && is_parted(posts, from, to, sign.base, sign.size))
        });
        if !goes_on && let Some(full) = growing.take() {
            done.push(full.finish());
        }
        match &mut growing {
            Some(growing) => growing.push(sign),
            None => growing = Some(Growing::new(sign)),
        }
    }
    done.extend(growing.map(Growing::finish));
    merge(done, posts)
}

/// Some makers print a sign several times to make it heavier, or to give it a shadow.
fn is_printed_twice(printed: &mut HashMap<(char, i32), Vec<(f32, f32)>>, sign: &Sign) -> bool {
    let places = printed.entry((sign.char, (sign.base / 2.0).round() as i32)).or_default();
    let near = sign.size * 0.09;
    // The last ones are enough: a second print follows the first.
    let again =
        places.iter().rev().take(400).any(|(left, base)| (left - sign.left).abs() < near && (base - sign.base).abs() < near);
    if !again {
        places.push((sign.left, sign.base));
    }
    again
}

fn near_line(fragment: &Fragment, sign: &Sign) -> bool {
    (fragment.base - sign.base).abs() < fragment.size.max(sign.size) * 0.25
}

fn goes_on(growing: &Growing, sign: &Sign) -> bool {
    let fragment = &growing.fragment;
    let size = fragment.size.max(sign.size);
    let gap = sign.left - fragment.right;
    if sign.left < growing.last_left - size * 0.1 || gap > size * WIDE_GAP || gap < -size * 0.6 {
        return false;
    }
    let shift = (fragment.base - sign.base).abs();
    // Small signs that are raised or lowered beside larger ones belong to their line.
    let raised = sign.size < fragment.size * 0.85 && shift < fragment.size * 0.6 && gap < size * 0.3;
    let lowered_again = fragment.size < sign.size * 0.85 && shift < sign.size * 0.6 && gap < size * 0.3 && growing.weights[3] < 4;
    shift < size * 0.2 || raised || lowered_again
}

impl Growing {
    fn new(sign: &Sign) -> Self {
        let fragment = Fragment {
            text: String::new(),
            left: sign.left,
            right: sign.left,
            base: sign.base,
            size: sign.size,
            face: Face::default(),
        };
        let mut growing =
            Self { fragment, last_left: sign.left, ink: sign.left, space: false, weights: [0; 4], sizes: Vec::new() };
        growing.push(sign);
        growing
    }

    fn push(&mut self, sign: &Sign) {
        let fragment = &mut self.fragment;
        let gap = sign.left - fragment.right;
        if !fragment.text.is_empty() && (self.space || gap > sign.size.max(fragment.size * 0.7) * WORD_GAP) {
            fragment.text.push(' ');
        }
        self.space = false;
        spell(sign.char, &mut fragment.text);
        fragment.right = fragment.right.max(sign.right);
        if sign.size > fragment.size * 1.1 {
            (fragment.size, fragment.base) = (sign.size, sign.base);
        }
        (self.last_left, self.ink) = (sign.left, sign.right);
        match self.sizes.iter_mut().find(|(size, ..)| (size - sign.size).abs() < 0.25) {
            Some((_, count, base)) => (*count, *base) = (*count + 1, sign.base),
            None => self.sizes.push((sign.size, 1, sign.base)),
        }
        let [bold, italic, fixed, all] = &mut self.weights;
        *all += 1;
        *bold += usize::from(sign.face.bold);
        *italic += usize::from(sign.face.italic);
        *fixed += usize::from(sign.face.fixed);
    }

    fn finish(mut self) -> Fragment {
        // A large bullet or initial does not make the line large.
        if let Some((size, _, base)) = self.sizes.iter().max_by_key(|(_, count, _)| *count) {
            (self.fragment.size, self.fragment.base) = (*size, *base);
        }
        let [bold, italic, fixed, all] = self.weights;
        let most = |n: usize| n * 10 > all * 8;
        self.fragment.face = Face { bold: most(bold), italic: most(italic), fixed: most(fixed) };
        self.fragment.text = letterspaced(self.fragment.text);
        self.fragment
    }
}

/// Ligatures are written out, so that words are found.
fn spell(char: char, text: &mut String) {
    match char {
        'ﬀ' => text.push_str("ff"),
        'ﬁ' => text.push_str("fi"),
        'ﬂ' => text.push_str("fl"),
        'ﬃ' => text.push_str("ffi"),
        'ﬄ' => text.push_str("ffl"),
        'ﬅ' | 'ﬆ' => text.push_str("st"),
        // A soft hyphen is one only where a line ends; there it is seen as a hyphen.
        '\u{AD}' => text.push('\u{AD}'),
        '\u{200B}' | '\u{FEFF}' => {}
        _ => text.push(char),
    }
}

/// `C H A P T E R` is a word.
fn letterspaced(text: String) -> String {
    let words = text.split(' ').count();
    let single = text.split(' ').filter(|word| word.chars().count() == 1 && word.chars().all(char::is_alphabetic)).count();
    if words < 4 || single * 10 < words * 9 {
        return text;
    }
    text.split(' ').collect()
}

/// Joins what stands side by side on a line, in whatever order it was drawn, and puts text that runs from right to left in the
/// order in which it is read.
fn merge(mut fragments: Vec<Fragment>, posts: &[Frame]) -> Vec<Fragment> {
    fragments.retain(|fragment| !fragment.text.is_empty());
    fragments.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.left.total_cmp(&b.left)));
    let mut rows: Vec<Vec<Fragment>> = Vec::new();
    for fragment in fragments {
        let row =
            rows.iter_mut().rev().take(4).find(|row| (row[0].base - fragment.base).abs() < fragment.size.min(row[0].size) * 0.2);
        match row {
            Some(row) => row.push(fragment),
            None => rows.push(vec![fragment]),
        }
    }
    let mut merged: Vec<Fragment> = Vec::new();
    for mut row in rows {
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
        let mut current: Option<Fragment> = None;
        for fragment in row {
            match &mut current {
                Some(before)
                    if joins(before, &fragment)
                        && !is_parted(posts, before.right, fragment.left, fragment.base, fragment.size) =>
                {
                    let gap = fragment.left - before.right;
                    let parted = gap > fragment.size.max(before.size) * WORD_GAP;
                    let heavier = fragment.weight() > before.weight();
                    if heavier {
                        (before.size, before.base) = (fragment.size, fragment.base);
                    }
                    if parted {
                        before.text.push(' ');
                    }
                    before.text.push_str(&fragment.text);
                    before.right = before.right.max(fragment.right);
                    let most = if heavier { fragment.face } else { before.face };
                    before.face = Face { bold: before.face.bold && fragment.face.bold, ..most };
                }
                _ => {
                    merged.extend(current.take());
                    current = Some(fragment);
                }
            }
        }
        merged.extend(current);
    }
    for fragment in &mut merged {
        if fragment.text.chars().any(is_right_to_left) {
            fragment.text = read_from_right(&fragment.text);
        }
    }
    merged
}

fn joins(before: &Fragment, next: &Fragment) -> bool {
    let gap = next.left - before.right;
    let size = before.size.max(next.size);
    gap < size * CLOSE_GAP && gap > -size * 0.6 && (before.size / next.size - 1.0).abs() < 0.5
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}')
}

/// The order of reading, of a line whose signs were taken from left to right; numbers and words of other scripts keep theirs.
fn read_from_right(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.iter().filter(|c| is_right_to_left(**c)).count() * 2 < chars.iter().filter(|c| c.is_alphabetic()).count() {
        return text.to_owned();
    }
    let mut turned: Vec<char> = chars.into_iter().rev().collect();
    let mut at = 0;
    while at < turned.len() {
        let keeps = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '%' | '/' | '-' | ':');
        let length = turned[at..].iter().take_while(|c| keeps(c)).count();
        turned[at..at + length].reverse();
        at += length.max(1);
    }
    turned.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs of a word, each as wide as half its size.
    pub(crate) fn signs(text: &str, left: f32, base: f32, size: f32) -> Vec<Sign> {
        let half = size / 2.0;
        let place = |(nth, char): (usize, char)| {
            let left = left + half * nth as f32;
            Sign { char, left, right: left + half, base, size, face: Face::default(), turn: 0 }
        };
        text.chars().enumerate().filter(|(_, c)| *c != ' ').map(place).collect()
    }

    fn read(signs: Vec<Sign>) -> Vec<String> {
        of(&Sheet { signs, ..Sheet::default() }, 0, &[]).0.into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn words_part_at_gaps_and_fragments_at_wide_gaps() {
        assert_eq!(read(signs("to be or", 0.0, 10.0, 10.0)), ["to be or"]);
        assert_eq!(read(signs("left    right", 0.0, 10.0, 10.0)), ["left", "right"]);
        let words = [signs("be", 15.0, 10.0, 10.0), signs("to", 0.0, 10.0, 10.0)].concat();
        assert_eq!(read(words), ["to be"], "whatever was drawn first");
    }

    #[test]
    fn raised_signs_stay_in_their_line() {
        let line = [signs("x", 0.0, 10.0, 10.0), signs("2", 5.0, 6.0, 6.0), signs("+y", 8.0, 10.0, 10.0)].concat();
        assert_eq!(read(line), ["x2+y"]);
    }

    #[test]
    fn what_is_printed_twice_is_read_once() {
        let twice = [signs("bold", 0.0, 10.0, 10.0), signs("bold", 0.4, 10.0, 10.0)].concat();
        assert_eq!(read(twice), ["bold"]);
        assert_eq!(read(signs("llll", 0.0, 10.0, 10.0)), ["llll"]);
    }

    #[test]
    fn ligatures_and_spaced_letters_are_words() {
        assert_eq!(read(signs("eﬀect oﬃce", 0.0, 10.0, 10.0)), ["effect office"]);
        assert_eq!(read(signs("C H A P T E R", 0.0, 10.0, 10.0)), ["CHAPTER"]);
    }

    #[test]
    fn text_from_right_to_left_is_read_so() {
        assert_eq!(read_from_right("21 םולש"), "שלום 21");
        assert_eq!(read_from_right("a שלום b c d e"), "a שלום b c d e");
    }

    #[test]
    fn a_turned_page_is_read_the_way_most_of_it_runs() {
        let mut all = signs("a long line that runs up the page", 0.0, 10.0, 10.0);
        all.iter_mut().for_each(|sign| sign.turn = 1);
        all.extend(signs("7", 300.0, 790.0, 10.0));
        let sheet = Sheet { signs: all, ..Sheet::default() };
        let (main, aside) = of(&sheet, turn(&sheet), &[]);
        assert_eq!((turn(&sheet), main.len(), aside.len()), (1, 1, 1));
    }

    #[test]
    fn an_upright_line_parts_cells() {
        let sheet = Sheet { signs: signs("a b", 0.0, 10.0, 10.0), ..Sheet::default() };
        let post = Frame { left: 7.0, top: 0.0, right: 7.5, bottom: 20.0 };
        assert_eq!(of(&sheet, 0, &[post]).0.len(), 2);
        assert_eq!(of(&sheet, 0, &[Frame { top: 12.0, ..post }]).0.len(), 1);
    }
}
