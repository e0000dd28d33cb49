//! A connection that clients share, from its opening to its account.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use feedbench_record::scenario::ClientKind;
use tokio::sync::Notify;

use super::driver;
use super::machine::Machine;
use super::reference::Reference;
use crate::connect::{self, END_TIMEOUT, Ending};
use crate::shared::Shared;
use crate::wake::{Bell, ClientStack};

/// A connection. A task of its own moves its bytes.
pub(crate) struct Connection {
    pub(super) speaker: Speaker,
    clients: Cell<u32>,
    /// The last client has left: nobody joins any more.
    is_left: Cell<bool>,
    /// Rung when the connection's account was taken.
    accounted: Notify,
}

/// Who speaks the protocol.
pub(super) enum Speaker {
    /// Our own state machine.
    Ours(Box<RefCell<Machine>>),
    /// hyper.
    Reference(Reference),
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("clients", &self.clients).finish_non_exhaustive()
    }
}

impl Connection {
    /// Speaks HTTP/2 over a stack that a client has just opened, until the server ends it or the last client has left. Then
    /// it is ended exactly, and its account goes to the recorder, once.
    pub(crate) fn open(
        shared: &Rc<Shared>,
        client: u32,
        stack: ClientStack,
        bell: Arc<Bell>,
        address: SocketAddr,
    ) -> Rc<Connection> {
        let speaker = match shared.plan().scenario.client {
            ClientKind::Lean => Speaker::Ours(Box::new(RefCell::new(Machine::new(shared.requests().habits())))),
            ClientKind::Reference => Speaker::Reference(Reference::new(Arc::clone(&bell))),
        };
        let (clients, is_left, accounted) = (Cell::new(0), Cell::new(false), Notify::new());
        let connection = Rc::new(Connection { speaker, clients, is_left, accounted });
        let key = shared.opened_for_all(client);
        let (shared, of_task) = (Rc::clone(shared), Rc::clone(&connection));
        tokio::task::spawn_local(async move {
            run(&of_task, &shared, stack, bell, address).await;
            shared.closed_for_all(key);
            of_task.accounted.notify_one();
        });
        connection
    }

    /// May another client join, and begin a request?
    pub(crate) fn takes_requests(&self) -> bool {
        !self.is_left.get()
            && match &self.speaker {
                Speaker::Ours(machine) => machine.borrow().takes_requests(),
                Speaker::Reference(reference) => reference.takes_requests(),
            }
    }

    /// One more client.
    pub(super) fn join(&self) {
        self.clients.set(self.clients.get() + 1);
    }

    /// One client less; true when it was the last.
    pub(super) fn leave(&self) -> bool {
        self.clients.set(self.clients.get() - 1);
        let is_last = self.clients.get() == 0;
        if is_last {
            self.is_left.set(true);
            if let Speaker::Reference(reference) = &self.speaker {
                reference.all_left();
            }
        }
        is_last
    }

    /// Waits until the connection's account was taken. Only the last client may.
    pub(super) async fn accounted(&self) {
        self.accounted.notified().await;
    }
}

async fn run(connection: &Connection, shared: &Shared, mut stack: ClientStack, bell: Arc<Bell>, address: SocketAddr) {
    let meter = bell.meter();
    let (round_trip, patience) = (shared.round_trip(), END_TIMEOUT + shared.round_trip());
    let (stack, server_closed) = match &connection.speaker {
        Speaker::Ours(machine) => {
            let closed = driver::drive(machine, &mut stack, &bell, shared, patience).await;
            (Some(stack), closed)
        }
        Speaker::Reference(reference) => reference.drive(stack, patience).await,
    };
    let ending = if server_closed { Ending::Theirs } else { Ending::Ours };
    let (account, ip) = match stack {
        Some(stack) => connect::end(stack, shared.scratch(), meter, address, ending, true, round_trip).await,
        None => (meter.account_lost(address), None),
    };
    shared.recorder().close(&account, ip, meter.counts().reads());
}
