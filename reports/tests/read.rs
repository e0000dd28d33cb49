//! Files to records, and the errors: each names the file as it was given and says what to do.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use feedbench_record::{Record, Transport};
use feedbench_reports::{ReadError, Readable, read_readable, read_records};

fn save(folder: &Path, record: &Record) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(format!("{}.json", record.id));
    fs::write(&path, serde_json::to_string(record).unwrap()).unwrap();
    path
}

fn results(folder: &Path) -> PathBuf {
    common::suite().iter().rev().for_each(|record| drop(save(&folder.join("records"), record)));
    fs::write(folder.join("environment.json"), "{}").unwrap();
    folder.to_path_buf()
}

/// Reads, and gives the error and its one line.
fn refused(path: &Path) -> (ReadError, String) {
    let error = read_records(&[path.to_path_buf()]).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with(&format!("{}: ", path.display())), "{message}");
    assert!(!message.contains('\n'), "{message}");
    (error, message)
}

#[test]
fn a_results_folder_its_records_and_one_file_are_read_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let dir = results(folder.path());
    let wanted: Vec<_> = common::suite();
    assert_eq!(read_records(std::slice::from_ref(&dir)).unwrap(), wanted);
    assert_eq!(read_records(&[dir.join("records")]).unwrap(), wanted);
    let first = dir.join("records").join(format!("{}.json", wanted[0].id));
    assert_eq!(read_records(&[first]).unwrap(), wanted[..1]);
}

#[test]
fn a_file_named_twice_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let dir = results(folder.path());
    let file = dir.join("records").join(format!("{}.json", common::suite()[0].id));
    assert_eq!(read_records(&[dir.clone(), file, dir.join("records/../records")]).unwrap().len(), Transport::ALL.len());
}

#[test]
fn the_same_cell_in_two_folders_is_two_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (results(&folder.path().join("a")), results(&folder.path().join("b")));
    assert_eq!(read_records(&[one, other]).unwrap().len(), 2 * Transport::ALL.len());
}

#[test]
fn two_records_of_one_cell_in_one_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut record = common::record(Transport::Sse);
    let first = save(folder.path(), &record);
    let second = folder.path().join("zzz.json");
    record.reconnects = 7;
    fs::write(&second, serde_json::to_string(&record).unwrap()).unwrap();
    let message = read_records(&[folder.path().to_path_buf()]).unwrap_err().to_string();
    assert!(message.starts_with(&second.display().to_string()), "{message}");
    assert!(message.contains(&first.display().to_string()) && message.contains("remove the other"), "{message}");
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (error, message) = refused(&folder.path().join("nowhere"));
    assert!(matches!(error, ReadError::Missing(_)) && message.contains("name a results folder"), "{message}");
}

#[test]
fn a_folder_without_records_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("records")).unwrap();
    let (error, message) = refused(folder.path());
    assert!(matches!(error, ReadError::Empty(_)) && message.contains("no records here"), "{message}");
}

#[test]
fn a_truncated_record_is_named_wherever_it_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = save(folder.path(), &common::record(Transport::Sse));
    let text = fs::read_to_string(&path).unwrap();
    for length in [0, 1, 5, text.len() / 2, text.len() - 1] {
        fs::write(&path, &text[..length]).unwrap();
        let (error, message) = refused(&path);
        assert!(
            matches!(error, ReadError::Truncated { .. }) && message.contains("measure again"),
            "{length}: {message}"
        );
    }
}

#[test]
fn what_is_no_record_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.json");
    for text in ["{}", "[]", "hello", r#"{"schema":"one"}"#, r#"{"schema":1,"id":"x"}"#, "\u{0}"] {
        fs::write(&path, text).unwrap();
        let (error, message) = refused(&path);
        assert!(matches!(error, ReadError::NoRecord { .. }) && message.contains("name a file"), "{text}: {message}");
    }
}

