//! Two bars for each point: a quantity above TCP, and the same on IP.

use super::bars::{self, Bar, Figure, Fill, Key};
use super::frame::{Chart, Plan};
use super::scene::Scene;
use crate::look::Look;
use crate::set::{Item, Point};
use crate::text::{charts_bars, charts_sweep as text, common};

/// A figure of a cell.
pub(super) type Of = fn(&Item<'_>) -> Option<f64>;

/// What is drawn.
pub(super) struct Layers {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// The axis, without its unit.
    pub(super) axis: &'static str,
    pub(super) unit: &'static str,
    /// Above TCP, and on IP.
    pub(super) of: [Of; 2],
    pub(super) notes: Vec<String>,
}

impl Layers {
    /// The chart; `None` where neither was measured.
    pub(super) fn chart(self, scene: &Scene<'_>) -> Option<Chart> {
        let (look, lang) = (scene.look, scene.lang());
        let measured = |point: &Point<'_>| self.of.iter().any(|of| point.estimate(of).is_some());
        if !scene.points.iter().any(measured) {
            return None;
        }
        let names = [text::above_tcp(lang), text::on_ip(lang)];
        let axis = text::axis_title(lang, self.axis, self.unit, false);
        let groups = bars::groups(&scene.points, |point| self.bars(point, look, names));
        let rows = scene.points.iter().flat_map(|point| {
            self.of.iter().zip(names).map(|(of, name)| {
                let figure = text::axis_title(lang, &text::of_layer(lang, self.axis, name), self.unit, false);
                bars::row(point, &figure, point.estimate(of).as_ref())
            })
        });
        let plan = Plan {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            description: text::two_bars(lang, &axis),
            data: bars::data(lang, rows),
            notes: self.notes.clone(),
            height: 0.0,
        };
        let key = Key::of([Fill::Full, Fill::Light].into_iter().zip(names));
        Some(bars::chart(scene, plan, &groups, key, axis.as_str()))
    }

    fn bars(&self, point: &Point<'_>, look: Look, names: [&str; 2]) -> Vec<Bar> {
        let unit = format!(" {}", self.unit);
        let figure = Figure { look, unit: &unit };
        let fills = [Fill::Full, Fill::Light];
        let bar = |((of, name), fill): ((&Of, &str), Fill)| match point.estimate(of) {
            None => {
                let colon = charts_bars::colon(look.lang);
                bars::absent(format!("{name}{colon}{}", common::not_measured(look.lang)))
            }
            Some(estimate) => figure.bar(name, estimate, fill),
        };
        self.of.iter().zip(names).zip(fills).map(bar).collect()
    }
}
