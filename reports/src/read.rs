//! Files to records. Every error names the file as it was given, and says what to do.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use feedbench_record::Record;
use feedbench_record::run::SCHEMA_VERSION;
use serde::Deserialize;

/// Why records could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file or folder.
    #[error("{path}: no such file or folder; name a results folder, or a record file", path = .0.display())]
    Missing(PathBuf),
    /// The system refuses.
    #[error("{path}: cannot be read ({source}); check that it exists and that you may read it", path = .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder that holds no record.
    #[error(
        "{path}: no records here; name a results folder (it has a folder \"records\" with .json files) or a record file",
        path = .0.display()
    )]
    Empty(PathBuf),
    /// A record that ends too early.
    #[error(
        "{path}: the record is cut off ({source}); remove the file to report the other cells, or measure again",
        path = .path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where it ends.
        source: serde_json::Error,
    },
    /// A file that is no record.
    #[error("{path}: not a feedbench record ({source}); name a file that feedbench wrote", path = .path.display())]
    NoRecord {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A record of a version before this one.
    #[error(
        "{path}: a record of the older schema {found}, this feedbench reads {SCHEMA_VERSION}; \
         report it with the feedbench that measured it, or measure again",
        path = .path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// A record of a version after this one.
    #[error(
        "{path}: a record of the newer schema {found}, this feedbench reads {SCHEMA_VERSION}; update feedbench",
        path = .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// Two different records of one cell in one folder.
    #[error(
        "{path}: another record of cell {id} than {first}; neither is reported: keep the one that counts, remove the other",
        path = .path.display(), first = .first.display()
    )]
    Twice {
        /// The second file.
        path: PathBuf,
        /// The first file.
        first: PathBuf,
        /// The cell.
        id: String,
    },
    /// Not one record is left, for several reasons; each has a line of its own.
    #[error("no record can be reported{}", lines(.0))]
    Nothing(Vec<ReadError>),
}

fn lines(problems: &[ReadError]) -> String {
    problems.iter().map(|problem| format!("\n{problem}")).collect()
}

/// What could be read, and what could not.
#[derive(Debug)]
pub struct Readable {
    /// The records, one at least, in the order of the paths, and by file name within a folder.
    pub records: Vec<Record>,
    /// Why something is missing among them: folders first, then files, each in the same order.
    pub problems: Vec<ReadError>,
}

/// Reads every record of the paths, each a results folder, a folder of record files, or one record file.
///
/// The order is that of the paths, and by file name within a folder. The same file named twice counts once; two
/// different records of the same cell in one folder are an error.
///
/// # Errors
/// The first reason why something cannot be read.
pub fn read_records(paths: &[PathBuf]) -> Result<Vec<Record>, ReadError> {
    let Readable { records, problems } = read_all(paths)?;
    match problems.into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(records),
    }
}

/// Reads like [`read_records`] what can be read, and gives the problems beside it. Of a cell that has two different records
/// in one folder neither is given: which of them counts is not ours to guess.
///
/// # Errors
/// When a path does not exist, which is a slip of the pen rather than a broken record, and when not one record is left.
pub fn read_readable(paths: &[PathBuf]) -> Result<Readable, ReadError> {
    let Readable { records, mut problems } = read_all(paths)?;
    match (records.is_empty(), problems.len()) {
        (true, 1) => Err(problems.remove(0)),
        (true, _) => Err(ReadError::Nothing(problems)),
        (false, _) => Ok(Readable { records, problems }),
    }
}

fn read_all(paths: &[PathBuf]) -> Result<Readable, ReadError> {
    let mut problems = Vec::new();
    let mut records: Vec<Record> = Vec::new();
    let mut known: HashMap<(PathBuf, String), (usize, PathBuf)> = HashMap::new();
    let mut doubtful = BTreeSet::new();
    for file in files_of(paths, &mut problems)? {
        let record = match read_record(&file) {
            Ok(record) => record,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        // The same folder may be named in two ways.
        let folder = fs::canonicalize(&folder).unwrap_or(folder);
        match known.get(&(folder.clone(), record.id.clone())) {
            Some((index, _)) if records[*index] == record => {}
            Some((index, first)) => {
                doubtful.insert(*index);
                problems.push(ReadError::Twice { path: file, first: first.clone(), id: record.id });
            }
            None => {
                known.insert((folder, record.id.clone()), (records.len(), file));
                records.push(record);
            }
        }
    }
    let certain = records.into_iter().enumerate().filter(|(index, _)| !doubtful.contains(index));
    Ok(Readable { records: certain.map(|(_, record)| record).collect(), problems })
}

/// The record files of all paths, each once. A path that does not exist ends it; any other problem is noted.
fn files_of(paths: &[PathBuf], problems: &mut Vec<ReadError>) -> Result<Vec<PathBuf>, ReadError> {
    let mut files = Vec::new();
    for path in paths {
        match record_files(path) {
            Ok(found) => files.extend(found),
            Err(missing @ ReadError::Missing(_)) => return Err(missing),
            Err(problem) => problems.push(problem),
        }
    }
    let mut known = BTreeSet::new();
    files.retain(|file| known.insert(fs::canonicalize(file).unwrap_or_else(|_| file.clone())));
    Ok(files)
}

fn record_files(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let metadata = fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing(path.to_path_buf()),
        _ => ReadError::Unreadable { path: path.to_path_buf(), source },
    })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let inner = path.join("records");
    let folder = if inner.is_dir() { inner } else { path.to_path_buf() };
    let unreadable = |source| ReadError::Unreadable { path: folder.clone(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let json = file.extension().is_some_and(|extension| extension == "json");
        if json && file.file_name().is_some_and(|name| name != "environment.json") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() { Err(ReadError::Empty(path.to_path_buf())) } else { Ok(files) }
}

/// What every version of a record has.
#[derive(Deserialize)]
struct Head {
    schema: u32,
}

fn read_record(path: &Path) -> Result<Record, ReadError> {
    let path = path.to_path_buf();
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(source) => return Err(ReadError::Unreadable { path, source }),
    };
    let refuse = |source: serde_json::Error| match source.classify() {
        serde_json::error::Category::Eof => ReadError::Truncated { path: path.clone(), source },
        _ => ReadError::NoRecord { path: path.clone(), source },
    };
    // The version first: a record of another one may lack fields, and that would be a misleading complaint.
    let found = serde_json::from_slice::<Head>(&text).map_err(refuse)?.schema;
    match found.cmp(&SCHEMA_VERSION) {
        std::cmp::Ordering::Less => Err(ReadError::Older { path, found }),
        std::cmp::Ordering::Greater => Err(ReadError::Newer { path, found }),
        std::cmp::Ordering::Equal => serde_json::from_slice(&text).map_err(refuse),
    }
}