#[test]
fn another_version_is_told_before_its_fields_are_missed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.json");
    fs::write(&path, r#"{"schema":0}"#).unwrap();
    let (error, message) = refused(&path);
    assert!(matches!(error, ReadError::Older { found: 0, .. }) && message.contains("measure again"), "{message}");
    fs::write(&path, r#"{"schema":99,"id":"x","news":[1]}"#).unwrap();
    let (error, message) = refused(&path);
    assert!(matches!(error, ReadError::Newer { found: 99, .. }) && message.contains("update feedbench"), "{message}");
}

/// Reads what can be read: the ids, and the problems as lines.
fn readable(paths: &[PathBuf]) -> (Vec<String>, Vec<String>) {
    let Readable { records, problems } = read_readable(paths).unwrap();
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert!(lines.iter().all(|line| !line.contains('\n')), "{lines:?}");
    (records.into_iter().map(|record| record.id).collect(), lines)
}

fn ids() -> Vec<String> {
    common::suite().into_iter().map(|record| record.id).collect()
}

#[test]
fn what_can_all_be_read_has_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(readable(&[results(folder.path())]), (ids(), vec![]));
}

#[test]
fn each_broken_record_is_named_and_the_rest_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let dir = results(folder.path());
    let file = |name: &str| dir.join("records").join(name);
    let text = fs::read_to_string(file(&format!("{}.json", ids()[0]))).unwrap();
    let broken = [
        ("a-cut.json", &text[..text.len() / 2], "cut off"),
        ("b-newer.json", r#"{"schema":99,"news":[1]}"#, "newer schema 99"),
        ("c-older.json", r#"{"schema":0}"#, "older schema 0"),
        ("d-other.json", "hello", "not a feedbench record"),
    ];
    for (name, text, _) in broken {
        fs::write(file(name), text).unwrap();
    }
    let (records, lines) = readable(std::slice::from_ref(&dir));
    assert_eq!(records, ids());
    assert_eq!(lines.len(), broken.len(), "{lines:?}");
    for ((name, _, wanted), line) in broken.iter().zip(&lines) {
        assert!(line.starts_with(&format!("{}: ", file(name).display())) && line.contains(wanted), "{line}");
    }
}

#[test]
fn a_broken_record_named_twice_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let dir = results(folder.path());
    fs::write(dir.join("records/a-cut.json"), "{").unwrap();
    assert_eq!(readable(&[dir.clone(), dir.join("records/../records")]).1.len(), 1);
}

#[test]
fn a_folder_without_records_beside_one_with_records_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, empty) = (results(&folder.path().join("full")), folder.path().join("empty"));
    fs::create_dir(&empty).unwrap();
    let (records, lines) = readable(&[empty.clone(), dir]);
    assert_eq!(records, ids());
    assert!(lines.len() == 1 && lines[0].starts_with(&format!("{}: no records here", empty.display())), "{lines:?}");
}

#[test]
fn of_a_cell_with_two_records_neither_is_given_and_the_others_are() {
    let folder = tempfile::tempdir().unwrap();
    let dir = results(folder.path());
    let mut record = common::record(Transport::Sse);
    record.reconnects = 7;
    let second = dir.join("records/zzz.json");
    fs::write(&second, serde_json::to_string(&record).unwrap()).unwrap();
    let (records, lines) = readable(&[dir]);
    assert_eq!(records, ids().into_iter().filter(|id| *id != record.id).collect::<Vec<_>>());
    assert!(lines.len() == 1 && lines[0].starts_with(&format!("{}: ", second.display())), "{lines:?}");
    assert!(lines[0].contains(&record.id) && lines[0].contains("neither is reported"), "{lines:?}");
}

#[test]
fn a_path_that_does_not_exist_is_an_error_whatever_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [results(folder.path()), folder.path().join("nowhere")];
    assert!(matches!(read_readable(&paths), Err(ReadError::Missing(path)) if path == paths[1]));
}

#[test]
fn when_nothing_is_left_every_reason_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("a.json"), r#"{"schema":0}"#).unwrap();
    let dir = [folder.path().to_path_buf()];
    assert!(matches!(read_readable(&dir), Err(ReadError::Older { found: 0, .. })));
    fs::write(file("b.json"), "").unwrap();
    let message = read_readable(&dir).unwrap_err().to_string();
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines.len(), 3, "{message}");
    assert!(lines[1].starts_with(&file("a.json").display().to_string()), "{message}");
    assert!(lines[2].starts_with(&file("b.json").display().to_string()), "{message}");
}
