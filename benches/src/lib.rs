//! The benchmarks are in `benches/`, one file for each part of the hot path: `cargo bench -p feedbench-benches`.
//! The suites are in `scenarios/`, one TOML file each; the command compiles them in.
