//! The page's one script. It comes with the page, and the page allows no other one: a policy names it by its hash, so that
//! not even a text of a record that were taken for markup could run.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// What makes charts answer to pointer and keyboard.
pub(super) const SCRIPT: &str = include_str!("../../templates/report/page.js");

/// The Content-Security-Policy of the page (CSP Level 3): its own style, its own script, nothing from elsewhere.
pub(super) fn policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(SCRIPT));
    format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_does_not_end_its_own_element() {
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"), "{SCRIPT}");
        assert!(!SCRIPT.contains('\r'), "a browser reads it as a line feed, and the hash would be another one");
    }
}
