//! What was watched while the cells were measured, each with its bound and the cell that came nearest to it.

use feedbench_record::gates::{Gate, Unit, gates};

use crate::conditions::distinct;
use crate::number::{grouped, significant};
use crate::set::Item;
use crate::table::{ABSENT, Align, Heading, Table};

/// One row for each gate that any cell has.
pub(crate) fn table(items: &[Item<'_>]) -> Table {
    let all: Vec<_> = items
        .iter()
        .flat_map(|item| gates(item.record).into_iter().map(move |gate| (item.label.as_str(), gate)))
        .collect();
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    Table {
        header: vec![
            heading("what was watched", Align::Left),
            heading("figure", Align::Right),
            heading("bound", Align::Right),
            heading("in the cell nearest to it", Align::Left),
        ],
        rows: distinct(all.iter().map(|(_, gate)| gate.name))
            .into_iter()
            .map(|name| row(name, all.iter().filter(|(_, gate)| gate.name == name)))
            .collect(),
    }
}

fn row<'a>(name: &str, cells: impl Iterator<Item = &'a (&'a str, Gate)>) -> Vec<String> {
    let measured = cells.filter_map(|(label, gate)| Some((nearness(gate)?, *label, gate)));
    // Of equals the first one, as the cells are ordered.
    let nearest = measured.reduce(|first, next| if next.0 > first.0 { next } else { first });
    match nearest {
        Some((_, label, gate)) => {
            let figure = text(gate.figure.unwrap_or(0.0), gate.unit);
            let mark = if gate.reason().is_some() { " ✗" } else { "" };
            vec![name.to_owned(), format!("{figure}{mark}"), text(gate.bound, gate.unit), label.to_owned()]
        }
        None => vec![name.to_owned(), ABSENT.to_owned(), ABSENT.to_owned(), "not measured".to_owned()],
    }
}

/// The figure as a share of its bound; `None` where it was not measured.
fn nearness(gate: &Gate) -> Option<f64> {
    let figure = gate.figure?;
    Some(if gate.bound > 0.0 { figure / gate.bound } else { figure })
}

fn text(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Ms => format!("{} ms", significant(figure)),
        Unit::Percent => format!("{} %", significant(figure)),
        Unit::Count => grouped(figure as u64),
        Unit::Ppm => format!("{} ppm", significant(figure)),
    }
}
