//! Follows the drawing of a page and notes the signs, the pictures and the strokes on it.

use std::collections::HashMap;
use std::rc::Rc;

use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::content::TypedIter;
use hayro::hayro_syntax::content::ops::TypedInstruction as Op;
use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as Bytes};
use hayro::hayro_syntax::page::{Page, Resources};
use hayro_font::kurbo::{Affine, Point};

use super::face::{Fonts, Typeface};
use super::layers::Layers;
use super::strings;
use crate::layout::{Frame, Sheet, Sign};

/// More than any page that somebody reads has.
const MOST_SIGNS: usize = 200_000;
const MOST_STROKES: usize = 50_000;
const MOST_FORMS: u32 = 5_000;
const DEEPEST: u32 = 16;

/// What is drawn on a page; nothing when the file has lost some of it.
pub(super) fn sheet<'a>(page: &Page<'a>, fonts: &Fonts<'a>, layers: &Layers, cut: bool) -> Option<Sheet> {
    let contents = contents(page, cut)?;
    let (width, height) = page.render_dimensions();
    let upright = page.initial_transform(true).to_kurbo();
    let mut drawing = Drawing {
        sheet: Sheet { width, height, ..Sheet::default() },
        fonts,
        layers,
        state: State { place: upright, ..State::default() },
        saved: Vec::new(),
        text: Affine::IDENTITY,
        line: Affine::IDENTITY,
        path: Vec::new(),
        marks: Vec::new(),
        hidden: 0,
        forms: 0,
    };
    drawing.follow(TypedIter::new(&contents), page.resources(), 0);
    Some(drawing.sheet)
}

/// The instructions of a page; nothing when some of them went with the end of the file. In one that is whole, what is named and not
/// there draws nothing. The library would keep them for every page that was ever read.
fn contents(page: &Page<'_>, cut: bool) -> Option<Vec<u8>> {
    let named = page.raw().get_raw::<Object<'_>>("Contents");
    let parts: Vec<Stream<'_>> = match page.raw().get::<Object<'_>>("Contents") {
        Some(Object::Stream(stream)) => vec![stream],
        Some(Object::Array(streams)) if cut => streams.raw_iter().map(|part| stream(page, part)).collect::<Option<_>>()?,
        Some(Object::Array(streams)) => streams.raw_iter().filter_map(|part| stream(page, part)).collect(),
        Some(Object::Null(_)) => Vec::new(),
        _ if named.is_none() || !cut => Vec::new(),
        _ => return None,
    };
    let mut contents = Vec::new();
    for part in parts {
        if let Ok(content) = part.decoded_data() {
            contents.extend_from_slice(&content);
            contents.push(b' ');
        }
    }
    Some(contents)
}

fn stream<'a>(page: &Page<'a>, part: MaybeRef<Object<'a>>) -> Option<Stream<'a>> {
    match part {
        MaybeRef::Ref(id) => page.xref().get::<Stream<'a>>(id.into()),
        MaybeRef::NotRef(part) => part.into_stream(),
    }
}

#[derive(Clone)]
struct State<'a> {
    place: Affine,
    font: Option<Rc<Typeface<'a>>>,
    size: f64,
    sign_space: f64,
    word_space: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl Default for State<'_> {
    fn default() -> Self {
        let (place, stretch, size) = (Affine::IDENTITY, 1.0, 1.0);
        Self { place, font: None, size, sign_space: 0.0, word_space: 0.0, stretch, leading: 0.0, rise: 0.0 }
    }
}

/// What a stretch of marked content means for the signs in it.
enum Mark {
    Nothing,
    /// It is on a layer that is hidden.
    Hidden,
    /// From this sign on, the signs stand for this text.
    Stands(usize, String),
}

struct Drawing<'a, 'f> {
    sheet: Sheet,
    fonts: &'f Fonts<'a>,
    layers: &'f Layers,
    state: State<'a>,
    saved: Vec<State<'a>>,
    text: Affine,
    line: Affine,
    /// The parts of the path that is being made.
    path: Vec<Frame>,
    marks: Vec<Mark>,
    hidden: u32,
    forms: u32,
}

