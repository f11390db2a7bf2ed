//! What stands on a page before anybody knows how it is read: signs, pictures and strokes, in points from the upper left corner.

/// A rectangle on a page; `top` is above `bottom` and has the smaller number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Frame {
    /// The left edge.
    pub left: f32,
    /// The upper edge.
    pub top: f32,
    /// The right edge.
    pub right: f32,
    /// The lower edge.
    pub bottom: f32,
}

impl Frame {
    /// How wide it is.
    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    /// How high it is.
    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }

    /// How much it covers.
    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// The smallest rectangle that holds both.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// What both cover, if anything.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let both = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        (both.left < both.right && both.top < both.bottom).then_some(both)
    }

    /// Whether they touch, or miss each other by no more than `gap`.
    pub fn is_near(&self, other: &Self, gap: f32) -> bool {
        self.left - gap <= other.right
            && other.left - gap <= self.right
            && self.top - gap <= other.bottom
            && other.top - gap <= self.bottom
    }

    /// Whether a point lies in it.
    pub fn holds(&self, x: f32, y: f32) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

/// How a sign is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Face {
    /// Heavier than text.
    pub bold: bool,
    /// Slanted.
    pub italic: bool,
    /// Every sign is equally wide.
    pub fixed: bool,
}

/// One sign where it is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sign {
    /// What it is.
    pub char: char,
    /// Where it begins along its line.
    pub left: f32,
    /// Where the next one would begin.
    pub right: f32,
    /// Where its line stands.
    pub base: f32,
    /// How large it is.
    pub size: f32,
    /// How it is drawn.
    pub face: Face,
    /// By how many quarter turns, clockwise, a reader turns the page to read it; its places are those on the turned page.
    pub turn: u8,
}

/// A page as it was drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// How wide it is.
    pub width: f32,
    /// How high it is.
    pub height: f32,
    /// The signs, in the order in which they were drawn.
    pub signs: Vec<Sign>,
    /// Signs of which nobody can tell what they mean.
    pub unknown: u32,
    /// Pictures.
    pub pictures: Vec<Frame>,
    /// Lines and areas that were drawn.
    pub strokes: Vec<Frame>,
}

impl Sheet {
    /// All of it.
    pub fn frame(&self) -> Frame {
        Frame { left: 0.0, top: 0.0, right: self.width, bottom: self.height }
    }
}
