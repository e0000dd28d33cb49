//! The JSON Schemas (draft 2020-12) of the documents that scripts read. The files under `schema/` are the contract;
//! a test holds them equal to the types.

use crate::browsers::Browsers;
use crate::run::Record;
use crate::summary::Summary;

/// The schema of a record.
pub fn record() -> serde_json::Value {
    schemars::schema_for!(Record).to_value()
}

/// The schema of the document that `--json` prints.
pub fn summary() -> serde_json::Value {
    schemars::schema_for!(Summary).to_value()
}

/// The schema of what `feedbench browsers` writes.
pub fn browsers() -> serde_json::Value {
    schemars::schema_for!(Browsers).to_value()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::path::Path;

    /// With `FEEDBENCH_WRITE_SCHEMA` set, the files are written instead of compared.
    fn compare(name: &str, schema: &serde_json::Value) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
        let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
        if std::env::var_os("FEEDBENCH_WRITE_SCHEMA").is_some() {
            std::fs::write(&path, text).unwrap();
        } else {
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{name}: the types changed; a new version?");
        }
    }

    #[test]
    fn the_schema_files_are_those_of_the_types() {
        compare("record-v1.json", &record());
        compare("summary-v1.json", &summary());
        compare("browsers-v1.json", &browsers());
    }
}
