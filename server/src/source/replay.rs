//! A recorded series: the lines of a CSV or NDJSON file, published again at their own pace or at a rate.
//!
//! Reading is a pure function of the text. A blank line is skipped but counted, so that an error names the line as an
//! editor shows it.

use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::event::{self, Data};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::csv_line::{self, CsvError};

/// The series that are compiled in, by name. Their sources and licences are in `server/data/README.md`.
pub const BUILT_IN: [(&str, &str); 1] = [("earthquakes", include_str!("../../data/earthquakes.ndjson"))];

/// The column or field that says when a line was recorded.
const TIME: &str = "time";

/// Numbers from here on are milliseconds since 1970, smaller ones are seconds: as seconds this is the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;

/// A recorded series.
#[derive(Clone, Debug)]
pub struct Replay {
    lines: Vec<Line>,
    times_us: Result<Vec<u64>, ReplayError>,
}

/// One event's data.
#[derive(Clone, Debug)]
enum Line {
    /// A row of CSV, as it stands.
    Text(String),
    /// A line of NDJSON.
    Json(Box<RawValue>),
}

/// A text that cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// No line, or no row after the header.
    #[error("there is no event in it")]
    Empty,
    /// A line that cannot be used.
    #[error("line {line}: {reason}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: LineError,
    },
    /// No times, so no pace of its own.
    #[error("it has no column or field \"{TIME}\", so it has no pace of its own; replay it at a rate")]
    NoTimes,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// No row of CSV.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// Another number of fields than the header.
    #[error("{found} fields where the header has {wanted}")]
    Fields {
        /// Fields of this line.
        found: usize,
        /// Fields of the header.
        wanted: usize,
    },
    /// No JSON.
    #[error("not a JSON value: {0}")]
    Json(String),
    /// The event would be too long.
    #[error("its event text would have {0} bytes; {PAYLOAD_MAX_BYTES} are the most")]
    TooLong(usize),
    /// No time.
    #[error("its time is neither RFC 3339 nor a number of seconds or milliseconds since 1970")]
    Time,
    /// Earlier than the line before.
    #[error("its time is before that of the line above")]
    Back,
}

/// The series of this name that is compiled in.
pub fn built_in(name: &str) -> Option<Replay> {
    let (name, text) = BUILT_IN.into_iter().find(|(built_in, _)| *built_in == name)?;
    Some(parse(name, text).expect("a test reads every built-in series"))
}

/// Reads a series. A `name` that ends in `.csv` says CSV, one that ends in `.ndjson` or `.jsonl` NDJSON; otherwise a text
/// that begins with a brace is NDJSON.
///
/// # Errors
/// When the text has no event, or a line that is none. What is wrong with its times is an error only to those who ask
/// for them ([`Replay::times_us`]).
pub fn parse(name: &str, text: &str) -> Result<Replay, ReplayError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let ndjson = [".ndjson", ".jsonl"].iter().any(|end| name.ends_with(end));
    let rows = match ndjson || (!name.ends_with(".csv") && text.trim_start().starts_with('{')) {
        true => ndjson_rows(lines),
        false => csv_rows(lines),
    };
    let rows = rows.map_err(|(line, reason)| ReplayError::Line { line, reason })?;
    if rows.is_empty() {
        return Err(ReplayError::Empty);
    }
    let times_us = times(&rows);
    Ok(Replay { lines: rows.into_iter().map(|row| row.data).collect(), times_us })
}

impl Replay {
    /// How many events it has: at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// The data of the `nth` event (from 0); after the last one it begins again.
    pub fn data(&self, nth: u64) -> Data<'_> {
        match &self.lines[(nth % self.lines.len() as u64) as usize] {
            Line::Text(text) => Data::Text(text),
            Line::Json(value) => Data::Json(value),
        }
    }

    /// Do the lines say when they were recorded? Whether they say it well, [`Replay::times_us`] tells.
    pub fn has_times(&self) -> bool {
        self.times_us != Err(ReplayError::NoTimes)
    }

    /// When each event was recorded (us since 1970), never decreasing.
    ///
    /// # Errors
    /// When the file names no times, a time cannot be read, or times go back.
    pub fn times_us(&self) -> Result<&[u64], ReplayError> {
        self.times_us.as_deref().map_err(Clone::clone)
    }
}

