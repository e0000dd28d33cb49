//! How to cite figures: a hash that names the records, and a BibTeX entry that has it.

use std::collections::BTreeSet;
use std::fmt::Write;

use feedbench_record::Record;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::table::latex::escape;

/// The title, as `CITATION.cff` has it.
const TITLE: &str = "feedbench: delay, bytes and machine cost of polling, long polling, streaming and WebSocket";
/// The authors, as `CITATION.cff` has them.
const AUTHORS: &str = "The feedbench authors";
/// So many digits of the hash are printed in a list of references: enough to tell records apart, and they fit a column.
const PRINTED_DIGITS: usize = 16;

/// SHA-256 over the records, in hexadecimal: the same for the same records in any order.
///
/// It is taken over their JSON without blanks, with the names of each object sorted and what is null or empty left out (so
/// a field that a later version adds does not change it), a line for each record, the lines sorted.
pub fn hash_of(records: &[Record]) -> String {
    let mut lines: Vec<String> = records.iter().map(line).collect();
    lines.sort_unstable();
    let digest = Sha256::digest(lines.concat());
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
        text
    })
}

fn line(record: &Record) -> String {
    let value = serde_json::to_value(record).expect("a record has nothing but texts for names");
    format!("{}\n", canonical(value).unwrap_or_default())
}

/// The text of a value, nothing for what is null or empty.
fn canonical(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Array(values) => {
            // Here the place tells what a value means: none is left out.
            let texts: Vec<_> =
                values.into_iter().map(|value| canonical(value).unwrap_or_else(|| "null".to_owned())).collect();
            (!texts.is_empty()).then(|| format!("[{}]", texts.join(",")))
        }
        Value::Object(entries) => {
            let texts: BTreeSet<_> = entries
                .into_iter()
                .filter_map(|(name, value)| Some(format!("{}:{}", Value::from(name), canonical(value)?)))
                .collect();
            let texts: Vec<_> = texts.into_iter().collect();
            (!texts.is_empty()).then(|| format!("{{{}}}", texts.join(",")))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.to_string()),
    }
}

/// An entry for a BibTeX file. The complete hash is a field of its own, which styles do not print.
pub fn bibtex(records: &[Record]) -> String {
    let hash = hash_of(records);
    let printed = &hash[..PRINTED_DIGITS];
    let versions = listed("version", "versions", records.iter().map(|record| record.tool.version.as_str()));
    let commits = listed("commit", "commits", records.iter().filter_map(|record| record.tool.commit.as_deref()));
    let suites = listed("suite", "suites", records.iter().map(|record| record.suite.as_str()));
    let dates: BTreeSet<_> = records.iter().filter_map(|record| date(&record.started_at)).collect();
    let measured = match (dates.first(), dates.last()) {
        (Some(first), Some(last)) if first != last => Some(format!("measured {first} to {last}")),
        (Some(day), _) => Some(format!("measured {day}")),
        (None, _) => None,
    };
    let joined = |parts: Vec<Option<String>>| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let software = escape(&joined(vec![Some("Software".to_owned()), versions, commits]));
    let note = escape(&joined(vec![suites, measured, Some(format!("SHA-256 of the records {printed}…"))]));

    let mut entry = format!(
        "@misc{{feedbench-{printed},\n  title = {{{{{}}}}},\n  author = {{{{{}}}}},\n",
        escape(TITLE),
        escape(AUTHORS)
    );
    if let Some((day, month)) = dates.last().and_then(|day| Some((day, month(day)?))) {
        entry += &format!("  year = {{{}}},\n  month = {month},\n", &day[..4]);
    }
    entry += &format!("  howpublished = {{{software}}},\n  note = {{{note}}},\n  sha256 = {{{hash}}}\n}}\n");
    entry
}

/// The names that BibTeX has for the months.
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The day of an instant in RFC 3339, none when it is not one.
fn date(instant: &str) -> Option<&str> {
    let day = instant.get(..10)?;
    let fits = |(letter, place): (u8, u8)| if place == b'-' { letter == b'-' } else { letter.is_ascii_digit() };
    (day.bytes().zip(*b"yyyy-mm-dd").all(fits) && month(day).is_some()).then_some(day)
}

fn month(day: &str) -> Option<&'static str> {
    let number: usize = day.get(5..7)?.parse().ok()?;
    MONTHS.get(number.checked_sub(1)?).copied()
}

