//! What theory expects of each point beside what was measured.

use crate::lang::Lang;
use crate::set::{self, Item};
use crate::table::Heading;
use crate::text::page as text;
use crate::theory::table::{self, Outcome};

/// The table, point by point.
pub(super) struct Theory {
    /// How many figures agree, and how many do not.
    pub(super) sentence: String,
    pub(super) header: Vec<Heading>,
    pub(super) points: Vec<Expected>,
    pub(super) method: String,
}

/// The figures of one point, each without its label.
pub(super) struct Expected {
    pub(super) label: String,
    pub(super) rows: Vec<Vec<String>>,
}

impl Theory {
    /// `None` where theory has no word on any of the cells.
    pub(super) fn of(items: &[Item<'_>], lang: Lang) -> Option<Theory> {
        let points = set::points(&set::kinds(items).open);
        let outcomes: Vec<_> = points.iter().flat_map(table::rows).map(|row| row.outcome).collect();
        let number = |wanted| outcomes.iter().filter(|&&outcome| outcome == wanted).count();
        let sentence = text::theory_sentence(lang, number(Outcome::Agrees), number(Outcome::Deviates));
        let of_point = |point| {
            let rows = table::table(std::slice::from_ref(point), lang).rows;
            let rows = rows.into_iter().map(|row| row.into_iter().skip(1).collect()).collect::<Vec<_>>();
            (!rows.is_empty()).then(|| Expected { label: point.marked_label(), rows })
        };
        let header = table::table(&points, lang).header;
        let points: Vec<_> = points.iter().filter_map(of_point).collect();
        (!points.is_empty()).then(|| Theory { sentence, header, points, method: table::method(lang) })
    }
}
