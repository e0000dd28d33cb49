//! Two request heads, field by field.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One field of a request head at both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// Its name, in the case in which it is sent.
    pub name: String,
    /// The browser's value; `null` when it does not send the field.
    pub browser: Option<String>,
    /// The imitation's value; `null` when it does not send the field.
    pub imitation: Option<String>,
    /// Where a difference comes from, as far as it is known.
    pub cause: Option<Cause>,
}

/// How a field of the imitation relates to the browser's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same name and value.
    Same,
    /// The same name and another value.
    Other,
    /// The browser sends it and the imitation does not.
    Missing,
    /// The imitation sends it and the browser does not.
    Extra,
}

/// Why a field differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A browser without a window says so in its name.
    Headless,
    /// The page and the transport have ports of their own: the request is cross-origin.
    OtherPort,
    /// The page has a longer address than the profile's.
    PageAddress,
    /// The page asks past the browser's cache.
    PastCache,
    /// The browser has another version than the profile.
    Version,
    /// The browser speaks another language than the profile.
    Language,
}

impl Field {
    /// Same, other, missing or extra.
    pub fn outcome(&self) -> Outcome {
        match (&self.browser, &self.imitation) {
            (Some(browser), Some(imitation)) if browser == imitation => Outcome::Same,
            (Some(_), Some(_)) => Outcome::Other,
            (_, None) => Outcome::Missing,
            (None, Some(_)) => Outcome::Extra,
        }
    }

    /// By how many bytes of its line the browser's head is longer than the imitation's.
    pub fn longer_by(&self) -> i64 {
        let line = |value: &Option<String>| {
            value.as_ref().map_or(0, |value| (self.name.len() + ": \r\n".len() + value.len()) as i64)
        };
        line(&self.browser) - line(&self.imitation)
    }
}

/// The fields of two heads: those of the imitation in their order, then those that only the browser sends. A name is the
/// same only in the same case; a name that comes several times is paired in its order.
pub fn fields(browser: &str, imitation: &str) -> Vec<Field> {
    let mut theirs: Vec<_> = lines(browser).collect();
    let mut paired: Vec<_> = lines(imitation)
        .map(|(name, ours)| {
            let at = theirs.iter().position(|(their_name, _)| *their_name == name);
            field(name, at.map(|at| theirs.remove(at).1), Some(ours))
        })
        .collect();
    paired.extend(theirs.into_iter().map(|(name, value)| field(name, Some(value), None)));
    let host = value_of(&paired, "Host").unwrap_or_default();
    for field in &mut paired {
        field.cause = cause(field, &host);
    }
    paired
}

/// The names and values of a head, without its start line and its blank line.
fn lines(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.split("\r\n").skip(1).filter_map(|line| line.split_once(": "))
}

fn field(name: &str, browser: Option<&str>, imitation: Option<&str>) -> Field {
    let owned = |value: Option<&str>| value.map(str::to_owned);
    Field { name: name.to_owned(), browser: owned(browser), imitation: owned(imitation), cause: None }
}

fn value_of(fields: &[Field], name: &str) -> Option<String> {
    fields.iter().find(|field| field.name == name)?.browser.clone()
}