/// Different values in the order of their texts, behind their name; nothing without any.
fn listed<'a>(one: &str, many: &str, values: impl Iterator<Item = &'a str>) -> Option<String> {
    let values: Vec<_> = values.filter(|value| !value.is_empty()).collect::<BTreeSet<_>>().into_iter().collect();
    match values.as_slice() {
        [] => None,
        [value] => Some(format!("{one} {value}")),
        values => Some(format!("{many} {}", values.join(" and "))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feedbench_record::Transport;
    use proptest::prelude::*;

    use super::*;
    use crate::fixture;

    const CITATION: &str = include_str!("../../CITATION.cff");

    /// The value of a field of `CITATION.cff`.
    fn cff(name: &str) -> Option<&'static str> {
        let value = CITATION
            .lines()
            .find_map(|line| line.trim_start_matches([' ', '-']).strip_prefix(name)?.strip_prefix(": "))?;
        Some(value.trim_matches('"'))
    }

    #[test]
    fn citation_cff_has_what_its_format_asks_for_and_what_an_entry_says() {
        assert_eq!(cff("cff-version"), Some("1.2.0"));
        assert_eq!(cff("type"), Some("software"));
        assert_eq!(cff("title"), Some(TITLE));
        assert_eq!(cff("name"), Some(AUTHORS));
        assert_eq!(cff("version"), Some(env!("CARGO_PKG_VERSION")));
        assert_eq!(cff("license"), Some(env!("CARGO_PKG_LICENSE")));
        assert!(cff("message").is_some_and(|message| !message.is_empty()));
    }

    #[test]
    fn the_hash_does_not_depend_on_the_order_of_the_records() {
        let mut records = fixture::suite();
        let hash = hash_of(&records);
        records.reverse();
        assert_eq!(hash_of(&records), hash);
        assert!(hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()), "{hash}");
    }

    #[test]
    fn one_more_event_or_one_record_less_is_another_hash() {
        let records = fixture::suite();
        let mut other = records.clone();
        other[3].counts.delivered += 1;
        let hashes = [hash_of(&records), hash_of(&other), hash_of(&records[1..]), hash_of(&[])];
        assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), hashes.len());
    }

    #[test]
    fn the_canonical_text_sorts_names_and_leaves_out_what_is_absent() {
        let value = serde_json::json!({"b": [1, null, {"z": {}, "y": "\n"}], "a": 0.5, "c": null, "d": [], "e": false});
        assert_eq!(canonical(value).unwrap(), r#"{"a":0.5,"b":[1,null,{"y":"\n"}],"e":false}"#);
    }

    proptest! {
        #[test]
        fn records_read_from_a_file_have_the_hash_of_those_written(rate in 0.0..1e9f64, idle in proptest::num::f64::POSITIVE) {
            let mut record = fixture::record(Transport::WebSocket);
            record.scenario.rate_per_s = rate;
            record.loadgen.cpu_idle_us_per_s = Some(idle);
            let read: Record = serde_json::from_str(&serde_json::to_string_pretty(&record).unwrap()).unwrap();
            prop_assert_eq!(hash_of(&[read]), hash_of(&[record]));
        }
    }

    #[test]
    fn an_entry_names_version_commit_day_and_records() {
        let mut records = fixture::suite();
        for record in &mut records {
            record.tool.version = "0.1.0".to_owned();
            record.tool.commit = Some("3f2a9c1".to_owned());
            record.started_at = "2026-11-21T22:50:50Z".to_owned();
            record.suite = "quantum_leap".to_owned();
        }
        let hash = hash_of(&records);
        let printed = &hash[..16];
        assert_eq!(
            bibtex(&records),
            format!(
                "@misc{{feedbench-{printed},\n  title = {{{{{TITLE}}}}},\n  author = {{{{The feedbench authors}}}},\n  \
                 year = {{2026}},\n  month = nov,\n  howpublished = {{Software, version 0.1.0, commit 3f2a9c1}},\n  \
                 note = {{suite quantum\\_leap, measured 2026-11-21, SHA-256 of the records {printed}\\textellipsis{{}}}},\n  \
                 sha256 = {{{hash}}}\n}}\n"
            )
        );
    }

    #[test]
    fn an_entry_tells_what_differs_among_the_records_and_leaves_out_what_none_has() {
        let mut records = fixture::suite();
        records.iter_mut().for_each(|record| record.tool.commit = None);
        records[0].tool.version = "9.9.9".to_owned();
        records[0].started_at = "2019-02-03T04:05:06Z".to_owned();
        records[1].started_at = "yesterday, or so".to_owned();
        records[2].started_at = "2019-13-03T04:05:06Z".to_owned();
        let entry = bibtex(&records);
        assert!(entry.contains(" and 9.9.9}") && entry.contains("measured 2019-02-03 to "), "{entry}");
        assert!(!entry.contains("commit") && !entry.contains("yesterday") && !entry.contains("2019-13"), "{entry}");
        let none = bibtex(&[]);
        assert!(!none.contains("year") && !none.contains("version") && !none.contains("measured"), "{none}");
    }

    #[test]
    fn no_text_of_a_record_breaks_an_entry() {
        let mut record = fixture::record(Transport::Sse);
        record.suite = "}, title = {a, b\\input{x} 50%".to_owned();
        record.started_at = "é026-11-21".to_owned();
        let entry = bibtex(&[record]);
        let depth = entry.bytes().try_fold(0i32, |depth, byte| {
            let depth = depth + i32::from(byte == b'{') - i32::from(byte == b'}');
            (depth >= 0).then_some(depth)
        });
        assert_eq!(depth, Some(0), "{entry}");
        assert!(entry.contains("50\\%") && !entry.contains("\\input"), "{entry}");
    }
}
