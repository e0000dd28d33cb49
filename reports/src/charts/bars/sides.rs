//! The bars of both sides: the server's in full, the load generator's light.

use super::{Bar, Figure, Fill, Key, absent, row};
use crate::lang::Lang;
use crate::look::Look;
use crate::set::{Item, Point};
use crate::text::{charts_bars as text, common};

/// A figure of the server, and the same of the load generator.
pub(in super::super) type OfSides = [OfSide; 2];

type OfSide = fn(&Item<'_>) -> Option<f64>;

fn names(lang: Lang) -> [&'static str; 2] {
    [common::server(lang), common::load_generator(lang)]
}

/// A bar for each side. `why` says why a figure is absent.
pub(in super::super) fn sides(point: &Point<'_>, look: Look, of: OfSides, unit: &str, why: &str) -> Vec<Bar> {
    let figure = Figure { look, unit };
    let bar = |((of, name), fill): ((OfSide, &str), Fill)| match point.estimate(of) {
        None => absent(format!("{name}{}{why}", text::colon(look.lang))),
        Some(estimate) => figure.bar(name, estimate, fill),
    };
    of.into_iter().zip(names(look.lang)).zip([Fill::Full, Fill::Light]).map(bar).collect()
}

/// The key of [`sides`].
pub(in super::super) fn key(lang: Lang) -> Key {
    Key::of([Fill::Full, Fill::Light].into_iter().zip(names(lang)))
}

/// The rows of [`sides`]; `name` is the figure's, with its unit.
pub(in super::super) fn rows(points: &[Point<'_>], of: OfSides, name: &str) -> Vec<Vec<String>> {
    let of_point = |point: &Point<'_>| {
        let lang = point.lang();
        let of_side = |(of, side): (OfSide, &str)| {
            row(point, &format!("{side}{}{name}", text::colon(lang)), point.estimate(of).as_ref())
        };
        of.into_iter().zip(names(lang)).map(of_side).collect::<Vec<_>>()
    };
    points.iter().flat_map(of_point).collect()
}
