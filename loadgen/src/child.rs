//! The load generator in a process of its own: orders on standard input, answers on standard output.

use anyhow::bail;
use feedbench_wire::control::{self, LoadAnswer, LoadOrder};
use feedbench_wire::{Clock, sys};

use crate::cell;

/// Runs one cell as the parent orders, and ends with the process's standard input.
///
/// # Errors
/// When the parent's first order is another one, or the cell cannot go on; the parent is told first.
pub fn run() -> anyhow::Result<()> {
    let mut orders = control::orders::<LoadOrder>();
    let Some(LoadOrder::Load(plan)) = orders.blocking_recv() else { bail!("the first order is to load") };
    sys::files::raise_limit();
    let result = sys::cores::keep_to(&plan.cores)
        .map_err(anyhow::Error::from)
        .and_then(|()| cell::run(*plan, Clock::Monotonic, orders, |answer| control::answer(&answer), None));
    if let Err(error) = &result {
        control::answer(&LoadAnswer::Failed(format!("{error:#}")));
    }
    // The parent decides when this process ends: by closing its standard input.
    loop {
        std::thread::park();
    }
}
