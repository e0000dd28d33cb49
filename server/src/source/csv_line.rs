//! The fields of one line of CSV (RFC 4180 section 2).

use std::borrow::Cow;

/// A line that is no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// A quoted field does not end on this line.
    #[error("a quoted field does not end on its line")]
    Open,
    /// Text after the closing quote.
    #[error("text after a closing quote")]
    AfterQuote,
}

/// Splits a line into its fields. A field in double quotes may hold commas, and quotes written twice.
///
/// # Errors
/// When a quoted field is not closed, or goes on after its closing quote.
pub fn fields(line: &str) -> Result<Vec<Cow<'_, str>>, CsvError> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => rest.find(',').map_or((rest.into(), ""), |comma| (rest[..comma].into(), &rest[comma..])),
        };
        fields.push(field);
        if after.is_empty() {
            return Ok(fields);
        }
        rest = after.strip_prefix(',').ok_or(CsvError::AfterQuote)?;
    }
}

/// The field that begins after an opening quote, and what follows its closing quote.
fn quoted_field(quoted: &str) -> Result<(Cow<'_, str>, &str), CsvError> {
    let mut from = 0;
    loop {
        let quote = from + quoted[from..].find('"').ok_or(CsvError::Open)?;
        match quoted[quote + 1..].starts_with('"') {
            true => from = quote + 2,
            false if from == 0 => return Ok((quoted[..quote].into(), &quoted[quote + 1..])),
            false => return Ok((quoted[..quote].replace("\"\"", "\"").into(), &quoted[quote + 1..])),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_split_at_commas_outside_quotes() {
        assert_eq!(fields("").unwrap(), [""]);
        assert_eq!(fields("a,,b,").unwrap(), ["a", "", "b", ""]);
        assert_eq!(fields(r#""a,b","say ""hi""",c"#).unwrap(), ["a,b", r#"say "hi""#, "c"]);
        assert_eq!(fields(r#""""""#).unwrap(), ["\""]);
        assert_eq!(fields(r#""a"#), Err(CsvError::Open));
        assert_eq!(fields(r#""a"b,c"#), Err(CsvError::AfterQuote));
    }

    proptest! {
        #[test]
        fn what_was_quoted_comes_back(wanted in proptest::collection::vec("[^\r\n]*", 1..6)) {
            let quoted: Vec<_> = wanted.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
            let line = quoted.join(",");
            prop_assert_eq!(fields(&line).unwrap(), wanted);
        }

        #[test]
        fn no_line_makes_it_panic(line: String) {
            let _ = fields(&line);
        }
    }
}
