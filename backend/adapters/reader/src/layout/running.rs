//! Finds running headers, footers and page numbers: what stands at the same height of the pages around and says the same.

use std::collections::HashMap;

use super::fragments::Fragment;
use super::leaf::Leaf;

/// Only what stands in these shares of a page, at its top and its bottom, can be a header or a footer.
const MARGIN: f32 = 0.15;
/// And only what stands in so many rows from there.
const ROWS: usize = 3;
/// Fragments at one edge of a page that can be a part of what repeats.
const MOST: usize = 40;
/// Pages that may lie between a header and its like; left and right pages differ, and a chapter begins without.
const AROUND: usize = 6;
/// Headers are at the same height, give or take so much.
const SAME_HEIGHT: f32 = 5.0;

/// What was found on a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Running {
    /// The fragments that are no part of the text.
    pub fragments: Vec<usize>,
    /// The number that is printed on the page, where pages are numbered throughout and otherwise than by their place.
    pub label: Option<String>,
}

/// A fragment at the edge of a page.
struct Edge<'a> {
    page: usize,
    nth: usize,
    fragment: &'a Fragment,
    key: String,
    top: bool,
    number: Option<i64>,
    /// Larger than the text of its page, as headings are.
    large: bool,
}

/// What is running on each page.
pub fn find(leaves: &[Leaf]) -> Vec<Running> {
    let edges: Vec<Edge<'_>> = leaves.iter().enumerate().flat_map(|(page, leaf)| edges(page, leaf)).collect();
    let mut alike: HashMap<(&str, bool), Vec<usize>> = HashMap::new();
    for (at, edge) in edges.iter().enumerate() {
        alike.entry((edge.key.as_str(), edge.top)).or_default().push(at);
    }
    let offset = numbering(&edges, leaves.len());
    let mut found = vec![Running::default(); leaves.len()];
    for edge in &edges {
        let numbered = offset.is_some_and(|offset| edge.number.is_some_and(|number| number - edge.page as i64 == offset));
        if numbered && offset != Some(1) {
            found[edge.page].label = edge.number.map(|number| number.to_string());
        }
        if numbered || repeats(edge, &alike[&(edge.key.as_str(), edge.top)], &edges, leaves.len()) {
            found[edge.page].fragments.push(edge.nth);
        }
    }
    found
}

/// The fragments in the outermost rows of a page.
fn edges(page: usize, leaf: &Leaf) -> Vec<Edge<'_>> {
    let (height, mut edges) = (leaf.frame.height(), Vec::new());
    let size = usual_size(leaf);
    for top in [true, false] {
        let before = edges.len();
        let mut rows: Vec<f32> = Vec::new();
        let mut order: Vec<usize> = (0..leaf.fragments.len()).collect();
        order.sort_by(|a, b| {
            let by = leaf.fragments[*a].base.total_cmp(&leaf.fragments[*b].base);
            if top { by } else { by.reverse() }
        });
        for nth in order {
            let fragment = &leaf.fragments[nth];
            let inside = if top { fragment.base > height * MARGIN } else { fragment.base < height * (1.0 - MARGIN) };
            if rows.last().is_none_or(|row| (row - fragment.base).abs() > 3.0) {
                rows.push(fragment.base);
            }
            if inside || rows.len() > ROWS || edges.len() >= before + MOST {
                break;
            }
            let (key, number) = key(&fragment.text);
            edges.push(Edge { page, nth, fragment, key, top, number, large: fragment.size > size * 1.15 });
        }
    }
    edges
}

/// The size of most of a page's text.
fn usual_size(leaf: &Leaf) -> f32 {
    let mut sizes: HashMap<u32, usize> = HashMap::new();
    for fragment in &leaf.fragments {
        *sizes.entry((fragment.size * 2.0).round() as u32).or_default() += fragment.weight();
    }
    sizes.into_iter().max_by_key(|(size, count)| (*count, *size)).map_or(10.0, |(size, _)| size as f32 / 2.0)
}

/// The text with its numbers left out, and the number if it is nothing else.
fn key(text: &str) -> (String, Option<i64>) {
    let mut key = String::new();
    let mut numbers = Vec::new();
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if let Ok(number) = bare.parse::<i64>() {
            numbers.push(number);
            key.push('#');
        } else if is_roman(bare) {
            key.push('#');
        } else {
            key.extend(word.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }));
            key.push(' ');
        }
    }
    let key = key.trim().to_lowercase();
    let plain = matches!(key.as_str(), "#" | "page #" | "page #of #" | "seite #" | "seite #von #" | "-#-");
    let number = numbers.first().copied().filter(|_| plain);
    (key, number)
}

fn is_roman(word: &str) -> bool {
    !word.is_empty()
        && word.len() < 8
        && (word.chars().all(|c| "ivxlc".contains(c)) || word.len() > 1 && word.chars().all(|c| "IVXLC".contains(c)))
}

