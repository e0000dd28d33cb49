//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1).

/// The elements of a list, each trimmed: extensions at commas, their parameters at semicolons. A separator within quotes is
/// none.
pub(super) fn split(list: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let elements = list.split(move |c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    });
    elements.map(str::trim)
}

/// The name of a parameter and its value without quotes.
pub(super) fn parameter(text: &str) -> (&str, Option<&str>) {
    let Some((name, value)) = text.split_once('=') else { return (text, None) };
    let value = value.trim();
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    (name.trim(), Some(inner.unwrap_or(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_split_outside_of_quotes() {
        let list = r#"a; x="1,2;3"; y = 4 , b,"#;
        assert_eq!(split(list, ',').collect::<Vec<_>>(), [r#"a; x="1,2;3"; y = 4"#, "b", ""]);
        let parameters: Vec<_> = split(r#"a; x="1,2;3"; y = 4"#, ';').map(parameter).collect();
        assert_eq!(parameters, [("a", None), ("x", Some("1,2;3")), ("y", Some("4"))]);
    }
}
