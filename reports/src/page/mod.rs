//! `report.html`: what the template shows, made from the cells.
//!
//! - `figures`: the key figures of each point with their spread and verdict, and every repetition with all columns.
//! - `groups`: the charts by what they are about, and what the script has to know of their transports.
//! - `notices`: what a reader has to know before the first figure.
//! - `verdicts`: the invalid cells with every reason. `agreement`: whether the byte counts agree.
//! - `theory`: what was expected of each point beside what was measured.
//! - `method`: how often, in which order, and how a figure comes of it. `surroundings`: machine and versions.
//! - `script`: the one script, and what the page allows itself to load.

mod agreement;
mod figures;
mod groups;
mod method;
mod notices;
mod script;
mod surroundings;
mod theory;
mod verdicts;

use askama::Template;
use feedbench_record::Record;

use crate::capacity::Found;
use crate::charts::{Chart, Scene};
use crate::cite;
use crate::conditions::{self, distinct};
use crate::gates;
use crate::lang::Lang;
use crate::look::{Look, Medium};
use crate::quantum_leap::Comparison;
use crate::ratios;
use crate::set::{self, Item};
use crate::table::{Align, Table};
use crate::text::{common, page as text, theory as theory_text};
use crate::{summary, words};

use agreement::Agreement;
use figures::{Key, Repetitions};
use groups::Group;
use theory::Theory;
use verdicts::Invalid;

#[derive(Template)]
#[template(path = "report/index.html")]
struct Page<'a> {
    lang: Lang,
    policy: String,
    script: &'static str,
    title: String,
    suites: String,
    measured: String,
    notices: Vec<String>,
    summary: Vec<String>,
    lead: String,
    caption: String,
    keys: Vec<Key>,
    key_notes: Vec<String>,
    repetitions: Vec<Repetitions>,
    leap: Option<&'a (Comparison, Chart)>,
    capacity: Option<&'a Found>,
    groups: Vec<Group<'a>>,
    legend: String,
    theory: Option<Theory>,
    ratios: Table,
    verdict: String,
    invalid: Vec<Invalid>,
    gates: Table,
    agreement: Agreement,
    conditions: Vec<(&'static str, String)>,
    surroundings: Vec<(&'static str, String)>,
    method: Vec<String>,
    hash: String,
    bibtex: String,
    limits: Vec<(&'static str, &'static str)>,
}

/// The page of these records, which are the items'.
pub(crate) fn html(
    records: &[Record],
    items: &[Item<'_>],
    charts: &[Chart],
    leap: Option<&(Comparison, Chart)>,
    capacity: Option<&Found>,
    lang: Lang,
) -> Result<String, askama::Error> {
    let page = Page {
        lang,
        policy: script::policy(),
        script: script::SCRIPT,
        title: words::title(items, lang),
        suites: distinct(items.iter().map(|item| item.record.suite.as_str())).join(", "),
        measured: surroundings::measured(items, lang),
        notices: notices::of(items, lang),
        summary: summary::sentences(&Scene::of(&set::kinds(items).open, Look { lang, medium: Medium::Page })),
        lead: words::scenario(items, lang).join(if lang == Lang::En { " " } else { "" }),
        caption: words::caption(items, lang),
        keys: figures::keys(items, lang),
        key_notes: figures::notes(items, lang),
        repetitions: figures::repetitions(items, lang),
        leap,
        capacity,
        groups: groups::of(charts, lang),
        legend: groups::legend(items, lang),
        theory: Theory::of(items, lang),
        ratios: ratios::table(&set::kinds(items).open),
        verdict: verdicts::sentence(items, lang),
        invalid: verdicts::invalid(items, lang),
        gates: gates::table(items, lang),
        agreement: agreement::of(items, lang),
        conditions: conditions::of_all(&items.iter().map(|item| item.record).collect::<Vec<_>>(), lang),
        surroundings: surroundings::of(items, lang),
        method: method::sentences(items, lang),
        hash: cite::hash_of(records),
        bibtex: cite::bibtex(records),
        limits: method::limits(items, lang),
    };
    page.render()
}

impl Lang {
    /// A text of the catalogue, for a template.
    fn says(self, text: fn(Lang) -> &'static str) -> &'static str {
        text(self)
    }
}

impl Align {
    /// The class that the style sheet knows.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Align::Left => "text",
            Align::Right => "number",
        }
    }
}
