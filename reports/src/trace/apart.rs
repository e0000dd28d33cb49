//! Labels of different heights that do not overlap. The labels of a chart are all of one height: `charts::place`.

/// Heights of labels that do not touch, each as near as can be to its wish: `wishes` are the wished middle and the height
/// of each (px). None begins above `top`.
pub(super) fn apart(wishes: &[(f64, f64)], top: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_by(|&a, &b| wishes[a].0.total_cmp(&wishes[b].0));
    // Without the height of all labels above it, a label's wish is a number that must not fall from label to label: labels
    // that want the same place become a block, at the mean of their wishes.
    let mut above = 0.0;
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for &index in &order {
        let (wish, height) = wishes[index];
        let mut block = (wish - height / 2.0 - above, 1);
        above += height;
        while let Some(before) = blocks.pop_if(|before| before.0 > block.0) {
            let number = before.1 + block.1;
            block = ((before.0 * before.1 as f64 + block.0 * block.1 as f64) / number as f64, number);
        }
        blocks.push(block);
    }
    let mut places = vec![0.0; wishes.len()];
    let mut above = 0.0;
    let starts = blocks.into_iter().flat_map(|(start, number)| std::iter::repeat_n(start.max(top), number));
    for (&index, start) in order.iter().zip(starts) {
        let height = wishes[index].1;
        places[index] = start + above + height / 2.0;
        above += height;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn labels_never_overlap_whatever_they_wish(wishes in prop::collection::vec((0.0..900.0, 10.0..40.0), 0..40)) {
            let places = apart(&wishes, 5.0);
            let mut areas: Vec<_> = places.iter().zip(&wishes).map(|(y, (_, height))| (y - height / 2.0, y + height / 2.0)).collect();
            areas.sort_by(|a, b| a.0.total_cmp(&b.0));
            prop_assert!(areas.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 1e-6));
            prop_assert!(areas.iter().all(|area| area.0 >= 5.0 - 1e-6));
        }

        #[test]
        fn labels_that_have_room_stay_where_they_wish(gaps in prop::collection::vec(20.0..90.0, 1..20)) {
            let mut y = 30.0;
            let wishes: Vec<(f64, f64)> = gaps.iter().map(|gap| { y += gap; (y, 20.0) }).collect();
            for (place, (wish, _)) in apart(&wishes, 0.0).iter().zip(&wishes) {
                prop_assert!((place - wish).abs() < 1e-6);
            }
        }
    }
}
