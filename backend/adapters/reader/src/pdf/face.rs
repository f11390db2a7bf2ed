//! Fonts as far as text needs them: what a code means, how far it goes, and how it looks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::object::{Array, Dict, Name};
use hayro_font::hayro_cmap::BfString;
use hayro_font::{Font, FontCache, FontGlyph, StandardFont};

use crate::layout::Face;

/// The fonts of a document, each loaded once.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    settings: InterpreterSettings,
}

/// A font, and what its codes were found to mean.
pub(super) struct Typeface<'a> {
    font: Font<'a>,
    pub face: Face,
    /// What the height of a sign is multiplied with to be comparable with other fonts.
    pub scale: f32,
    codes: RefCell<HashMap<u32, Code>>,
}

/// What a code stands for.
#[derive(Clone)]
pub(super) struct Code {
    /// The text; none when nobody can tell.
    pub text: Option<Rc<str>>,
    /// How far it goes along the line, in thousandths of the size.
    pub advance: (f64, f64),
}

impl<'a> Fonts<'a> {
    pub fn new() -> Self {
        Self { cache: FontCache::new(), settings: InterpreterSettings::default() }
    }

    /// The font that a dictionary describes.
    pub fn of(&self, dict: &Dict<'a>) -> Option<Rc<Typeface<'a>>> {
        let font = self.cache.font(dict, &self.settings.font_resolver, &self.settings.cmap_resolver)?;
        Some(Rc::new(Typeface { font, face: look(dict), scale: scale(dict), codes: RefCell::default() }))
    }

    /// What is used where a page names a font that does not exist.
    pub fn fallback(&self) -> Option<Rc<Typeface<'a>>> {
        let font = self.cache.standard_font(StandardFont::Helvetica, &self.settings.font_resolver)?;
        Some(Rc::new(Typeface { font, face: Face::default(), scale: 1.0, codes: RefCell::default() }))
    }
}

impl Typeface<'_> {
    /// The next code of a string and how many bytes it takes.
    pub fn read(&self, bytes: &[u8], at: usize) -> (u32, usize) {
        let (code, length) = self.font.read_code(bytes, at);
        (code, length.max(1))
    }

    /// Whether lines run from left to right.
    pub fn is_horizontal(&self) -> bool {
        self.font.is_horizontal()
    }

    pub fn code(&self, code: u32) -> Code {
        if let Some(known) = self.codes.borrow().get(&code) {
            return known.clone();
        }
        let found = match self.font.glyph(self.font.map_code(code), code) {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        };
        let text = match found {
            Some(BfString::Char(char)) => Some(Rc::from(char.to_string())),
            Some(BfString::String(text)) => Some(Rc::from(text)),
            None => None,
        };
        let advance = self.font.code_advance(code);
        let code_found = Code { text, advance: (advance.x, advance.y) };
        self.codes.borrow_mut().insert(code, code_found.clone());
        code_found
    }
}

/// How a font looks: by its descriptor, and by its name, which is all that many makers give.
fn look(dict: &Dict<'_>) -> Face {
    let descendant = dict.get::<Array<'_>>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict<'_>>().next());
    let descriptor = dict
        .get::<Dict<'_>>("FontDescriptor")
        .or_else(|| descendant.as_ref().and_then(|font| font.get::<Dict<'_>>("FontDescriptor")))
        .unwrap_or_default();
    let name = dict.get::<Name<'_>>("BaseFont").map(|name| name.as_str().to_lowercase()).unwrap_or_default();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let flags = descriptor.get::<u32>("Flags").unwrap_or(0);
    // TeX's bold fonts have names of their own: cmbx12, cmssbx10.
    let bold = says(&["bold", "black", "heavy", "demi", "cmbx", "cmssbx", "sfbx", "-bd"])
        || descriptor.get::<f32>("FontWeight").is_some_and(|weight| weight >= 600.0)
        || flags & (1 << 18) != 0;
    let italic = says(&["italic", "oblique", "slanted", "cmti", "cmsl"]) || flags & (1 << 6) != 0;
    let fixed = says(&["courier", "mono", "consol", "menlo", "cmtt", "typewriter", "code"]) || flags & 1 != 0;
    Face { bold, italic, fixed }
}

/// The signs of a font that draws them itself may be in any unit: its box tells how high they are.
fn scale(dict: &Dict<'_>) -> f32 {
    if dict.get::<Name<'_>>("Subtype").is_none_or(|kind| kind.as_str() != "Type3") {
        return 1.0;
    }
    let matrix = dict.get::<[f32; 6]>("FontMatrix").unwrap_or([0.001, 0.0, 0.0, 0.001, 0.0, 0.0]);
    let bounds = dict.get::<[f32; 4]>("FontBBox").unwrap_or_default();
    let height = ((bounds[3] - bounds[1]) * matrix[3]).abs();
    if height > 0.05 && height.is_finite() { height } else { (matrix[3] * 1000.0).abs().clamp(0.05, 50.0) }
}
