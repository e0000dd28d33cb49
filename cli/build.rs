//! Tells the command which commit it was built from and which libraries it stands on: both belong in every record.

use std::path::Path;
use std::process::Command;

/// The libraries that touch what is measured.
const LIBRARIES: [&str; 11] = [
    "hyper",
    "hyper-util",
    "tokio",
    "tokio-tungstenite",
    "tungstenite",
    "hdrhistogram",
    "plotters",
    "httparse",
    "h2",
    "rustls",
    "flate2",
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    println!("cargo::rerun-if-changed={}", root.join("Cargo.lock").display());
    println!("cargo::rustc-env=FEEDBENCH_LIBRARIES={}", libraries(&root.join("Cargo.lock")));
    if let Some(commit) = commit(&root) {
        println!("cargo::rustc-env=FEEDBENCH_COMMIT={commit}");
    }
    for watched in ["HEAD", "index"] {
        let path = root.join(".git").join(watched);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}

/// `name=version` pairs from the lock file, joined by commas.
fn libraries(lock: &Path) -> String {
    let text = std::fs::read_to_string(lock).unwrap_or_default();
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let name = line.strip_prefix("name = \"").and_then(|rest| rest.strip_suffix('"'));
        let Some(name) = name.filter(|name| LIBRARIES.contains(name)) else { continue };
        let version = lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
        found.extend(version.map(|version| format!("{name}={version}")));
    }
    found.join(",")
}

/// The commit, with `+changes` when tracked files differ from it; nothing outside a checkout.
fn commit(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| !changes.is_empty());
    Some(if changed { format!("{commit}+changes") } else { commit })
}
