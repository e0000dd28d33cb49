use feedbench_record::Transport;

use super::super::fixture;
use super::*;

fn traces() -> Vec<Trace> {
    let mut traces = fixture::all();
    traces.extend([fixture::polling_with_connections(), fixture::crowded(), fixture::unsteady()]);
    traces
}

fn touch(a: Area, b: Area) -> bool {
    // Areas may share an edge.
    let gap = 1e-6;
    a.left < b.right - gap && b.left < a.right - gap && a.top < b.bottom - gap && b.top < a.bottom - gap
}

#[test]
fn no_two_labels_overlap() {
    for trace in traces() {
        let layout = of(&trace, 60.0);
        for (index, one) in layout.labels.iter().enumerate() {
            for other in &layout.labels[index + 1..] {
                assert!(!touch(one.area(), other.area()), "{}: {one:?} and {other:?}", trace.transport);
            }
        }
    }
}

#[test]
fn every_label_is_inside_the_drawing_and_beside_the_life_lines() {
    for trace in traces() {
        let layout = of(&trace, 60.0);
        for label in &layout.labels {
            let area = label.area();
            assert!(area.left >= 0.0 && area.right <= WIDTH && area.bottom <= layout.bottom, "{label:?}");
            assert!(area.top >= 60.0 - LINE_HEIGHT / 2.0 - 1e-6, "{label:?}");
            if matches!(label.about, About::Step | About::Silence) {
                assert!(area.left > CLIENT_X && area.right < SERVER_X, "{label:?}");
            }
        }
    }
}

#[test]
fn every_step_is_an_arrow_between_its_two_instants() {
    for trace in traces() {
        let layout = of(&trace, 60.0);
        assert_eq!(layout.arrows.len(), trace.steps.len());
        for (step, arrow) in trace.steps.iter().zip(&layout.arrows) {
            let (from, to) = x_of(step.way);
            assert_eq!(arrow.points[0], (from, layout.axis.y(step.sent_us)));
            match (step.kind, step.received_us) {
                (StepKind::Connect, Some(done)) => assert_eq!(arrow.points[2], (from, layout.axis.y(done))),
                (_, Some(received)) => assert_eq!(arrow.points[1], (to, layout.axis.y(received))),
                (_, None) => assert!(arrow.points[1].0 != to, "an arrow that was never read does not arrive"),
            }
        }
    }
}

#[test]
fn a_hold_lasts_from_the_request_to_its_answer() {
    let trace = fixture::trace(Transport::LongPolling);
    let layout = of(&trace, 60.0);
    let held: Vec<_> = layout.labels.iter().filter(|label| label.about == About::Held).collect();
    assert_eq!((layout.holds.len(), held.len()), (5, 5));
    assert!(held.iter().any(|label| label.text == "held for 1.50 s"), "{held:?}");
    assert!(of(&fixture::trace(Transport::Polling), 60.0).holds.is_empty());
}

#[test]
fn connections_that_live_one_after_the_other_share_a_lane() {
    let layout = of(&fixture::polling_with_connections(), 60.0);
    assert_eq!(layout.lives.iter().map(|life| life.lane).collect::<Vec<_>>(), [0; 4]);
}
