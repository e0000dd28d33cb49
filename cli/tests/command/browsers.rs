//! `feedbench browsers` where something that it needs is missing.

use crate::common::refusal;
use std::path::Path;
use std::process::{Command, Output};

/// The command alone in a folder, with nothing in PATH but this folder.
fn alone(folder: &Path, arguments: &[&str]) -> Output {
    let command = folder.join("feedbench");
    if !command.exists() {
        let built = env!("CARGO_BIN_EXE_feedbench");
        std::fs::hard_link(built, &command).or_else(|_| std::fs::copy(built, &command).map(drop)).unwrap();
    }
    Command::new(command).arg("browsers").args(arguments).env("PATH", folder).output().unwrap()
}

#[test]
fn a_missing_second_binary_is_named_with_how_to_build_it() {
    let folder = tempfile::tempdir().unwrap();
    let errors = refusal(&alone(folder.path(), &[]));
    assert!(errors.contains("cargo build --release -p feedbench-browsers"), "{errors}");
}

#[test]
fn a_missing_browser_is_named_with_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("feedbench-browsers"), "").unwrap();
    let errors = refusal(&alone(folder.path(), &[]));
    assert!(errors.contains("install chromium"), "{errors}");
    let errors = refusal(&alone(folder.path(), &["--browser", "/no/such/browser"]));
    assert!(errors.contains("/no/such/browser"), "{errors}");
    for name in ["chromium", "firefox"] {
        let errors = refusal(&alone(folder.path(), &["--browser", name]));
        assert!(errors.contains(&format!("install {name}")), "{errors}");
    }
}

#[test]
fn values_that_measure_nothing_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in [
        ["--clients", "0"],
        ["--clients", "101"],
        ["--rate", "0"],
        ["--rate", "100000"],
        ["--payload", "10"],
        ["--interval", "0"],
        ["--duration", "10ms"],
        ["--headers", "no-such"],
    ] {
        let errors = refusal(&alone(folder.path(), &wrong));
        assert!(errors.contains(wrong[0]), "{wrong:?}: {errors}");
    }
}
