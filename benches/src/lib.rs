//! Benchmarks of the hot paths and the scenarios