/// A line with its time as it was written.
struct Row {
    line: usize,
    data: Line,
    time: Time,
}

/// A time as it was written.
enum Time {
    Absent,
    Bad,
    At(u64),
}

type Rows = Result<Vec<Row>, (usize, LineError)>;

fn csv_rows<'t>(mut lines: impl Iterator<Item = (usize, &'t str)>) -> Rows {
    let Some((first, header)) = lines.next() else { return Ok(Vec::new()) };
    let header = csv_line::fields(header).map_err(|error| (first, error.into()))?;
    let time = header.iter().position(|name| name.trim().eq_ignore_ascii_case(TIME));
    let row = |(line, text)| -> Result<Row, LineError> {
        let fields = csv_line::fields(text)?;
        if fields.len() != header.len() {
            return Err(LineError::Fields { found: fields.len(), wanted: header.len() });
        }
        check_length(Data::Text(text))?;
        let time = time.map_or(Time::Absent, |column| Time::of_text(fields[column].trim()));
        Ok(Row { line, data: Line::Text(text.to_owned()), time })
    };
    lines.map(|(line, text)| row((line, text)).map_err(|reason| (line, reason))).collect()
}

fn ndjson_rows<'t>(lines: impl Iterator<Item = (usize, &'t str)>) -> Rows {
    let row = |line, text| -> Result<Row, LineError> {
        // The library counts lines too, but all of its text is this one.
        let value: Box<RawValue> =
            serde_json::from_str(text).map_err(|error| LineError::Json(format!("column {}", error.column())))?;
        check_length(Data::Json(&value))?;
        let time = Time::of_json(&value);
        Ok(Row { line, data: Line::Json(value), time })
    };
    lines.map(|(line, text)| row(line, text).map_err(|reason| (line, reason))).collect()
}

fn check_length(data: Data<'_>) -> Result<(), LineError> {
    let mut text = Vec::new();
    event::encode(0, 0, data, &mut text);
    if text.len() > PAYLOAD_MAX_BYTES as usize { Err(LineError::TooLong(text.len())) } else { Ok(()) }
}

impl Time {
    fn of_text(text: &str) -> Time {
        match (text.parse::<f64>(), text.parse::<Timestamp>()) {
            (Ok(number), _) => Time::of_number(number),
            (_, Ok(timestamp)) => u64::try_from(timestamp.as_microsecond()).map_or(Time::Bad, Time::At),
            _ => Time::Bad,
        }
    }

    fn of_number(number: f64) -> Time {
        let us = number * if number >= MILLISECONDS_FROM { 1e3 } else { 1e6 };
        // Above 2^53 microseconds a double no longer tells them apart: the year 2255.
        if (0.0..9_007_199_254_740_992.0).contains(&us) { Time::At(us as u64) } else { Time::Bad }
    }

    fn of_json(value: &RawValue) -> Time {
        #[derive(Deserialize)]
        struct Timed<'a> {
            #[serde(borrow)]
            time: Option<&'a RawValue>,
        }
        let Ok(Timed { time: Some(time) }) = serde_json::from_str(value.get()) else { return Time::Absent };
        match serde_json::from_str(time.get()) {
            Ok(serde_json::Value::Number(number)) => number.as_f64().map_or(Time::Bad, Time::of_number),
            Ok(serde_json::Value::String(text)) => Time::of_text(&text),
            _ => Time::Bad,
        }
    }
}

