//! Which coding of the content a client takes (RFC 9110 section 12.5.3), and the fields that name it.

use feedbench_record::scenario::Compression;
use hyper::Response;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue, VARY};

use crate::site::Site;

/// Is the answer to a request compressed? Only if the scenario says so, and the client takes gzip.
pub(super) fn is_gzip(fields: &HeaderMap, site: &Site) -> bool {
    site.rules.compression != Compression::None && takes_gzip(fields)
}

/// Names the coding of an answer's content.
pub(super) fn say_gzip<B>(answer: &mut Response<B>) {
    answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    answer.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
}

/// What is said of gzip counts more than what is said of everything.
fn takes_gzip(fields: &HeaderMap) -> bool {
    let lists = || fields.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let taken = |coding: &str| {
        let mut items = lists().flat_map(|list| list.split(',')).map(|item| item.split_once(';').unwrap_or((item, "")));
        let (_, weight) = items.find(|(name, _)| name.trim().eq_ignore_ascii_case(coding))?;
        Some(!is_zero(weight))
    };
    taken("gzip").or_else(|| taken("*")).unwrap_or(false)
}

/// A weight of 0 is a refusal (section 12.4.2).
fn is_zero(weight: &str) -> bool {
    let value = weight.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    value.is_some_and(|(_, value)| value.trim().parse() == Ok(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_where_it_or_everything_is_and_not_refused() {
        for (list, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("gzip, deflate, br, zstd", true),
            ("*", true),
            ("br;q=1, *;q=0.1", true),
            ("", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip ; q = 0.000, *", false),
            ("*;q=0", false),
            ("xgzip", false),
        ] {
            let mut fields = HeaderMap::new();
            fields.insert(ACCEPT_ENCODING, HeaderValue::from_static(list));
            assert_eq!(takes_gzip(&fields), expected, "{list}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