/// By how much the printed numbers differ from the pages' places (from 0), when most of them agree.
fn numbering(edges: &[Edge<'_>], pages: usize) -> Option<i64> {
    let mut votes: HashMap<i64, usize> = HashMap::new();
    for edge in edges {
        if let Some(number) = edge.number {
            *votes.entry(number - edge.page as i64).or_default() += 1;
        }
    }
    let (offset, count) = votes.into_iter().max_by_key(|(offset, count)| (*count, -offset.abs()))?;
    (count >= 3 && count * 3 >= pages || count == pages && pages > 1).then_some(offset)
}

fn repeats(edge: &Edge<'_>, alike: &[usize], edges: &[Edge<'_>], pages: usize) -> bool {
    // They are in the order of pages, so only those around are looked at.
    let from = alike.partition_point(|at| edges[*at].page + AROUND < edge.page);
    let near = alike[from..].iter().map(|at| &edges[*at]).take_while(|other| other.page <= edge.page + AROUND);
    let others = near.filter(|other| {
        other.page != edge.page
            && (other.fragment.base - edge.fragment.base).abs() < SAME_HEIGHT
            // `Chapter 3` in large letters is a heading, though the chapters around have the like.
            && (!edge.large || other.fragment.text == edge.fragment.text)
    });
    let mut on: Vec<usize> = others.map(|other| other.page).collect();
    on.dedup();
    // Two pages prove little: there, only what is the same to a hair is left out.
    if pages == 2 { on.len() == 1 && to_a_hair(edge, alike, edges) } else { on.len() >= 2 }
}

fn to_a_hair(edge: &Edge<'_>, alike: &[usize], edges: &[Edge<'_>]) -> bool {
    let same = |other: &Edge<'_>| {
        let (one, other) = (edge.fragment, other.fragment);
        (one.base - other.base).abs() < 0.5 && (one.left - other.left).abs() < 0.5 && one.size == other.size
    };
    alike.iter().map(|at| &edges[*at]).any(|other| other.page != edge.page && same(other))
}

#[cfg(test)]
mod tests {
    use super::super::sheet::Frame;
    use super::*;

    fn leaf(lines: &[(&str, f32)]) -> Leaf {
        let fragment = |(text, base): &(&str, f32)| Fragment {
            text: (*text).to_owned(),
            left: 50.0,
            right: 300.0,
            base: *base,
            size: 10.0,
            ..Fragment::default()
        };
        let frame = Frame { left: 0.0, top: 0.0, right: 600.0, bottom: 800.0 };
        Leaf { frame, fragments: lines.iter().map(fragment).collect(), ..Leaf::default() }
    }

    #[test]
    fn what_repeats_at_the_edge_is_running_and_what_changes_is_text() {
        let words = ["ebb", "flow", "moon", "sun", "spring", "neap"];
        let pages: Vec<Leaf> = (0..6)
            .map(|n| {
                let number = (n + 17).to_string();
                leaf(&[("On Tides", 40.0), (words[n], 60.0), ("body", 400.0), ("body", 420.0), (&number, 770.0)])
            })
            .collect();
        for (n, found) in find(&pages).into_iter().enumerate() {
            assert_eq!(found.fragments, [0, 4], "page {n}");
            assert_eq!(found.label, Some((n + 17).to_string()));
        }
    }

    #[test]
    fn numbers_that_say_the_place_are_no_label() {
        let pages: Vec<Leaf> = (1..5).map(|n| leaf(&[("body", 400.0), (&format!("Page {n} of 4"), 770.0)])).collect();
        assert!(find(&pages).iter().all(|found| found.fragments == [1] && found.label.is_none()));
    }

    #[test]
    fn left_and_right_pages_have_headers_of_their_own() {
        let pages: Vec<Leaf> =
            (0..8).map(|n| leaf(&[(if n % 2 == 0 { "The Author" } else { "The Book" }, 40.0), ("body", 400.0)])).collect();
        assert!(find(&pages).iter().all(|found| found.fragments == [0]));
    }

    #[test]
    fn numbered_headings_at_the_top_of_every_page_stay() {
        let pages: Vec<Leaf> = (0..6)
            .map(|n| {
                let mut page = leaf(&[(&format!("Chapter {n}"), 60.0), ("a body of many words", 400.0), ("Tides", 770.0)]);
                page.fragments[0].size = 18.0;
                page
            })
            .collect();
        assert!(find(&pages).iter().all(|found| found.fragments == [2]));
    }

    #[test]
    fn one_page_has_nothing_that_repeats() {
        assert_eq!(find(&[leaf(&[("Title", 40.0), ("1", 770.0)])]), [Running::default()]);
        assert_eq!(find(&[]), []);
    }

    #[test]
    fn roman_numbers_are_numbers() {
        assert_eq!(key("xii"), ("#".to_owned(), None));
        assert_eq!(key("Chapter IV 12").0, "chapter ##");
        assert_eq!(key("- 12 -").1, None);
        assert_eq!(key("12").1, Some(12));
    }
}
