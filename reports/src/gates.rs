//! What was watched while the cells were measured, each with its bound and the cell that came nearest to it.

use feedbench_record::gates::{Gate, Unit, gates};

use crate::conditions::distinct;
use crate::lang::Lang;
use crate::number::{grouped, significant};
use crate::set::Item;
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::{common, gates as text};

/// One row for each gate that any cell has.
pub(crate) fn table(items: &[Item<'_>], lang: Lang) -> Table {
    let all: Vec<_> = items
        .iter()
        .flat_map(|item| gates(item.record).into_iter().map(move |gate| (item.label.as_str(), gate)))
        .collect();
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    Table {
        header: vec![
            heading(text::what(lang), Align::Left),
            heading(text::figure(lang), Align::Right),
            heading(text::bound(lang), Align::Right),
            heading(text::nearest(lang), Align::Left),
        ],
        rows: distinct(all.iter().map(|(_, gate)| gate.name))
            .into_iter()
            .map(|name| row(lang, all.iter().filter(|(_, gate)| gate.name == name)))
            .collect(),
    }
}

fn row<'a>(lang: Lang, cells: impl Iterator<Item = &'a (&'a str, Gate)> + Clone) -> Vec<String> {
    let name = cells.clone().next().map_or_else(String::new, |(_, gate)| text::name(lang, gate).to_owned());
    let measured = cells.filter_map(|(label, gate)| Some((nearness(gate)?, *label, gate)));
    // Of equals the first one, as the cells are ordered.
    let nearest = measured.reduce(|first, next| if next.0 > first.0 { next } else { first });
    match nearest {
        Some((_, label, gate)) => {
            let figure = shown(gate.figure.unwrap_or(0.0), gate.unit);
            let mark = if gate.reason().is_some() { " ✗" } else { "" };
            let bound = if gate.bound.is_finite() { shown(gate.bound, gate.unit) } else { ABSENT.to_owned() };
            vec![name, format!("{figure}{mark}"), bound, label.to_owned()]
        }
        None => vec![name, ABSENT.to_owned(), ABSENT.to_owned(), common::not_measured(lang).to_owned()],
    }
}

/// The figure as a share of its bound; `None` where it was not measured.
fn nearness(gate: &Gate) -> Option<f64> {
    let figure = gate.figure?;
    Some(if gate.bound > 0.0 { figure / gate.bound } else { figure })
}

/// A figure or a bound with its unit.
pub(crate) fn shown(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Ms => format!("{} ms", significant(figure)),
        Unit::Percent => format!("{} %", significant(figure)),
        Unit::Count => grouped(figure as u64),
        Unit::Ppm => format!("{} ppm", significant(figure)),
    }
}
