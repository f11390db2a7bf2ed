//! A page as it goes on to be read: fragments, rules and figures, all seen as a reader holds the page.

use super::fragments::{self, Fragment};
use super::sheet::{Frame, Sheet};
use synapscribe_domain::document::{Area, says_little};

/// A page before its blocks are told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Leaf {
    /// The page, from its upper left corner, held so that most of it can be read.
    pub frame: Frame,
    /// By how many quarter turns it is held.
    pub turn: u8,
    /// The stretches of text.
    pub fragments: Vec<Fragment>,
    /// Text that runs another way.
    pub aside: Vec<Fragment>,
    /// Lines that part something from something else.
    pub rules: Vec<Frame>,
    /// Small marks that are drawn and not written, as some makers draw the bullets of lists.
    pub dots: Vec<Frame>,
    /// Pictures, and drawings of many strokes.
    pub figures: Vec<Figure>,
    /// Signs of which nobody can tell what they mean.
    pub unknown: u32,
}

/// Something to look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Where it is.
    pub frame: Frame,
    /// Whether it is made of strokes; then the text in it belongs to it.
    pub drawn: bool,
}

impl Figure {
    /// Whether it is a picture that takes up most of the page.
    pub fn fills(&self, page: &Frame) -> bool {
        !self.drawn && self.frame.area() > page.area() / 2.0
    }
}

/// Smaller pictures are ornaments.
const SMALLEST_SHARE: f32 = 0.012;
/// A drawing has at least so many strokes; fewer are a box or a line.
const FEWEST_STROKES: usize = 8;
/// Squares of the grid on which strokes are put together to drawings.
const GRID: usize = 64;

impl Leaf {
    /// What a page holds.
    pub fn of(sheet: &Sheet) -> Self {
        let turn = fragments::turn(sheet);
        let page = sheet.frame();
        let held = |frame: &Frame| turned(frame, turn, &page);
        let strokes: Vec<Frame> = sheet.strokes.iter().filter_map(|frame| clip(frame, &page)).map(|f| held(&f)).collect();
        let frame = held(&page);
        let (rules, drawn): (Vec<Frame>, Vec<Frame>) = strokes.into_iter().partition(is_rule);
        let posts: Vec<Frame> = rules.iter().filter(|rule| rule.height() > rule.width()).take(1_000).copied().collect();
        let (fragments, aside) = fragments::of(sheet, turn, &posts);
        let pictures = sheet.pictures.iter().filter_map(|frame| clip(frame, &page)).map(|f| held(&f)).collect();
        let mut figures: Vec<Figure> = pictures_of(pictures, &frame).map(|frame| Figure { frame, drawn: false }).collect();
        for drawing in drawings(&drawn, &rules, &frame) {
            if !figures
                .iter()
                .any(|figure| figure.frame.intersection(&drawing).is_some_and(|both| both.area() > drawing.area() / 2.0))
            {
                figures.push(Figure { frame: drawing, drawn: true });
            }
        }
        let outside = |dot: &&Frame| !figures.iter().any(|figure| figure.frame.is_near(dot, 0.0));
        let dots = drawn.iter().filter(|stroke| is_dot(stroke)).filter(outside).take(1_000).copied().collect();
        let rules = rules.into_iter().take(2_000).collect();
        Self { frame, turn, fragments, aside, rules, dots, figures, unknown: sheet.unknown }
    }

    /// Where a part of the page is, in shares of the page as it is stored.
    pub fn area(&self, frame: &Frame) -> Area {
        let back = turned(frame, (4 - self.turn) % 4, &self.frame);
        let page = turned(&self.frame, (4 - self.turn) % 4, &self.frame);
        let share = |at: f32, of: f32| if of > 0.0 { (at / of).clamp(0.0, 1.0) } else { 0.0 };
        Area {
            left: share(back.left, page.right),
            top: share(back.top, page.bottom),
            right: share(back.right, page.right),
            bottom: share(back.bottom, page.bottom),
        }
    }

