//! Which of the values that carry a transport go together: protocol, connection policy, and how many share a connection.

use anyhow::ensure;
use feedbench_record::scenario::{ClientKind, ConnectionPolicy, Protocol};
use feedbench_record::transport::Transport;
use feedbench_record::{Scenario, scenario::Compression};

/// What there is, for whoever asked for something else.
const THERE_ARE: &str = "there are: --http 1.1 with --connection keep-alive, close or http1.0 and a connection for each \
                         client, and --http 2 with keep-alive and --clients-per-connection 1 to 100; each of them with or \
                         without --tls, over any --rtt, for every transport";

/// Checks that these cells can be measured, each by itself and as a whole.
///
/// # Errors
/// With what does not exist, why, and what does.
pub(crate) fn check(cells: &[(Transport, Scenario)]) -> anyhow::Result<()> {
    for (_, scenario) in cells {
        let policy = scenario.connection;
        ensure!(
            scenario.protocol == Protocol::Http1 || policy == ConnectionPolicy::KeepAlive,
            "--connection {policy} does not exist on HTTP/2, whose connections stay open for all requests (RFC 9113 section \
             9.1); {THERE_ARE}"
        );
    }
    let unread = |(transport, scenario): &(Transport, Scenario)| {
        let compresses = scenario.compression != Compression::None;
        *transport == Transport::WebSocket && compresses && scenario.client == ClientKind::Reference
    };
    ensure!(
        !cells.iter().any(unread),
        "the reference client cannot read a compressed WebSocket, because its library takes RSV1 (RFC 7692) for an error; \
         take --client lean, or --transport without websocket"
    );
    let shared = cells.iter().find(|(_, scenario)| scenario.clients_per_connection > 1);
    if let Some((_, scenario)) = shared {
        ensure!(
            cells.iter().any(|(_, scenario)| scenario.protocol == Protocol::Http2),
            "{} clients cannot share a connection of HTTP/1.1, which answers one request after the other (RFC 9112 section \
             9.3.2); {THERE_ARE}",
            scenario.clients_per_connection
        );
    }
    Ok(())
}

/// Checks that a trace can explain a scenario.
///
/// # Errors
/// With what it cannot.
pub(crate) fn check_trace(scenario: &Scenario) -> anyhow::Result<()> {
    let refused = [
        ("--http 2", scenario.protocol == Protocol::Http2, "whose frames mix the bytes of several answers"),
        ("--tls", scenario.tls, "whose bytes are not the transport's"),
        ("--compression", scenario.compression != Compression::None, "in which no byte has a name of its own"),
    ];
    for (option, is_chosen, why) in refused {
        ensure!(
            !is_chosen,
            "a trace names every byte of HTTP/1.1 in clear, and not those of {option}, {why}; leave it out, or take feedbench \
             run, whose ledger counts them by layer"
        );
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refused(scenarios: &[Scenario]) -> Option<String> {
        let cells: Vec<_> = scenarios.iter().map(|scenario| (Transport::Polling, scenario.clone())).collect();
        check(&cells).err().map(|error| error.to_string())
    }

    #[test]
    fn a_connection_for_each_request_exists_on_http_1_1_alone() {
        for connection in ConnectionPolicy::ALL {
            for protocol in Protocol::ALL {
                let refused = refused(&[Scenario { connection, protocol, ..Scenario::default() }]);
                let exists = protocol == Protocol::Http1 || connection == ConnectionPolicy::KeepAlive;
                assert_eq!(refused.is_none(), exists, "{connection} {protocol}");
                assert!(refused.is_none_or(|why| why.contains("there are: --http 1.1") && why.contains("RFC 9113")));
            }
        }
    }

    #[test]
    fn a_compressed_websocket_is_read_by_the_lean_client_alone() {
        for client in ClientKind::ALL {
            for transport in Transport::ALL {
                let scenario = Scenario { client, compression: Compression::PerEvent, ..Scenario::default() };
                let is_refused = check(&[(transport, scenario)]).is_err();
                assert_eq!(is_refused, client == ClientKind::Reference && transport == Transport::WebSocket);
            }
        }
    }

    #[test]
    fn clients_share_connections_where_a_cell_has_such_connections() {
        let shared = |protocol| Scenario { protocol, clients_per_connection: 3, ..Scenario::default() };
        assert!(refused(&[shared(Protocol::Http1)]).unwrap().contains("3 clients cannot share"));
        assert_eq!(refused(&[shared(Protocol::Http1), shared(Protocol::Http2)]), None);
    }

    #[test]
    fn a_trace_is_of_http_1_1_in_clear() {
        let plain = Scenario::default();
        assert!(check_trace(&plain).is_ok());
        for scenario in [
            Scenario { protocol: Protocol::Http2, ..plain.clone() },
            Scenario { tls: true, ..plain.clone() },
            Scenario { compression: Compression::PerEvent, ..plain.clone() },
        ] {
            assert!(check_trace(&scenario).unwrap_err().to_string().contains("leave it out"));
        }
    }
}
