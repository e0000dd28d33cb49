//! Real runs are measured with a distance of the load generator's own making, in user space. It is as far as a network is.

use crate::simulation::{READY_MS, Simulation, TRANSIT_MS, every_way};

#[test]
fn a_link_in_user_space_is_as_far_as_a_network_of_the_same_transit() {
    for way in every_way() {
        let mut far = Simulation::new(way, [0, 1, 60, 99, 250, 1_000, 1_777].map(|ms| READY_MS + ms));
        far.scenario.clients = 3;
        far.scenario.interval_ms = 500;
        // All but 2 ms each way are the link's.
        let mut near = far.clone();
        near.transit_ms = 2;
        near.scenario.rtt_ms = 2 * (TRANSIT_MS - 2);
        let [far, near] = [far.run(), near.run()];
        near.assert_undisturbed(3);
        assert_eq!(near.latencies_ms(), far.latencies_ms(), "{way:?}");
        assert_eq!(near.connect_times_ms(), far.connect_times_ms());
        assert_eq!(near.load.polls, far.load.polls);
        assert_eq!(near.load.bytes, far.load.bytes);
    }
}
