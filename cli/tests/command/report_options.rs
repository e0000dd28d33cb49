//! The options of the report and of a comparison: what is refused.

use crate::common::{demand_refusal, feedbench};

#[test]
fn a_wrong_choice_is_named_with_those_that_there_are() {
    for (arguments, says) in [
        (&["run", "--lang", "fr"][..], "en, zh"),
        (&["run", "--style", "poster"], "page, slide, paper"),
        (&["report", "results", "--format", "svg,gif"], "svg, png, pdf"),
        (&["compare", "a"], "<B>"),
        (&["compare", "a", "b", "--lang", "fr"], "en, zh"),
        (&["compare", "a", "b", "--fail-on", "p99"], "p99>10%"),
        (&["compare", "a", "b", "--fail-on", "p98>1%"], "p90, p99, p99.9"),
    ] {
        demand_refusal(&mut feedbench(arguments), says);
    }
}
