//! Which port the page uses for what. A browser opens six connections to a port and no more, over all of its tabs: so
//! every transport has a port of its own.

use std::net::SocketAddr;

use feedbench_record::Transport;

/// The ports of a classroom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports {
    by_transport: [u16; Transport::ALL.len()],
    control: u16,
}

impl Ports {
    /// How many there are: the transports', one of which is also the page's, and the control port.
    pub const COUNT: u16 = Transport::ALL.len() as u16 + 1;

    /// The page's own port, those of the other transports in their order, and the port that no distance delays.
    pub fn of(main: u16, others: [u16; Transport::ALL.len() - 1], control: u16) -> Ports {
        let mut others = others.into_iter();
        let by_transport = Transport::ALL
            .map(|transport| if shares_the_page(transport) { main } else { others.next().unwrap_or(main) });
        Ports { by_transport, control }
    }

    /// The addresses to listen on beside the page's, with the control port last. A port of 0 is any.
    ///
    /// # Errors
    /// When there is no room for them above the page's port.
    pub fn beside(main: SocketAddr) -> Result<Vec<SocketAddr>, NoRoom> {
        let port = |n: u16| match main.port() {
            0 => Ok(0),
            port => port.checked_add(n).ok_or(NoRoom { port }),
        };
        (1..Ports::COUNT).map(|n| Ok(SocketAddr::new(main.ip(), port(n)?))).collect()
    }

    /// The page's port.
    pub fn main(&self) -> u16 {
        self.of_transport(Transport::IframeStreaming)
    }

    /// A transport's port.
    pub fn of_transport(&self, transport: Transport) -> u16 {
        self.by_transport[transport as usize]
    }

    /// The port for clocks, accounts and settings.
    pub fn control(&self) -> u16 {
        self.control
    }

    /// Every port, once each.
    pub fn all(&self) -> impl Iterator<Item = u16> {
        self.by_transport.iter().copied().chain([self.control])
    }
}

/// A script element may call the page that holds its frame only if both come from one port.
fn shares_the_page(transport: Transport) -> bool {
    transport == Transport::IframeStreaming
}

/// The page's port is too high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the page needs the {} ports after {port}, too; choose one up to {}", Ports::COUNT - 1, u16::MAX - (Ports::COUNT - 1))]
pub struct NoRoom {
    port: u16,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_iframe_shares_the_pages_port_and_the_others_follow_it() {
        let ports = Ports::of(8080, [8081, 8082, 8083, 8084, 8085], 8086);
        assert_eq!((ports.main(), ports.control()), (8080, 8086));
        assert_eq!(Transport::ALL.map(|transport| ports.of_transport(transport)), [8081, 8082, 8080, 8083, 8084, 8085]);
        assert_eq!(ports.all().count(), usize::from(Ports::COUNT));
    }

    #[test]
    fn a_port_without_room_above_it_is_refused() {
        let beside = |port: u16| Ports::beside(SocketAddr::from(([127, 0, 0, 1], port)));
        let ports = |port| beside(port).unwrap().iter().map(SocketAddr::port).collect::<Vec<_>>();
        assert_eq!(ports(8080), [8081, 8082, 8083, 8084, 8085, 8086]);
        assert_eq!(ports(0), [0; 6]);
        assert_eq!(ports(65_529).last(), Some(&65_535));
        let text = beside(65_530).unwrap_err().to_string();
        assert_eq!(text, "the page needs the 6 ports after 65530, too; choose one up to 65529");
    }
}
