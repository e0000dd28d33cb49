//! The charts by what they are about, and their legend.

use serde_json::json;

use crate::charts::Chart;
use crate::lang::Lang;
use crate::set::Item;
use crate::style;
use crate::text::common;
use crate::text::page as text;
use crate::words;

/// Charts under one heading.
pub(super) struct Group<'a> {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) charts: Vec<&'a Chart>,
}

/// What a chart is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Delay,
    Bytes,
    Machine,
    Time,
    Sweeps,
}

const ORDER: [About; 5] = [About::Delay, About::Bytes, About::Machine, About::Time, About::Sweeps];

impl About {
    /// By the words of its name; the more special one first.
    fn of(name: &str) -> About {
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        let along = ["clients", "rate", "payload", "interval", "rtt"].map(|axis| format!("-by-{axis}"));
        if has(&["crossover"]) || along.iter().any(|end| name.ends_with(end)) {
            About::Sweeps
        } else if has(&["over-time"]) {
            About::Time
        } else if has(&["latency"]) {
            About::Delay
        } else if has(&["cpu", "memory", "requests"]) {
            About::Machine
        } else {
            About::Bytes
        }
    }

    const fn id(self) -> &'static str {
        match self {
            About::Delay => "delay",
            About::Bytes => "bytes",
            About::Machine => "cost",
            About::Time => "time",
            About::Sweeps => "sweeps",
        }
    }

    const fn title(self, lang: Lang) -> &'static str {
        match self {
            About::Delay => text::group_delay(lang),
            About::Bytes => text::group_bytes(lang),
            About::Machine => text::group_machine(lang),
            About::Time => text::group_time(lang),
            About::Sweeps => text::group_sweeps(lang),
        }
    }
}

/// The groups that have a chart, in the order of the page; within a group the order given.
pub(super) fn of(charts: &[Chart], lang: Lang) -> Vec<Group<'_>> {
    let group = |about: About| Group {
        id: about.id(),
        title: about.title(lang),
        charts: charts.iter().filter(|chart| About::of(&chart.name) == about).collect(),
    };
    ORDER.into_iter().map(group).filter(|group| !group.charts.is_empty()).collect()
}

/// What the script makes the buttons of: id, name and colour of each transport that occurs, as JSON.
pub(super) fn legend(items: &[Item<'_>], lang: Lang) -> String {
    let transports = words::transports(items).into_iter().map(|transport| {
        let name = common::sentence(lang, common::transport(lang, transport));
        json!([transport.id(), name, style::hex(style::of(transport).colour)])
    });
    serde_json::Value::from_iter(transports).to_string()
}
