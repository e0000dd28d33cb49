//! Which ports the kernel gives to clients (ip(7), `ip_local_port_range`).

use std::ops::RangeInclusive;

/// The first and the last of them; `None` when /proc does not tell.
pub fn ephemeral() -> Option<RangeInclusive<u16>> {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ports = text.split_whitespace().map(str::parse);
    Some(ports.next()?.ok()?..=ports.next()?.ok()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_client_gets_a_port_of_the_range() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(super::ephemeral().unwrap().contains(&client.local_addr().unwrap().port()));
    }
}
