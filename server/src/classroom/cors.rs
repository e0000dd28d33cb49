//! What lets the page read answers that come from another port than its own (Fetch Standard section 3.2).

use feedbench_wire::path;
use hyper::Response;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderName,
    HeaderValue, ORIGIN, VARY,
};

use crate::answer::Body;

/// The fields that are there for it.
pub(super) const FIELDS: [HeaderName; 4] =
    [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_EXPOSE_HEADERS, VARY];

/// Lets a page of this origin read the answer, and a cookie come with the question.
pub fn allow(answer: &mut Response<Body>, origin: &str) {
    // An origin equals one that was made here, so it is visible ASCII.
    let Ok(origin) = HeaderValue::from_str(origin) else { return };
    let exposed = HeaderValue::from_static(path::CURSOR_FIELD);
    let values = [origin, HeaderValue::from_static("true"), exposed, HeaderValue::from_name(ORIGIN)];
    for (name, value) in FIELDS.into_iter().zip(values) {
        answer.headers_mut().insert(name, value);
    }
}
