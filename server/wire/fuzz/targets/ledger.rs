//! Any conversation: nothing panics, every byte has one layer, and no split changes any. `scripts/fuzz` runs it.
#![no_main]

#[path = "../../tests/ledger/script.rs"]
mod script;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    script::check(&script::runs(bytes));
});
