//! The server's books: how many connections are open, and the account of each that is over.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use feedbench_record::agreement::ConnectionBytes;
use feedbench_record::run::SlowReaderCounts;
use feedbench_wire::io::Account;
use tokio::sync::watch;

/// Accounts kept at most; what comes after them is only counted.
pub const ACCOUNTS_MAX: usize = 1_000_000;

/// The books of one server.
#[derive(Debug)]
pub struct Ledger {
    open: watch::Sender<usize>,
    accounts: Mutex<Accounts>,
    missed: AtomicU64,
    dropped_readers: AtomicU64,
}

#[derive(Debug, Default)]
struct Accounts {
    kept: Vec<ConnectionBytes>,
    dropped: u64,
    layers: feedbench_record::Ledger,
}

/// A connection that is open, until this is dropped.
#[derive(Debug)]
pub struct Open(Arc<Ledger>);

impl Default for Ledger {
    fn default() -> Self {
        let (accounts, missed, dropped_readers) = Default::default();
        Ledger { open: watch::Sender::new(0), accounts, missed, dropped_readers }
    }
}

impl Ledger {
    /// Counts a connection as open.
    pub fn open(self: &Arc<Self>) -> Open {
        self.open.send_modify(|open| *open += 1);
        Open(Arc::clone(self))
    }

    /// How many connections are open.
    pub fn open_now(&self) -> usize {
        *self.open.borrow()
    }

    /// Waits until none is open.
    pub async fn all_closed(&self) {
        // The sender lives as long as `self`, so the wait can only end well.
        let _ = self.open.subscribe().wait_for(|&open| open == 0).await;
    }

    /// A client that read too slowly will never get so many events.
    pub fn missed(&self, events: u64) {
        self.missed.fetch_add(events, Relaxed);
    }

    /// A client that read too slowly was dropped.
    pub fn dropped_reader(&self) {
        self.dropped_readers.fetch_add(1, Relaxed);
    }

    /// What became of slow readers so far.
    pub fn slow_readers(&self) -> SlowReaderCounts {
        SlowReaderCounts { missed: self.missed.load(Relaxed), dropped: self.dropped_readers.load(Relaxed) }
    }

    /// Writes the account of a connection that is over.
    pub fn add(&self, account: &Account) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.layers += account.ledger;
        if accounts.kept.len() < ACCOUNTS_MAX {
            accounts.kept.push(account.bytes);
        } else {
            accounts.dropped += 1;
        }
    }

    /// Every account so far, in the order in which the connections ended.
    pub fn accounts(&self) -> Vec<ConnectionBytes> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).kept.clone()
    }

    /// The bytes of all connections that are over, by layer.
    pub fn layers(&self) -> feedbench_record::Ledger {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).layers
    }

    /// Connections whose account was not kept.
    pub fn dropped(&self) -> u64 {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).dropped
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}