fn cause(field: &Field, host: &str) -> Option<Cause> {
    let (browser, imitation) = (field.browser.as_deref(), field.imitation.as_deref());
    if browser == imitation {
        return None;
    }
    let without_digits = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    match (field.name.as_str(), browser, imitation) {
        ("Origin", _, _) | ("Sec-Fetch-Site", Some("same-site"), _) => Some(Cause::OtherPort),
        ("Referer", Some(referer), _) => {
            let own = referer.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host));
            Some(if own.is_some_and(|rest| rest.starts_with('/')) { Cause::PageAddress } else { Cause::OtherPort })
        }
        ("Accept-Language", Some(_), Some(_)) => Some(Cause::Language),
        ("Pragma" | "Cache-Control", Some("no-cache"), None) => Some(Cause::PastCache),
        ("User-Agent", Some(browser), Some(imitation)) => {
            let with_window = browser.replace("HeadlessChrome", "Chrome");
            let is_version = without_digits(&with_window) == without_digits(imitation);
            (with_window == imitation).then_some(Cause::Headless).or(is_version.then_some(Cause::Version))
        }
        ("sec-ch-ua", Some(_), Some(_)) => Some(Cause::Version),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IMITATION: &str = "GET /sse HTTP/1.1\r\nHost: 127.0.0.1:81\r\nUser-Agent: M Chrome/156.0\r\nAccept: */*\r\n\
        Sec-Fetch-Site: same-origin\r\nReferer: http://127.0.0.1:81/\r\nDNT: 1\r\n\r\n";

    fn outcome_of(fields: &[Field], name: &str) -> (Outcome, Option<Cause>) {
        let field = fields.iter().find(|field| field.name == name).unwrap();
        (field.outcome(), field.cause)
    }

    #[test]
    fn each_field_is_the_same_or_another_or_missing_or_extra() {
        let browser = "GET /sse HTTP/1.1\r\nAccept: */*\r\nHost: 127.0.0.1:81\r\nOrigin: http://127.0.0.1:80\r\n\
            Referer: http://127.0.0.1:80/\r\nSec-Fetch-Site: same-site\r\nUser-Agent: M HeadlessChrome/156.0\r\n\r\n";
        let fields = fields(browser, IMITATION);
        assert_eq!(outcome_of(&fields, "Accept"), (Outcome::Same, None));
        assert_eq!(outcome_of(&fields, "User-Agent"), (Outcome::Other, Some(Cause::Headless)));
        assert_eq!(outcome_of(&fields, "Origin"), (Outcome::Missing, Some(Cause::OtherPort)));
        assert_eq!(outcome_of(&fields, "Referer"), (Outcome::Other, Some(Cause::OtherPort)));
        assert_eq!(outcome_of(&fields, "Sec-Fetch-Site"), (Outcome::Other, Some(Cause::OtherPort)));
        assert_eq!(outcome_of(&fields, "DNT"), (Outcome::Extra, None));
    }

    #[test]
    fn a_page_of_the_same_port_has_only_a_longer_address() {
        let browser = IMITATION.replace("127.0.0.1:81/\r\n", "127.0.0.1:81/page/alone.html\r\n");
        let fields = fields(&browser, IMITATION);
        assert_eq!(outcome_of(&fields, "Referer"), (Outcome::Other, Some(Cause::PageAddress)));
    }

    #[test]
    fn another_version_is_no_mystery_and_another_product_is() {
        let agent = |agent: &str| IMITATION.replace("M Chrome/156.0", agent);
        let newer = fields(&agent("M HeadlessChrome/157.1"), IMITATION);
        assert_eq!(outcome_of(&newer, "User-Agent"), (Outcome::Other, Some(Cause::Version)));
        let other = fields(&agent("M Firefox/153.0"), IMITATION);
        assert_eq!(outcome_of(&other, "User-Agent"), (Outcome::Other, None));
    }

    proptest! {
        #[test]
        fn the_lengths_of_two_heads_differ_by_what_their_fields_do(
            ours in prop::collection::vec(("[A-C]", "[a-z]{0,8}"), 0..8),
            theirs in prop::collection::vec(("[A-C]", "[a-z]{0,8}"), 0..8),
        ) {
            let head = |fields: &[(String, String)]| {
                let lines: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                format!("GET / HTTP/1.1\r\n{lines}\r\n")
            };
            let (browser, imitation) = (head(&theirs), head(&ours));
            let sum: i64 = fields(&browser, &imitation).iter().map(Field::longer_by).sum();
            prop_assert_eq!(sum, browser.len() as i64 - imitation.len() as i64);
        }

        #[test]
        fn a_head_in_another_order_is_the_same(mut lines in prop::collection::vec(("[A-Z]{1,3}", "[a-z]{0,8}"), 0..8)) {
            lines.sort();
            lines.dedup_by(|one, other| one.0 == other.0);
            let head = |lines: &[(String, String)]| {
                let lines: String = lines.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                format!("GET / HTTP/1.1\r\n{lines}\r\n")
            };
            let one = head(&lines);
            lines.reverse();
            prop_assert!(fields(&head(&lines), &one).iter().all(|field| field.outcome() == Outcome::Same));
        }
    }
}