impl<'a> Drawing<'a, '_> {
    fn follow(&mut self, mut instructions: TypedIter<'_>, resources: &Resources<'a>, depth: u32) {
        let (kept, marks) = (self.saved.len(), self.marks.len());
        let mut named: HashMap<Vec<u8>, Option<Rc<Typeface<'a>>>> = HashMap::new();
        while let Some(instruction) = instructions.next() {
            match instruction {
                Op::SaveState(_) if self.saved.len() < 512 => self.saved.push(self.state.clone()),
                Op::RestoreState(_) if self.saved.len() > kept => self.state = self.saved.pop().unwrap_or_default(),
                Op::Transform(m) => self.state.place *= affine([&m.0, &m.1, &m.2, &m.3, &m.4, &m.5].map(|n| n.as_f64())),
                Op::BeginText(_) => (self.text, self.line) = (Affine::IDENTITY, Affine::IDENTITY),
                Op::TextFont(font) => {
                    self.state.size = font.1.as_f64();
                    let fonts = self.fonts;
                    let of = || resources.get_font(font.0).map_or_else(|| fonts.fallback(), |dict| fonts.of(&dict));
                    self.state.font = named.entry(font.0.as_ref().to_vec()).or_insert_with(of).clone();
                }
                Op::CharacterSpacing(space) => self.state.sign_space = space.0.as_f64(),
                Op::WordSpacing(space) => self.state.word_space = space.0.as_f64(),
                Op::HorizontalScaling(share) => self.state.stretch = share.0.as_f64() / 100.0,
                Op::TextLeading(leading) => self.state.leading = leading.0.as_f64(),
                Op::TextRise(rise) => self.state.rise = rise.0.as_f64(),
                Op::SetTextMatrix(m) => {
                    self.line = affine([&m.0, &m.1, &m.2, &m.3, &m.4, &m.5].map(|n| n.as_f64()));
                    self.text = self.line;
                }
                Op::NextLine(by) => self.next_line(by.0.as_f64(), by.1.as_f64()),
                Op::NextLineAndSetLeading(by) => {
                    self.state.leading = -by.1.as_f64();
                    self.next_line(by.0.as_f64(), by.1.as_f64());
                }
                Op::NextLineUsingLeading(_) => self.next_line(0.0, -self.state.leading),
                Op::ShowText(text) => self.show(text.0),
                Op::NextLineAndShowText(text) => {
                    self.next_line(0.0, -self.state.leading);
                    self.show(text.0);
                }
                Op::ShowTextWithParameters(text) => {
                    (self.state.word_space, self.state.sign_space) = (text.0.as_f64(), text.1.as_f64());
                    self.next_line(0.0, -self.state.leading);
                    self.show(text.2);
                }
                Op::ShowTexts(texts) => self.show_all(texts.0),
                Op::BeginMarkedContent(_) => self.marks.push(Mark::Nothing),
                Op::BeginMarkedContentWithProperties(mark) => self.begin_mark(mark.0, mark.1, resources),
                Op::EndMarkedContent(_) if self.marks.len() > marks => self.end_mark(),
                Op::XObject(name) => {
                    if let Some(object) = resources.get_x_object(name.0) {
                        self.place_object(&object, resources, depth);
                    }
                }
                Op::InlineImage(_) => self.picture(),
                other => self.draw(&other),
            }
            if self.sheet.signs.len() >= MOST_SIGNS {
                break;
            }
        }
        while self.marks.len() > marks {
            self.end_mark();
        }
        if self.saved.len() > kept {
            self.state = self.saved.swap_remove(kept);
            self.saved.truncate(kept);
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line *= Affine::translate((x, y));
        self.text = self.line;
    }

    fn show_all(&mut self, texts: &Array<'_>) {
        for part in texts.iter::<Object<'_>>() {
            match part {
                Object::Number(back) => {
                    let by = -back.as_f64() / 1000.0 * self.state.size;
                    let horizontal = self.state.font.as_ref().is_none_or(|font| font.is_horizontal());
                    self.text *= Affine::translate(if horizontal { (by * self.state.stretch, 0.0) } else { (0.0, by) });
                }
                Object::String(text) => self.show(&text),
                _ => {}
            }
        }
    }

    fn show(&mut self, text: &Bytes<'_>) {
        if self.state.font.is_none() {
            self.state.font = self.fonts.fallback();
        }
        let Some(font) = self.state.font.clone() else { return };
        let (bytes, mut at) = (text.as_bytes(), 0);
        while at < bytes.len() {
            let (code, length) = font.read(bytes, at);
            at += length;
            let found = font.code(code);
            let space = self.state.sign_space + if code == 32 && length == 1 { self.state.word_space } else { 0.0 };
            let (along_x, along_y) = (found.advance.0 / 1000.0 * self.state.size, found.advance.1 / 1000.0 * self.state.size);
            let horizontal = font.is_horizontal();
            if self.hidden == 0 {
                let ink = if horizontal { along_x * self.state.stretch } else { along_x.abs().max(self.state.size) };
                self.sign(&font, found.text.as_deref(), ink);
            }
            let by = if horizontal { ((along_x + space) * self.state.stretch, 0.0) } else { (0.0, along_y + space) };
            self.text *= Affine::translate(by);
        }
    }

    /// Notes a sign that is `ink` wide in units of the text.
    fn sign(&mut self, font: &Typeface<'_>, text: Option<&str>, ink: f64) {
        let to_page = self.state.place * self.text * Affine::translate((0.0, self.state.rise));
        let (from, to) = (to_page * Point::ZERO, to_page * Point::new(ink, 0.0));
        let [a, b, c, d, ..] = to_page.as_coeffs();
        let size = c.hypot(d) * self.state.size.abs() * f64::from(font.scale);
        let (width, height) = (f64::from(self.sheet.width), f64::from(self.sheet.height));
        // Signs outside the page and signs that no eye can read are left out.
        let outside = !(-2.0..=width + 2.0).contains(&from.x) || !(-2.0..=height + 2.0).contains(&from.y);
        if outside || !size.is_finite() || !(1.0..=2_000.0).contains(&size) {
            return;
        }
        let Some(text) = text else {
            self.sheet.unknown += 1;
            return;
        };
        // Text that runs down the page is read with the page turned against the clock.
        let backwards = self.state.size < 0.0;
        let (run_x, run_y) = if backwards { (-a, -b) } else { (a, b) };
        let (turn, left, right, base) = if run_x.abs() >= run_y.abs() {
            if run_x >= 0.0 { (0, from.x, to.x, from.y) } else { (2, width - from.x, width - to.x, height - from.y) }
        } else if run_y < 0.0 {
            (1, height - from.y, height - to.y, from.x)
        } else {
            (3, from.y, to.y, width - from.x)
        };
        let (left, right) = (left.min(right), left.max(right));
        let count = text.chars().count().max(1) as f64;
        for (nth, char) in text.chars().enumerate() {
            let share = (right - left) / count;
            let left = left + share * nth as f64;
            let sign = Sign {
                char,
                left: left as f32,
                right: (left + share) as f32,
                base: base as f32,
                size: size as f32,
                face: font.face,
                turn,
            };
            self.sheet.signs.push(sign);
        }
    }

    fn begin_mark(&mut self, kind: &Name<'_>, properties: &Object<'_>, resources: &Resources<'a>) {
        let (id, dict): (Option<ObjectIdentifier>, Option<Dict<'_>>) = match properties {
            Object::Name(name) => {
                (resources.properties.get_ref(name.as_ref()).map(Into::into), resources.properties.get::<Dict<'_>>(name.as_ref()))
            }
            Object::Dict(dict) => (None, Some(dict.clone())),
            _ => (None, None),
        };
        let Some(dict) = dict else {
            self.marks.push(Mark::Nothing);
            return;
        };
        let mark = if kind.as_ref() == b"OC" && self.layers.hides(id, &dict) {
            self.hidden += 1;
            Mark::Hidden
        } else if let Some(text) = dict.get::<Bytes<'_>>("ActualText") {
            Mark::Stands(self.sheet.signs.len(), strings::text(text.as_bytes()))
        } else {
            Mark::Nothing
        };
        self.marks.push(mark);
    }

    fn end_mark(&mut self) {
        match self.marks.pop() {
            Some(Mark::Hidden) => self.hidden -= 1,
            Some(Mark::Stands(from, text)) if from < self.sheet.signs.len() => {
                let old = self.sheet.signs.split_off(from);
                let (first, last) = (old[0], old[old.len() - 1]);
                // What is broken over lines keeps its signs: the text does not say where it is broken.
                if old.iter().any(|sign| (sign.base - first.base).abs() > first.size * 0.6 || sign.turn != first.turn) {
                    self.sheet.signs.extend(old);
                    return;
                }
                let count = text.chars().count().max(1) as f32;
                let share = (last.right - first.left) / count;
                for (nth, char) in text.chars().enumerate() {
                    let left = first.left + share * nth as f32;
                    self.sheet.signs.push(Sign { char, left, right: left + share, ..first });
                }
            }
            _ => {}
        }
    }

    fn place_object(&mut self, object: &Stream<'a>, resources: &Resources<'a>, depth: u32) {
        let dict = object.dict();
        if let Some(layer) = dict.get::<Dict<'_>>("OC")
            && self.layers.hides(dict.get_ref("OC").map(Into::into), &layer)
        {
            return;
        }
        match dict.get::<Name<'_>>("Subtype").as_ref().map(|kind| kind.as_ref().to_vec()).as_deref() {
            Some(b"Image") => self.picture(),
            Some(b"Form") if depth < DEEPEST && self.forms < MOST_FORMS => {
                self.forms += 1;
                let Ok(content) = object.decoded_data() else { return };
                let own = dict.get::<Dict<'a>>("Resources").map(Resources::new);
                let before = (self.state.clone(), self.text, self.line);
                self.state.place *= affine(dict.get::<[f64; 6]>("Matrix").unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]));
                self.follow(TypedIter::new(content.as_ref()), own.as_ref().unwrap_or(resources), depth + 1);
                (self.state, self.text, self.line) = before;
            }
            _ => {}
        }
    }

    /// A picture fills the unit square.
    fn picture(&mut self) {
        if self.hidden == 0 && self.sheet.pictures.len() < MOST_STROKES {
            let frame = self.on_page(&[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]);
            self.sheet.pictures.extend(frame);
        }
    }

    fn draw(&mut self, instruction: &Op<'_, '_>) {
        let point = |x: f64, y: f64| (x, y);
        match instruction {
            Op::MoveTo(to) => {
                let start = self.on_page(&[point(to.0.as_f64(), to.1.as_f64())]);
                self.path.extend(start);
                self.path.truncate(MOST_STROKES);
            }
            Op::LineTo(to) => self.extend(&[point(to.0.as_f64(), to.1.as_f64())]),
            Op::CubicTo(to) => self.extend(&[point(to.4.as_f64(), to.5.as_f64())]),
            Op::CubicStartTo(to) => self.extend(&[point(to.2.as_f64(), to.3.as_f64())]),
            Op::CubicEndTo(to) => self.extend(&[point(to.2.as_f64(), to.3.as_f64())]),
            Op::RectPath(r) => {
                let (x, y, w, h) = (r.0.as_f64(), r.1.as_f64(), r.2.as_f64(), r.3.as_f64());
                let frame = self.on_page(&[(x, y), (x + w, y), (x, y + h), (x + w, y + h)]);
                self.path.extend(frame);
                self.path.truncate(MOST_STROKES);
            }
            Op::StrokePath(_)
            | Op::CloseAndStrokePath(_)
            | Op::FillPathNonZero(_)
            | Op::FillPathNonZeroCompatibility(_)
            | Op::FillPathEvenOdd(_)
            | Op::FillAndStrokeNonZero(_)
            | Op::FillAndStrokeEvenOdd(_)
            | Op::CloseFillAndStrokeNonZero(_)
            | Op::CloseFillAndStrokeEvenOdd(_) => {
                let room = MOST_STROKES.saturating_sub(self.sheet.strokes.len());
                if self.hidden == 0 {
                    self.sheet.strokes.extend(self.path.drain(..).take(room));
                }
                self.path.clear();
            }
            Op::EndPath(_) => self.path.clear(),
            _ => {}
        }
    }

    fn extend(&mut self, points: &[(f64, f64)]) {
        if let Some(more) = self.on_page(points)
            && let Some(part) = self.path.last_mut()
        {
            *part = part.union(&more);
        }
    }

    /// The rectangle around points, on the page; nothing for points that are no numbers.
    fn on_page(&self, points: &[(f64, f64)]) -> Option<Frame> {
        let mut around: Option<Frame> = None;
        for point in points {
            let at = self.state.place * Point::from(*point);
            let (x, y) = (at.x as f32, at.y as f32);
            if !x.is_finite() || !y.is_finite() {
                return None;
            }
            let dot = Frame { left: x, top: y, right: x, bottom: y };
            around = Some(around.map_or(dot, |frame| frame.union(&dot)));
        }
        around
    }
}

/// A transformation, or none where a number in it makes no sense.
fn affine(numbers: [f64; 6]) -> Affine {
    if numbers.iter().all(|n| n.is_finite() && n.abs() < 1e9) { Affine::new(numbers) } else { Affine::IDENTITY }
}