fn times(rows: &[Row]) -> Result<Vec<u64>, ReplayError> {
    let error = |line, reason| ReplayError::Line { line, reason };
    if rows.iter().all(|row| matches!(row.time, Time::Absent)) {
        return Err(ReplayError::NoTimes);
    }
    let mut last = 0;
    let time = |row: &Row| match row.time {
        Time::At(us) if us < last => Err(error(row.line, LineError::Back)),
        Time::At(us) => {
            last = us;
            Ok(us)
        }
        Time::Absent | Time::Bad => Err(error(row.line, LineError::Time)),
    };
    rows.iter().map(time).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn data_of(replay: &Replay) -> Vec<String> {
        (0..replay.len() as u64)
            .map(|nth| match replay.data(nth) {
                Data::Text(text) => text.to_owned(),
                Data::Json(value) => value.get().to_owned(),
            })
            .collect()
    }

    fn message(name: &str, text: &str) -> String {
        parse(name, text).unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_series_are_whole_and_have_a_pace() {
        for (name, text) in BUILT_IN {
            let replay = built_in(name).unwrap();
            assert_eq!(replay.len(), text.lines().count());
            assert_eq!(replay.times_us().unwrap().len(), replay.len());
        }
        assert!(built_in("tides").is_none());
    }

    #[test]
    fn a_row_of_csv_is_a_text_and_begins_again_after_the_last() {
        let replay =
            parse("prices.csv", "Time,price\n2024-01-01T00:00:00Z,1.5\n\n2024-01-01T00:00:02Z,\"1,6\"\n").unwrap();
        assert_eq!(data_of(&replay), ["2024-01-01T00:00:00Z,1.5", "2024-01-01T00:00:02Z,\"1,6\""]);
        assert!(matches!(replay.data(2), Data::Text("2024-01-01T00:00:00Z,1.5")));
        let times = replay.times_us().unwrap();
        assert_eq!(times[1] - times[0], 2_000_000);
    }

    #[test]
    fn a_line_of_ndjson_keeps_its_own_words() {
        let replay =
            parse("x.jsonl", "{\"time\":1700000000.5,\"v\":1.0}\r\n{\"time\":1700000001000, \"v\":2}").unwrap();
        assert_eq!(data_of(&replay), ["{\"time\":1700000000.5,\"v\":1.0}", "{\"time\":1700000001000, \"v\":2}"]);
        assert_eq!(replay.times_us().unwrap(), [1_700_000_000_500_000, 1_700_000_001_000_000]);
    }

    #[test]
    fn an_error_names_the_line() {
        assert_eq!(message("a.csv", ""), "there is no event in it");
        assert_eq!(message("a.csv", "time,v\n"), "there is no event in it");
        assert_eq!(message("a.csv", "x,v\n1,2\n\n1\n"), "line 4: 1 fields where the header has 2");
        assert_eq!(message("a", "x\n\"1\n"), "line 2: a quoted field does not end on its line");
        assert!(message("a.ndjson", "{}\n{\"a\":}\n").starts_with("line 2: not a JSON value"));
        let long = format!("{{}}\n\n\"{}\"\n", "x".repeat(PAYLOAD_MAX_BYTES as usize));
        assert!(message("a", &long).starts_with("line 3: its event text would have"));
    }

    #[test]
    fn times_matter_only_to_those_who_ask_for_them() {
        let of = |text| parse("a", text).unwrap().times_us().map(<[u64]>::to_vec).map_err(|error| error.to_string());
        assert!(of("v\n1\n").unwrap_err().contains("no pace of its own"));
        assert_eq!(of("time\n5\n5\n4\n").unwrap_err(), "line 4: its time is before that of the line above");
        assert!(of("time\n5\nnoon\n").unwrap_err().starts_with("line 3: its time is neither"));
        assert!(of("{\"time\":1}\n{\"t\":2}\n").unwrap_err().starts_with("line 2: its time is neither"));
        assert!(of("time\nNaN\n").is_err() && of("time\n-1\n").is_err() && of("time\n1e300\n").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(name in "[a-z]{0,3}(\\.csv|\\.ndjson)?", text: String) {
            if let Ok(replay) = parse(&name, &text) {
                prop_assert!(replay.len() > 0);
                let _ = replay.times_us();
            }
        }

        #[test]
        fn the_line_is_the_one_an_editor_shows(
            before in proptest::collection::vec(prop_oneof![Just(""), Just("{\"v\":1}"), Just("  ")], 0..20),
            end in prop_oneof![Just("\n"), Just("\r\n")],
        ) {
            let mut lines = before.clone();
            lines.push("{\"v\":");
            lines.push("{\"v\":2}");
            let wanted = before.len() + 1;
            match parse("x.ndjson", &lines.join(end)) {
                Err(ReplayError::Line { line, .. }) => prop_assert_eq!(line, wanted),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
