//! Two request heads, field by field.

use feedbench_record::browsers::{Outcome, Pair};

use super::figures::{different, signed};
use crate::lang::Lang;
use crate::table::{ABSENT, Align, Heading, Table};
use crate::text::browsers as text;
use crate::text::common::comma;

/// The fields that differ; no rows where all are the same.
pub(super) fn table(pair: &Pair, lang: Lang) -> Table {
    let heading = |text: &str, align| Heading { text: text.to_owned(), align };
    let header = vec![
        heading(text::field_head(lang), Align::Left),
        heading(text::outcome_head(lang), Align::Left),
        heading(text::browser(lang), Align::Left),
        heading(text::load_generator(lang), Align::Left),
        heading(text::length_head(lang), Align::Right),
        heading(text::cause_head(lang), Align::Left),
    ];
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| ABSENT.to_owned());
    let rows = different(pair).into_iter().flatten().map(|field| {
        vec![
            field.name.clone(),
            text::outcome(lang, field.outcome()).to_owned(),
            value(&field.browser),
            value(&field.imitation),
            signed(field.longer_by()),
            text::cause(lang, field.cause).to_owned(),
        ]
    });
    Table { header, rows: rows.collect() }
}

/// The names of the fields that are the same at both, in a sentence.
pub(super) fn same(pair: &Pair, lang: Lang) -> Option<String> {
    let same = pair.fields.iter().filter(|field| field.outcome() == Outcome::Same);
    let names: Vec<_> = same.map(|field| field.name.clone()).collect();
    (!names.is_empty()).then(|| text::same_fields(lang, names.len(), names.join(comma(lang))))
}
