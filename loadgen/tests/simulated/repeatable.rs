//! The same run twice is the same record, to the last byte.

use feedbench_record::scenario::{Arrivals, Recycle};
use feedbench_server::schedule::TopicArrivals;
use feedbench_wire::control::LoadResult;

use crate::simulation::{READY_MS, Simulation, every_way};

/// Every figure of a record, by name.
fn fields(load: &LoadResult) -> serde_json::Map<String, serde_json::Value> {
    let serde_json::Value::Object(fields) = serde_json::to_value(load).unwrap() else { panic!("a record has fields") };
    fields
}

#[test]
fn the_same_seed_gives_the_same_record() {
    for way in every_way() {
        let arrivals = TopicArrivals::new(Arrivals::Poisson, 20.0, 7, 0).map(|at_us| READY_MS + at_us / 1_000);
        let published_ms: Vec<u64> = arrivals.take(40).collect();
        let mut simulation = Simulation::new(way, published_ms);
        simulation.scenario.clients = 20;
        simulation.scenario.synchronised = false;
        simulation.scenario.recycle = Some(Recycle::Ms(777));
        let [first, second] = [simulation.run(), simulation.run()];
        first.assert_undisturbed(20);
        for (name, value) in fields(&first.load) {
            assert_eq!(value, fields(&second.load)[&name], "{name}: {way:?}");
        }
        assert_eq!(first.server, second.server, "{way:?}");
    }
}