    /// Whether it is a picture of a page, with no more letters on it than a stamp has.
    pub fn is_scan(&self) -> bool {
        let texts = self.fragments.iter().chain(&self.aside).map(|fragment| fragment.text.as_str());
        says_little(texts) && self.figures.iter().any(|figure| figure.fills(&self.frame))
    }
}

/// A rectangle on a page that is turned clockwise by so many quarters.
fn turned(frame: &Frame, turn: u8, page: &Frame) -> Frame {
    let (width, height) = (page.right, page.bottom);
    let Frame { left, top, right, bottom } = *frame;
    match turn % 4 {
        1 => Frame { left: height - bottom, top: left, right: height - top, bottom: right },
        2 => Frame { left: width - right, top: height - bottom, right: width - left, bottom: height - top },
        3 => Frame { left: top, top: width - right, right: bottom, bottom: width - left },
        _ => *frame,
    }
}

/// What of a rectangle is on the page; lines have no area and stay.
fn clip(frame: &Frame, page: &Frame) -> Option<Frame> {
    let cut = Frame {
        left: frame.left.max(page.left),
        top: frame.top.max(page.top),
        right: frame.right.min(page.right),
        bottom: frame.bottom.min(page.bottom),
    };
    (cut.left <= cut.right && cut.top <= cut.bottom).then_some(cut)
}

fn is_rule(frame: &Frame) -> bool {
    (frame.height() < 2.5 && frame.width() > 12.0) || (frame.width() < 2.5 && frame.height() > 8.0)
}

fn is_dot(frame: &Frame) -> bool {
    let (width, height) = (frame.width(), frame.height());
    (1.5..8.0).contains(&width) && (width - height).abs() < 1.0
}

/// Pictures that are worth a look; stripes and tiles of one are put together.
fn pictures_of(mut pictures: Vec<Frame>, page: &Frame) -> impl Iterator<Item = Frame> {
    pictures.sort_by(|a, b| a.top.total_cmp(&b.top).then(a.left.total_cmp(&b.left)));
    let mut whole: Vec<Frame> = Vec::new();
    for picture in pictures.into_iter().take(5_000) {
        let meets = |other: &Frame| {
            let same_width = (other.left - picture.left).abs() < 2.0 && (other.right - picture.right).abs() < 2.0;
            let same_height = (other.top - picture.top).abs() < 2.0 && (other.bottom - picture.bottom).abs() < 2.0;
            other.is_near(&picture, 1.0) && (same_width || same_height || other.intersection(&picture).is_some())
        };
        match whole.iter_mut().rev().take(64).find(|other| meets(other)) {
            Some(other) => *other = other.union(&picture),
            None => whole.push(picture),
        }
    }
    let smallest = page.area() * SMALLEST_SHARE;
    whole.into_iter().filter(move |picture| picture.area() >= smallest && picture.width() > 12.0 && picture.height() > 12.0)
}

