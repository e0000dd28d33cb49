//! What a chart is drawn from.

use crate::lang::Lang;
use crate::look::Look;
use crate::set::{self, Item, Point};
use crate::words;

/// Cells of one kind, for one language and medium.
pub(crate) struct Scene<'a> {
    pub(crate) look: Look,
    /// Every repetition apart.
    pub(crate) items: Vec<Item<'a>>,
    /// The repetitions of each point together.
    pub(crate) points: Vec<Point<'a>>,
    /// What stands below each chart.
    pub(crate) caption: String,
}

impl<'a> Scene<'a> {
    pub(crate) fn of(items: &[Item<'a>], look: Look) -> Scene<'a> {
        let caption = if items.is_empty() { String::new() } else { words::caption(items, look.lang) };
        Scene { look, items: items.to_vec(), points: set::points(items), caption }
    }

    pub(crate) fn lang(&self) -> Lang {
        self.look.lang
    }
}
