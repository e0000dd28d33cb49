//! For whom a report is drawn: its language and its medium.

use std::fmt;
use std::str::FromStr;

use crate::lang::Lang;

/// What a chart is to be put into. Letters have the same size in each drawing; a medium differs by the room that they have,
/// and so by their size once the drawing fills it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Medium {
    /// The page of a report, and the README.
    #[default]
    Page,
    /// A slide of 16:9, with large type.
    Slide,
    /// A column of a journal (88 mm), whose own caption takes the place of title and notes.
    Paper,
}

impl Medium {
    /// All of them.
    pub const ALL: [Medium; 3] = [Medium::Page, Medium::Slide, Medium::Paper];

    /// The name on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Medium::Page => "page",
            Medium::Slide => "slide",
            Medium::Paper => "paper",
        }
    }

    /// The width of a drawing in its own units (px): letters of 12.5 px are then 6 pt high in a column of 88 mm.
    pub(crate) const fn width(self) -> f64 {
        match self {
            Medium::Page => 880.0,
            Medium::Slide => 800.0,
            Medium::Paper => 520.0,
        }
    }
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A medium that nothing is drawn for.
#[derive(Debug, thiserror::Error)]
#[error("there is no style \"{name}\"; there are: page, slide, paper")]
pub struct UnknownMedium {
    name: String,
}

impl FromStr for Medium {
    type Err = UnknownMedium;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Medium::ALL
            .into_iter()
            .find(|medium| medium.id() == text)
            .ok_or_else(|| UnknownMedium { name: text.to_owned() })
    }
}

/// Language and medium.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// In which language.
    pub lang: Lang,
    /// For what.
    pub medium: Medium,
}

impl Look {
    /// The width of a drawing (px).
    pub(crate) const fn width(self) -> f64 {
        self.medium.width()
    }
}
