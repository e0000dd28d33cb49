//! Vectors of a drawing, with its letters.

use svg2pdf::{ConversionOptions, PageOptions, to_pdf};

use super::{ExportError, Fonts, Format, PIXELS_PER_INCH};

/// The drawing as a PDF of one page, as large as the drawing, with those letters of the fonts that occur. Its text can be
/// searched and copied. With several fonts their order in the file differs from run to run; the page does not.
///
/// # Errors
/// When no font has a letter of the drawing, or a font cannot be embedded.
pub fn pdf(svg: &str, fonts: &Fonts) -> Result<Vec<u8>, ExportError> {
    let tree = fonts.tree(svg)?;
    to_pdf(&tree, ConversionOptions::default(), PageOptions { dpi: PIXELS_PER_INCH })
        .map_err(|error| ExportError::Conversion { format: Format::Pdf, reason: error.to_string() })
}
