//! What the page is told about its own exchanges: a browser cannot see its header fields, so the server keeps an account
//! for each page (by the client that its requests name) and each of its transports.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use feedbench_record::Transport;
use feedbench_record::ledger::{Ledger, Way};
use feedbench_record::trace::Run;
use serde::Serialize;

use super::account::{Account, Said};

/// Pages that have an account at once.
pub const CLIENTS_MAX: usize = 256;
/// The longest name of a client (characters).
const NAME_MAX: usize = 16;
/// When others need room, an account that nobody touched for so long is closed (us).
const FORGOTTEN_US: u64 = 30_000_000;

/// The name that a page's requests carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientName([u8; NAME_MAX]);

impl ClientName {
    /// Reads a name: 1 to 16 of the characters a to z and 0 to 9.
    pub fn of(text: &str) -> Option<ClientName> {
        let is_name =
            (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let mut name = [0; NAME_MAX];
        is_name.then(|| name[..text.len()].copy_from_slice(text.as_bytes()))?;
        Some(ClientName(name))
    }
}

/// All accounts.
#[derive(Debug, Default)]
pub struct Accounts(Mutex<HashMap<ClientName, Page>>);

/// The accounts of one page.
#[derive(Debug, Default)]
struct Page {
    transports: [Option<Account>; Transport::ALL.len()],
    /// The number of the last step.
    steps: u64,
    touched_us: u64,
}

/// What one page is told.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Statement(serde_json::Map<String, serde_json::Value>);

impl Accounts {
    /// Writes down something that was said on a connection of a page. What belongs to a page for which there is no room is
    /// not written down.
    pub(super) fn add(&self, client: ClientName, transport: Transport, said: Said) {
        let mut pages = self.lock();
        let Some(page) = open(&mut pages, client, said.at_us) else { return };
        page.touched_us = page.touched_us.max(said.at_us);
        page.steps += 1;
        let number = page.steps;
        page.transports[transport as usize].get_or_insert_default().add(number, said);
    }

    /// The last step of a direction has one run more.
    pub(super) fn amend(&self, client: ClientName, transport: Transport, way: Way, run: Run) {
        let mut pages = self.lock();
        let page = pages.get_mut(&client);
        if let Some(account) = page.and_then(|page| page.transports[transport as usize].as_mut()) {
            account.amend(way, run);
        }
    }

    /// What a page is told that has every step up to number `after`; `None` when there is no room for it. An account is
    /// opened by being asked for.
    pub fn statement(&self, client: ClientName, after: u64, now_us: u64) -> Option<Statement> {
        let mut pages = self.lock();
        let page = open(&mut pages, client, now_us)?;
        page.touched_us = now_us;
        let accounts = Transport::ALL.into_iter().zip(&page.transports);
        let told = accounts
            .filter_map(|(transport, account)| Some((transport.id().to_owned(), account.as_ref()?.tell(after))));
        Some(Statement(told.collect()))
    }

    /// The sums of one page's transport.
    pub fn ledger(&self, client: ClientName, transport: Transport) -> Option<Ledger> {
        Some(*self.lock().get(&client)?.transports[transport as usize].as_ref()?.ledger())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientName, Page>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The accounts of a page, opened if need be and if there is room.
fn open(pages: &mut HashMap<ClientName, Page>, client: ClientName, now_us: u64) -> Option<&mut Page> {
    if pages.len() >= CLIENTS_MAX && !pages.contains_key(&client) {
        pages.retain(|_, page| page.touched_us + FORGOTTEN_US > now_us);
        if pages.len() >= CLIENTS_MAX {
            return None;
        }
    }
    Some(pages.entry(client).or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn name(n: usize) -> ClientName {
        ClientName::of(&format!("c{n}")).unwrap()
    }

    #[test]
    fn a_name_is_short_and_plain() {
        assert!(ClientName::of("a1b2c3d4").is_some() && ClientName::of("0123456789abcdef").is_some());
        for wrong in ["", "A", "a-b", "é", "0123456789abcdef0", "a b", "<"] {
            assert!(ClientName::of(wrong).is_none(), "{wrong}");
        }
        assert_ne!(ClientName::of("a"), ClientName::of("aa"));
    }

    #[test]
    fn there_is_room_for_so_many_pages_and_then_for_none_that_is_new() {
        let accounts = Accounts::default();
        assert!((0..CLIENTS_MAX).all(|n| accounts.statement(name(n), 0, 0).is_some()));
        assert!(accounts.statement(name(CLIENTS_MAX), 0, 1).is_none());
        assert!(accounts.statement(name(0), 0, FORGOTTEN_US).is_some(), "an old one is still told");
        assert!(accounts.statement(name(CLIENTS_MAX), 0, FORGOTTEN_US).is_some(), "the others were forgotten");
    }
}
