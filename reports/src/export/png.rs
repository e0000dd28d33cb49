//! Pixels of a drawing.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, FilterType, PixelDimensions, Unit};
use resvg::tiny_skia::{Color, Pixmap, Transform};

use super::{ExportError, Fonts, Format, PIXELS_PER_INCH};

/// Pixels of a PNG for each of the drawing: sharp on a screen of twice the usual density, and on a projector.
pub const PNG_SCALE: f32 = 2.0;

/// The drawing as a PNG, `scale` pixels for each of its own, on white where it leaves something free.
///
/// # Errors
/// When no font has a letter of the drawing, or the scale gives no picture that can be held.
pub fn png(svg: &str, scale: f32, fonts: &Fonts) -> Result<Vec<u8>, ExportError> {
    /// More on a side is no chart.
    const MOST: f32 = 16_384.0;
    let tree = fonts.tree(svg)?;
    let (width, height) = ((tree.size().width() * scale).round(), (tree.size().height() * scale).round());
    let held = |pixels: f32| (1.0..=MOST).contains(&pixels);
    let pixmap = (held(width) && held(height)).then(|| Pixmap::new(width as u32, height as u32)).flatten();
    let mut pixmap = pixmap.ok_or(ExportError::Size { width, height })?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    encoded(&pixmap, scale).map_err(|error| ExportError::Conversion { format: Format::Png, reason: error.to_string() })
}

/// Without transparency, and with repetitions looked for: a fifth of the file that `Pixmap::encode_png` gives. With the
/// size in metres, so that a text processor shows it as large as the drawing.
fn encoded(pixmap: &Pixmap, scale: f32) -> Result<Vec<u8>, EncodingError> {
    const INCH_M: f32 = 0.0254;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(FilterType::NoFilter);
    encoder.set_compression(Compression::Default);
    let per_metre = (PIXELS_PER_INCH * scale / INCH_M).round() as u32;
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: per_metre, yppu: per_metre, unit: Unit::Meter }));
    let colours: Vec<u8> = pixmap.data().chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied().collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(bytes)
}
