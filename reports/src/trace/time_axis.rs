//! From instants to heights. Microseconds and seconds do not fit on one linear scale, so silence is cut out: between two
//! instants that are close the scale is linear, and the same everywhere; a longer gap is a break, whose height says nothing.

/// The height of a break (px), if no label needs more.
const BREAK_PX: f64 = 54.0;
/// The longest gap that is drawn to scale (px).
const LINEAR_MAX_PX: f64 = 100.0;

/// A gap that is not drawn to scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Break {
    pub(crate) from_us: u64,
    pub(crate) to_us: u64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// The axis of a ladder, downwards.
#[derive(Debug)]
pub(crate) struct TimeAxis {
    /// Each instant of the trace (us) with its height (px), in order.
    points: Vec<(u64, f64)>,
    breaks: Vec<Break>,
    px_per_us: f64,
}

impl TimeAxis {
    /// An axis through all instants (us), the first at `top` (px). Where labels of `label_px` for every second instant
    /// need more room than a busy stretch has, the breaks beside it give it.
    pub(crate) fn new(mut instants: Vec<u64>, px_per_us: f64, label_px: f64, top: f64) -> TimeAxis {
        instants.sort_unstable();
        let is_close = |from: &u64, to: &u64| (to - from) as f64 * px_per_us <= LINEAR_MAX_PX;
        let mut axis = TimeAxis { points: Vec::new(), breaks: Vec::new(), px_per_us };
        let mut lacking_before = 0.0;
        for stretch in instants.chunk_by(is_close) {
            let (first, last) = (stretch[0], stretch[stretch.len() - 1]);
            let length = (last - first) as f64 * px_per_us;
            let lacking = (label_px * stretch.len() as f64 / 2.0 - length).max(0.0) / 2.0;
            let mut start = top;
            if let Some(&(from_us, from)) = axis.points.last() {
                start = from + BREAK_PX + lacking_before + lacking;
                axis.breaks.push(Break { from_us, to_us: first, top: from, bottom: start });
            }
            axis.points.extend(stretch.iter().map(|&us| (us, start + (us - first) as f64 * px_per_us)));
            lacking_before = lacking;
        }
        axis.points.dedup_by_key(|&mut (us, _)| us);
        axis
    }

    /// The height of an instant: exact for those of the trace, in proportion between two of them.
    pub(crate) fn y(&self, us: u64) -> f64 {
        let after = self.points.partition_point(|&(at, _)| at < us);
        match (after.checked_sub(1).and_then(|before| self.points.get(before)), self.points.get(after)) {
            (_, Some(&(at, y))) if at == us => y,
            (Some(&(from_us, from)), Some(&(to_us, to))) => {
                from + (to - from) * (us - from_us) as f64 / (to_us - from_us) as f64
            }
            (Some(&(_, y)), None) | (None, Some(&(_, y))) => y,
            (None, None) => 0.0,
        }
    }

    pub(crate) fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// The last height.
    pub(crate) fn bottom(&self) -> f64 {
        self.points.last().map_or(0.0, |&(_, y)| y)
    }

    /// A round duration (us) that is long enough to show the scale, and its height (px).
    pub(crate) fn sample(&self) -> (u64, f64) {
        let round = (0..12).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
        let mut lengths = round.map(|us| (us, us as f64 * self.px_per_us));
        lengths.find(|&(_, px)| px >= 30.0).unwrap_or((1, self.px_per_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_close_is_to_scale_and_silence_is_a_break() {
        let axis = TimeAxis::new(vec![1_000_200, 0, 100, 300, 100, 1_000_000], 0.25, 10.0, 40.0);
        assert_eq!([0, 100, 300].map(|us| axis.y(us)), [40.0, 65.0, 115.0]);
        assert_eq!(axis.breaks(), [Break { from_us: 300, to_us: 1_000_000, top: 115.0, bottom: 115.0 + BREAK_PX }]);
        assert_eq!(axis.y(1_000_200) - axis.y(1_000_000), 50.0, "the scale is the same behind a break");
        assert_eq!(axis.y(50), 52.5);
        assert_eq!(axis.sample(), (200, 50.0));
    }

    #[test]
    fn a_break_is_higher_where_labels_need_its_room() {
        let crowd = vec![0, 1_000_000, 1_000_001, 1_000_002, 1_000_003, 1_000_004, 1_000_005];
        let axis = TimeAxis::new(crowd, 0.25, 20.0, 0.0);
        assert_eq!(axis.y(1_000_005) - axis.y(1_000_000), 1.25, "the scale stays");
        assert!(axis.y(1_000_000) > BREAK_PX + 20.0);
    }

    #[test]
    fn an_axis_without_instants_has_a_height_for_any() {
        let axis = TimeAxis::new(Vec::new(), 1.0, 10.0, 10.0);
        assert_eq!((axis.y(5), axis.bottom()), (0.0, 0.0));
    }
}
