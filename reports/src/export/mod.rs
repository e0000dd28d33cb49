//! A drawing as a file: the SVG itself, or made from it a PNG for slides and a PDF for papers.
//!
//! - [`Fonts`]: which of the installed fonts draws a letter. An SVG leaves that to its reader; the others cannot.
//! - [`png()`], [`pdf()`]: the two conversions.
//!
//! An SVG is the same wherever it is written; PNG and PDF depend on the installed fonts.

#[cfg(test)]
mod font_fixture;
mod fonts;
mod pdf;
mod png;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::fmt;
use std::str::FromStr;

use resvg::usvg;

use crate::lang::Lang;
use crate::text::export as text;

pub use fonts::Fonts;
pub(crate) use fonts::is_chinese;
pub use pdf::pdf;
pub use png::{PNG_SCALE, png};

/// As CSS has them, and so a drawing: one that is 88 mm wide is so on paper, too.
const PIXELS_PER_INCH: f32 = 96.0;

/// What a drawing is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Vectors, the text set by the reader's fonts.
    Svg,
    /// Pixels, [`PNG_SCALE`] of them for each of the drawing.
    Png,
    /// Vectors, with the letters that occur embedded.
    Pdf,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 3] = [Format::Svg, Format::Png, Format::Pdf];

    /// The name on the command line, and of the files' extension.
    pub const fn id(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Png => "png",
            Format::Pdf => "pdf",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A format that no drawing is written in.
#[derive(Debug, thiserror::Error)]
#[error("there is no format \"{name}\"; there are: svg, png, pdf")]
pub struct UnknownFormat {
    name: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Format::ALL
            .into_iter()
            .find(|format| format.id() == text)
            .ok_or_else(|| UnknownFormat { name: text.to_owned() })
    }
}

/// Why a drawing could not be converted. Its SVG is none the worse for it.
#[derive(Debug)]
pub enum ExportError {
    /// No font is installed.
    NoFonts,
    /// No installed font has these characters, in their order; a picture with empty boxes in their place is not made.
    NoGlyphs(Vec<char>),
    /// The text is no SVG.
    Drawing(usvg::Error),
    /// The picture would have more pixels than can be held, or none.
    Size {
        /// Pixels.
        width: f32,
        /// Pixels.
        height: f32,
    },
    /// The conversion itself failed.
    Conversion {
        /// The format.
        format: Format,
        /// What the library says.
        reason: String,
    },
}

impl ExportError {
    /// What is wrong and what to do, in one line.
    pub fn message(&self, lang: Lang) -> String {
        match self {
            ExportError::NoFonts => text::no_fonts(lang, text::install_any(lang)),
            ExportError::NoGlyphs(missing) => {
                let chinese = missing.iter().any(|&character| is_chinese(character));
                let advice = if chinese { text::install_chinese(lang) } else { text::install_any(lang) };
                text::no_glyphs(lang, named(missing, lang), advice)
            }
            ExportError::Drawing(error) => text::not_svg(lang, error),
            ExportError::Size { width, height } => text::size(lang, width, height),
            ExportError::Conversion { format, reason } => text::conversion(lang, format, reason),
        }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for ExportError {}

/// The first characters with their code points, and how many more there are.
fn named(missing: &[char], lang: Lang) -> String {
    const NAMED: usize = 8;
    let (named, others) = missing.split_at(missing.len().min(NAMED));
    let named: Vec<_> = named.iter().map(|&it| format!("{it} (U+{:04X})", u32::from(it))).collect();
    let named = named.join(", ");
    if others.is_empty() { named } else { text::and_more(lang, named, others.len()) }
}

/// The drawing in the format. Fonts are looked for only when the format needs them.
///
/// # Errors
/// When no font has a character of the drawing, or the conversion fails. An SVG is given as it is.
pub fn file(svg: &str, format: Format, fonts: &Fonts) -> Result<Vec<u8>, ExportError> {
    match format {
        Format::Svg => Ok(svg.as_bytes().to_vec()),
        Format::Png => png(svg, PNG_SCALE, fonts),
        Format::Pdf => pdf(svg, fonts),
    }
}
