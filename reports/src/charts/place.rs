//! Labels that do not overlap.

/// Moves labels apart, as little as possible: the middle of each label (px) for each wanted one, at least `height`
/// apart, in the same order, between `low` and `high`. If they do not fit, they are spread evenly over the room.
pub(crate) fn place(wanted: &[f64], height: f64, low: f64, high: f64) -> Vec<f64> {
    let Some(gaps) = wanted.len().checked_sub(1) else { return Vec::new() };
    let room = (high - low).max(0.0);
    let height = if gaps > 0 { height.min(room / gaps as f64) } else { height };
    let mut order: Vec<_> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    // Less its place in the order, each label only has to be no higher than the one before: an isotonic regression,
    // found by pooling neighbours that stand in the wrong order at their mean.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (place, &index) in order.iter().enumerate() {
        let mut pool = (wanted[index] - place as f64 * height, 1);
        while let Some(&(mean, members)) = pools.last().filter(|(mean, _)| *mean > pool.0) {
            let both = members + pool.1;
            pool = ((mean * members as f64 + pool.0 * pool.1 as f64) / both as f64, both);
            pools.pop();
        }
        pools.push(pool);
    }
    let means = pools.into_iter().flat_map(|(mean, members)| std::iter::repeat_n(mean, members));
    let ceiling = (high - gaps as f64 * height).max(low);
    let mut placed = vec![0.0; wanted.len()];
    for ((place, &index), mean) in order.iter().enumerate().zip(means) {
        placed[index] = mean.clamp(low, ceiling) + place as f64 * height;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_that_have_room_stay_where_they_are() {
        assert_eq!(place(&[80.0, 10.0, 40.0], 15.0, 0.0, 100.0), [80.0, 10.0, 40.0]);
    }

    #[test]
    fn labels_at_one_place_are_spread_around_it() {
        assert_eq!(place(&[50.0, 50.0, 50.0], 10.0, 0.0, 100.0), [40.0, 50.0, 60.0]);
    }

    proptest! {
        #[test]
        fn labels_never_overlap_and_never_leave_their_room(
            wanted in proptest::collection::vec(-100.0f64..500.0, 0..24),
            height in 1.0f64..16.0,
        ) {
            let (low, high) = (0.0, 400.0);
            let placed = place(&wanted, height, low, high);
            prop_assert_eq!(placed.len(), wanted.len());
            let mut order: Vec<_> = (0..wanted.len()).collect();
            order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
            for pair in order.windows(2) {
                prop_assert!(placed[pair[1]] - placed[pair[0]] >= height - 1e-6);
            }
            prop_assert!(placed.iter().all(|y| (low - 1e-6..=high + 1e-6).contains(y)));
        }

        #[test]
        fn too_many_labels_are_spread_evenly(count in 2usize..60) {
            let placed = place(&vec![50.0; count], 20.0, 0.0, 100.0);
            prop_assert!(placed.iter().all(|y| (-1e-6..=100.0 + 1e-6).contains(y)));
            let gap = (100.0 / (count - 1) as f64).min(20.0);
            prop_assert!(placed.windows(2).all(|pair| (pair[1] - pair[0] - gap).abs() < 1e-6));
        }
    }
}
