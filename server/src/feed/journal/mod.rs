//! The journal: what was published, in a file, so that a server that starts again offers it again and goes on.
//!
//! An event's line is written before anybody can read the event. A server that is killed leaves the kernel all that it
//! wrote, so every event that anyone was given is in the file. It is not forced to the disk: a machine that loses power may
//! lose the last lines. Their instants mean nothing after that, but the program then repeats those events.

mod contents;
mod file;
mod line;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use feedbench_wire::clock::boot_id;

use super::topic::{By, Kept};
use contents::Contents;
pub(super) use contents::{Past, PastEvent};
use file::StateFile;
pub use line::LineError;
use line::{Header, State, VERSION};

/// Events of a topic that come back into its history at most.
const EVENTS_MAX: usize = 1_000;

/// Where the sentences for people go.
pub type Tell = fn(&str);

/// A journal that cannot be continued. The file is as it was.
#[derive(Debug, thiserror::Error)]
#[error("state file {}: {problem}", path.display())]
pub struct JournalError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It cannot be made, either.
    #[error("its folder is not there; make the folder, or name another file")]
    NoFolder,
    /// A device, a pipe and the like.
    #[error("it is no regular file; name another one")]
    NoFile,
    /// Two servers would write to it.
    #[error("another server keeps it; end that server, or name another file")]
    InUse,
    /// A line is none of a journal.
    #[error("line {line}: {reason}; move the file away to begin anew")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: LineError,
    },
    /// Another source.
    #[error("it continues \"{found}\", and this server publishes \"{wanted}\"; name another file")]
    Source {
        /// What the file continues.
        found: String,
        /// What is to be published.
        wanted: String,
    },
    /// Another fan-out.
    #[error(
        "its topics are {found}, and this server's {wanted}; serve with the fan-out of before, or name another file"
    )]
    Topics {
        /// How many the file has.
        found: u32,
        /// How many there are to be.
        wanted: u32,
    },
}

/// The journal of a feed. Nobody else can open it as long as this one lives.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    header: Header,
    kept: Kept,
    tell: Tell,
    file: Mutex<StateFile>,
}

impl Journal {
    /// Opens the journal of a feed or begins one, and gives what was published on each topic before. `kept` is what a
    /// topic may keep. What people have to know is told.
    ///
    /// # Errors
    /// When the file belongs to another source, to another number of topics or to a server that runs, when a line of it
    /// is none, and when it cannot be read or written.
    pub(super) fn open(
        path: &Path,
        source: String,
        topics: u32,
        kept: Kept,
        tell: Tell,
    ) -> Result<(Journal, Vec<Past>), JournalError> {
        let header = Header { state: State::Whole, version: VERSION, source, topics, boot_id: boot_id() };
        let kept = Kept { events: kept.events.min(EVENTS_MAX), ..kept };
        let opened = Journal::reopen(path, header, kept, tell);
        opened.map_err(|problem| JournalError { path: path.to_owned(), problem })
    }

    fn reopen(path: &Path, header: Header, kept: Kept, tell: Tell) -> Result<(Journal, Vec<Past>), Problem> {
        let before = file::lock(path)?;
        // A link stays where it is.
        let path = fs::canonicalize(path)?;
        let mut contents = match before.metadata()?.len() {
            0 => Contents::nothing(header.clone()),
            _ => Contents::read(BufReader::new(&before), &header, kept)?,
        };
        let about = |what: &str| tell(&format!("state file {}: {what}", path.display()));
        if contents.header.state == State::Short {
            about("it could not be written to its end; what was published after that is published again");
        } else if contents.is_cut {
            about("its last line is cut, as a kill leaves it, and was dropped");
        }
        if contents.header.boot_id != header.boot_id {
            about(
                "its instants are of another start of the machine; its events are not offered again, the feed continues",
            );
            contents.topics.iter_mut().for_each(Past::forget_events);
        }
        contents.header = header.clone();
        let file = StateFile::replace(&path, &contents, &before)?;
        Ok((Journal { path, header, kept, tell, file: Mutex::new(file) }, contents.topics))
    }

    /// Adds an event, whose text is `text`. When that fails, it is told once, the file is marked as short, and nothing more
    /// is written: the feed goes on without a journal.
    pub(super) fn append(&self, topic: u32, by: By, text: &[u8]) {
        let mut file = self.lock();
        if file.is_short() {
            return;
        }
        if let Err(error) = file.append(topic, by, text) {
            file.mark_short();
            self.tell(&format!(
                "{error}; the feed goes on, but a server that starts again continues from before this event"
            ));
        } else if file.is_large() {
            self.shrink(&mut file);
        }
    }

    /// Writes the file anew with what is kept of it. Where that fails, the old one stays and grows on.
    fn shrink(&self, file: &mut StateFile) {
        let contents = file.read(&self.header, self.kept);
        match contents.and_then(|contents| file.replaced(&self.path, &contents)) {
            Ok(smaller) => *file = smaller,
            Err(problem) => {
                file.put_off();
                self.tell(&format!("it cannot be made smaller and grows on: {problem}"));
            }
        }
    }

    fn tell(&self, what: &str) {
        (self.tell)(&format!("state file {}: {what}", self.path.display()));
    }

    // Nothing that holds the lock can panic between two changes that belong together.
    fn lock(&self) -> MutexGuard<'_, StateFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