/// Puts strokes that lie close together to drawings, on a coarse grid, so that ten thousand of them cost no more than ten.
fn drawings(strokes: &[Frame], rules: &[Frame], page: &Frame) -> Vec<Frame> {
    // The paper, and coloured areas behind text, are no drawings.
    let small = |frame: &&Frame| frame.area() < page.area() * 0.4;
    let (wide, high) = (page.width().max(1.0) / GRID as f32, page.height().max(1.0) / GRID as f32);
    let cell = |at: f32, size: f32| ((at / size).max(0.0) as usize).min(GRID - 1);
    let mut owner = vec![usize::MAX; GRID * GRID];
    for frame in strokes.iter().filter(small) {
        for y in cell(frame.top, high)..=cell(frame.bottom, high) {
            for x in cell(frame.left, wide)..=cell(frame.right, wide) {
                owner[y * GRID + x] = usize::MAX - 1;
            }
        }
    }
    let mut count = 0;
    for start in 0..owner.len() {
        if owner[start] != usize::MAX - 1 {
            continue;
        }
        let mut waiting = vec![start];
        owner[start] = count;
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % GRID, at / GRID);
            for (nx, ny) in (y.saturating_sub(1)..=(y + 1).min(GRID - 1))
                .flat_map(|ny| (x.saturating_sub(1)..=(x + 1).min(GRID - 1)).map(move |nx| (nx, ny)))
            {
                let next = ny * GRID + nx;
                if owner[next] == usize::MAX - 1 {
                    owner[next] = count;
                    waiting.push(next);
                }
            }
        }
        count += 1;
    }
    let mut found: Vec<Option<(Frame, usize)>> = vec![None; count];
    let mut add = |frame: &Frame, counts: usize| {
        let (x, y) = (cell((frame.left + frame.right) / 2.0, wide), cell((frame.top + frame.bottom) / 2.0, high));
        if let Some(entry) = found.get_mut(owner[y * GRID + x]) {
            let (around, strokes) = entry.unwrap_or((*frame, 0));
            *entry = Some((around.union(frame), strokes + counts));
        }
    };
    strokes.iter().filter(small).for_each(|frame| add(frame, 1));
    rules.iter().for_each(|frame| add(frame, 0));
    let enough = |(frame, strokes): (Frame, usize)| {
        let large = frame.area() > page.area() * 0.015 && frame.width() > 40.0 && frame.height() > 40.0;
        (strokes >= FEWEST_STROKES && large).then_some(frame)
    };
    found.into_iter().flatten().filter_map(enough).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Frame = Frame { left: 0.0, top: 0.0, right: 600.0, bottom: 800.0 };

    fn frame(left: f32, top: f32, right: f32, bottom: f32) -> Frame {
        Frame { left, top, right, bottom }
    }

    #[test]
    fn a_turn_there_and_back_changes_nothing() {
        for turn in 0..4 {
            let held = Leaf { frame: turned(&PAGE, turn, &PAGE), turn, ..Leaf::default() };
            let area = held.area(&turned(&frame(60.0, 80.0, 300.0, 400.0), turn, &PAGE));
            assert_eq!(area, Area { left: 0.1, top: 0.1, right: 0.5, bottom: 0.5 }, "turn {turn}");
        }
    }

    #[test]
    fn stripes_are_one_picture_and_ornaments_none() {
        let stripes = (0..10).map(|n| frame(100.0, 100.0 + 20.0 * n as f32, 400.0, 120.0 + 20.0 * n as f32)).collect();
        assert_eq!(pictures_of(stripes, &PAGE).collect::<Vec<_>>(), [frame(100.0, 100.0, 400.0, 300.0)]);
        assert_eq!(pictures_of(vec![frame(10.0, 10.0, 40.0, 40.0)], &PAGE).count(), 0);
    }

    #[test]
    fn many_strokes_are_a_drawing_and_a_box_is_none() {
        let bars: Vec<Frame> = (0..12).map(|n| frame(100.0 + 20.0 * n as f32, 300.0, 115.0 + 20.0 * n as f32, 450.0)).collect();
        assert_eq!(drawings(&bars, &[], &PAGE), [frame(100.0, 300.0, 335.0, 450.0)]);
        assert!(drawings(&[frame(100.0, 100.0, 500.0, 300.0)], &[], &PAGE).is_empty());
    }

    #[test]
    fn a_page_that_is_one_picture_is_a_scan() {
        let scan = Sheet { width: 600.0, height: 800.0, pictures: vec![frame(0.0, 0.0, 600.0, 800.0)], ..Sheet::default() };
        assert!(Leaf::of(&scan).is_scan());
        assert!(!Leaf::of(&Sheet { width: 600.0, height: 800.0, ..Sheet::default() }).is_scan());
        let with = |text: &str| {
            let fragment = Fragment { text: text.to_owned(), ..Fragment::default() };
            Leaf { fragments: vec![fragment], ..Leaf::of(&scan) }.is_scan()
        };
        assert!(with("Library, 3 May 1998"), "a stamp");
        assert!(!with("The moon pulls the water of the ocean and makes it rise."), "recognised by whoever scanned it");
    }
}
