//! The journal: what was published, in a file, so that a server that starts again offers it again and goes on.
//!
//! An event's line is written before anybody can read the event. A server that is killed leaves the kernel all that it
//! wrote, so every event that anyone was given is in the file. It is not forced to the disk: a machine that loses power may
//! lose the last lines. Their instants mean nothing after that, but the program then repeats those events.

mod contents;
mod line;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Seek as _, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use feedbench_wire::clock::boot_id;
use rustix::fs::{FlockOperation, flock};

use super::topic::{Author, Kept};
use contents::{Contents, Size};
pub(super) use contents::{Past, PastEvent};
pub use line::LineError;
use line::{Header, STATE_AT, State, VERSION};

/// Events of a topic that come back into its history at most.
const EVENTS_MAX: usize = 1_000;

/// A file that has grown by so much, or to twice what had to stay in it, is made smaller.
const GROWTH: Size = Size { lines: 10_000, bytes: 64 << 20 };

/// Where the sentences for people go.
pub type Tell = fn(String);

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
    #[error("its topics are {found}, and this server's {wanted}; serve with the fan-out of before, or name another file")]
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
    open: Mutex<Open>,
}

/// The file that is written to.
#[derive(Debug)]
struct Open {
    file: File,
    size: Size,
    /// The size from which on it is made smaller.
    enough: Size,
    /// Something could not be written: nothing more is.
    is_short: bool,
    /// The line being written.
    line: Vec<u8>,
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
        let before = lock(path)?;
        // A link stays where it is.
        let path = fs::canonicalize(path)?;
        let mut contents = match before.metadata()?.len() {
            0 => Contents::nothing(header.clone()),
            _ => Contents::read(BufReader::new(&before), &header, kept)?,
        };
        let about = |what: &str| tell(format!("state file {}: {what}", path.display()));
        if contents.header.state == State::Short {
            about("it could not be written to its end; what was published after that is published again");
        } else if contents.is_cut {
            about("its last line is cut, as a kill leaves it, and was dropped");
        }
        if contents.header.boot_id != header.boot_id {
            about("its instants are of another start of the machine; its events are not offered again, the feed continues");
            contents.topics.iter_mut().for_each(Past::forget_events);
        }
        contents.header = header.clone();
        let open = Open::replace(&path, &contents, &before)?;
        Ok((Journal { path, header, kept, tell, open: Mutex::new(open) }, contents.topics))
    }

    /// Adds an event, whose text is `text`. When that fails, it is told once, the file is marked as short, and nothing more
    /// is written: the feed goes on without a journal.
    pub(super) fn append(&self, topic: u32, author: Author, text: &[u8]) {
        let mut open = self.lock();
        if open.is_short {
            return;
        }
        if let Err(error) = open.append(topic, author, text) {
            open.is_short = true;
            // In its place, which takes no room on a full disk. A mark that fails leaves a journal that ends earlier.
            let _ = open.file.write_all_at(State::Short.word().as_bytes(), STATE_AT);
            self.tell(&format!("{error}; the feed goes on, but a server that starts again continues from before this event"));
        } else if open.is_large() {
            self.shrink(&mut open);
        }
    }

    /// Writes the file anew with what is kept of it. Where that fails, the old one stays and grows on.
    fn shrink(&self, open: &mut Open) {
        let shrunk = open.read(&self.header, self.kept).and_then(|contents| {
            let smaller = Open::replace(&self.path, &contents, &open.file)?;
            Ok(smaller)
        });
        match shrunk {
            Ok(smaller) => *open = smaller,
            Err(problem) => {
                open.enough = open.size.doubled();
                self.tell(&format!("it cannot be made smaller and grows on: {problem}"));
            }
        }
    }

    fn tell(&self, what: &str) {
        (self.tell)(format!("state file {}: {what}", self.path.display()));
    }

    // Nothing that holds the lock can panic between two changes that belong together.
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn append(&mut self, topic: u32, author: Author, text: &[u8]) -> io::Result<()> {
        self.line.clear();
        line::push_event(topic, author, text, &mut self.line);
        self.file.write_all_at(&self.line, self.size.bytes)?;
        self.size.lines += 1;
        self.size.bytes += self.line.len() as u64;
        Ok(())
    }

    fn is_large(&self) -> bool {
        self.size.lines >= self.enough.lines || self.size.bytes >= self.enough.bytes
    }

    fn read(&self, own: &Header, kept: Kept) -> Result<Contents, Problem> {
        let mut file = &self.file;
        file.rewind()?;
        Contents::read(BufReader::new(file), own, kept)
    }

    /// Puts a file with these contents in the place of `before`: written beside it, on the disk before it gets its name,
    /// and locked all the while.
    fn replace(path: &Path, contents: &Contents, before: &File) -> Result<Open, Problem> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let replaced = Open::write_beside(&beside, contents, before).and_then(|open| {
            fs::rename(&beside, path)?;
            Ok(open)
        });
        if replaced.is_err() {
            // It is of no use, and may be what fills the disk.
            let _ = fs::remove_file(&beside);
        }
        replaced
    }

    fn write_beside(beside: &Path, contents: &Contents, before: &File) -> Result<Open, Problem> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(beside)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(io::Error::from)?;
        file.set_permissions(before.metadata()?.permissions())?;
        let mut out = BufWriter::new(&file);
        let size = contents.write(&mut out)?;
        out.flush()?;
        drop(out);
        file.sync_all()?;
        Ok(Open { file, size, enough: size.doubled(), is_short: false, line: Vec::new() })
    }
}

impl Size {
    /// From which size on a file that began with this one is made smaller.
    fn doubled(self) -> Size {
        Size { lines: self.lines + self.lines.max(GROWTH.lines), bytes: self.bytes + self.bytes.max(GROWTH.bytes) }
    }
}

/// Opens a file, which is made if it is not there, for this process alone. The end of the process gives it free, whatever
/// ends it.
fn lock(path: &Path) -> Result<File, Problem> {
    loop {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Problem::NoFile);
        }
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(Problem::InUse),
            locked => locked.map_err(io::Error::from)?,
        }
        // Who had it before may have put another file in its place meanwhile.
        let named = fs::metadata(path)?;
        if (named.dev(), named.ino()) == (metadata.dev(), metadata.ino()) {
            return Ok(file);
        }
    }
}
