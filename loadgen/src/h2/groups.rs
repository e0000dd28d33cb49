//! Which clients share a connection: neighbours by their number within their worker's share, so that no connection belongs
//! to two threads. The first one that needs it opens it; the others wait for it, and for the next one when it is over.

use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::Connection;

/// The connections of a worker's clients.
#[derive(Debug)]
pub(crate) struct Groups {
    clients_each: u32,
    groups: Box<[Group]>,
}

/// What some neighbours share.
#[derive(Debug, Default)]
struct Group {
    connection: Option<Rc<Connection>>,
    /// One of them is about to open it.
    opening: bool,
    waiting: Vec<Waker>,
}

/// What a client finds.
#[derive(Debug)]
pub(crate) enum Joined {
    /// A connection.
    Open(Rc<Connection>),
    /// None: it is this client's turn to open it, and to say so ([`Groups::opened`]).
    Turn,
}

/// How many connections so many clients of a process have, by its number of workers.
pub(crate) fn connections(clients: u32, workers: u32, clients_each: u32) -> u32 {
    let (share, larger) = (clients / workers, clients % workers);
    larger * (share + 1).div_ceil(clients_each) + (workers - larger) * share.div_ceil(clients_each)
}

impl Groups {
    /// No connection yet, for so many clients.
    pub(crate) fn new(clients: u32, clients_each: u32) -> Groups {
        let groups = (0..clients.div_ceil(clients_each)).map(|_| Group::default()).collect();
        Groups { clients_each, groups }
    }

    fn group(&mut self, place: u32) -> &mut Group {
        &mut self.groups[(place / self.clients_each) as usize]
    }

    /// What the client at a place finds; waits while a neighbour is about to open a connection.
    pub(crate) fn poll_join(&mut self, cx: &mut Context<'_>, place: u32) -> Poll<Joined> {
        let group = self.group(place);
        // One that is over goes on for those who still have an answer to come, and sees to its own account.
        group.connection.take_if(|connection| !connection.takes_requests());
        match &group.connection {
            Some(connection) => Poll::Ready(Joined::Open(Rc::clone(connection))),
            None if group.opening => {
                if !group.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                    group.waiting.push(cx.waker().clone());
                }
                Poll::Pending
            }
            None => {
                group.opening = true;
                Poll::Ready(Joined::Turn)
            }
        }
    }

    /// The client at a place has used its turn, and opened a connection or not.
    pub(crate) fn opened(&mut self, place: u32, connection: Option<Rc<Connection>>) {
        let group = self.group(place);
        (group.opening, group.connection) = (false, connection);
        group.waiting.drain(..).for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_connection_belongs_to_two_workers() {
        for (clients, workers, each, expected) in
            [(10, 1, 1, 10), (10, 2, 1, 10), (10, 2, 5, 2), (11, 2, 5, 3), (3, 2, 3, 2)]
        {
            assert_eq!(connections(clients, workers, each), expected, "{clients} of {workers} workers by {each}");
        }
    }

    #[test]
    fn one_neighbour_opens_and_the_others_wait_for_it() {
        let mut groups = Groups::new(5, 2);
        let mut cx = Context::from_waker(Waker::noop());
        let mut turn = |place| matches!(groups.poll_join(&mut cx, place), Poll::Ready(Joined::Turn));
        assert!(turn(0) && !turn(1) && turn(3) && !turn(2) && turn(4));
        groups.opened(1, None);
        assert!(matches!(groups.poll_join(&mut cx, 1), Poll::Ready(Joined::Turn)), "it did not open");
    }
}
