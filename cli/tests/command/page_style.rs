//! The page draws with the colours, dashes, markers and names of the reports.

use std::fs;
use std::path::Path;

use feedbench_record::trace::{StepKind, What};
use feedbench_record::{Layer, Transport};
use feedbench_reports::{appearance, layer_hex};

fn file_of_the_page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/page").join(name)).unwrap()
}

/// The lines between `export const NAME = {` and `};`.
fn constant<'a>(script: &'a str, name: &str) -> Vec<&'a str> {
    let (_, after) = script.split_once(&format!("export const {name} = {{\n")).unwrap();
    after.split_once("\n};").unwrap().0.lines().map(str::trim).collect()
}

/// Every value of an enum, as its schema lists them, with its id.
fn all<T: schemars::JsonSchema + serde::de::DeserializeOwned>() -> Vec<(String, T)> {
    let schema = schemars::schema_for!(T).to_value();
    let values = schema["oneOf"].as_array().unwrap().iter().map(|one| &one["const"]);
    values.map(|id| (id.as_str().unwrap().to_owned(), serde_json::from_value(id.clone()).unwrap())).collect()
}

#[test]
fn transports_look_as_in_the_reports() {
    let expected = Transport::ALL.map(|transport| {
        let look = appearance(transport);
        let dash = look.dash.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
        format!("\"{transport}\": {{ colour: \"{}\", dash: [{dash}], marker: \"{}\" }},", look.colour, look.marker)
    });
    assert_eq!(constant(&file_of_the_page("style.js"), "transports"), expected);
}

#[test]
fn layers_have_the_colours_and_the_order_of_the_reports() {
    let expected = Layer::ALL.map(|layer| format!("{}: \"{}\",", layer.id(), layer_hex(layer)));
    assert_eq!(constant(&file_of_the_page("style.js"), "layers"), expected);
}

#[test]
fn layers_steps_and_runs_have_names_in_both_languages() {
    let layers = all::<Layer>().into_iter().map(|(id, layer)| (format!("layer.{id}"), layer.title()));
    let steps = all::<StepKind>().into_iter().map(|(id, step)| (format!("step.{id}"), step.title()));
    let runs = all::<What>().into_iter().map(|(id, what)| (format!("run.{id}"), what.title()));
    let script = file_of_the_page("words/views.js");
    let words = constant(&script, "words");
    for (key, title) in layers.chain(steps).chain(runs) {
        let start = format!("\"{key}\": {{ en: \"{title}\", zh: \"");
        let line = words.iter().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no line {start}"));
        assert!(!line[start.len()..].starts_with('"'), "{key} has no Chinese name");
    }
}
