//! Pages of a PDF as pictures.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings};
use synapscribe_domain::Failure;
use synapscribe_domain::document::Area;

use crate::dots::encode;
use crate::verdict;

/// Wider than any screen.
const WIDEST: u32 = 4_096;
/// Longer pages are drawn smaller.
const MOST_DOTS: f32 = 16e6;
/// A stamp is not blown up to a poster.
const LARGEST_SCALE: f32 = 8.0;

/// A page or a part of it as a PNG of at most this width.
pub(super) fn draw<'a>(page: &'a Page<'a>, part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure> {
    let (page_width, page_height) = page.render_dimensions();
    let part = part.unwrap_or(Area { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 });
    let clean = |share: f32| if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let (left, top) = (clean(part.left) * page_width, clean(part.top) * page_height);
    let (wide, high) = (clean(part.right) * page_width - left, clean(part.bottom) * page_height - top);
    if wide < 1.0 || high < 1.0 {
        return Err(Failure::not_found("part of the page"));
    }
    let wanted = width.clamp(1, WIDEST) as f32;
    let scale = (wanted / wide).min(LARGEST_SCALE).min((MOST_DOTS / (wide * high)).sqrt());
    let size = |length: f32| (length * scale).round().clamp(1.0, 16_384.0) as u16;
    let mut canvas = RenderContext::new(size(wide), size(high));
    let place = Affine::scale(f64::from(scale))
        * Affine::translate((-f64::from(left), -f64::from(top)))
        * page.initial_transform(true).to_kurbo();
    let (cache, settings) = (RenderCache::new(), InterpreterSettings::default());
    hayro::render_into(page, &cache, &settings, &RenderSettings::default(), &mut canvas, place);
    canvas.flush();
    let mut dots = Pixmap::new(canvas.width(), canvas.height());
    let paper = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
    canvas.render_with(&mut dots, &mut Resources::default(), paper);
    // The paper is white, so nothing shines through.
    let colours: Vec<u8> = dots.data_as_u8_slice().chunks_exact(4).flat_map(|dot| [dot[0], dot[1], dot[2]]).collect();
    encode(dots.width().into(), dots.height().into(), &colours).ok_or_else(verdict::no_picture)
}
