//! What Lubbers and Greco published ("HTML5 Web Sockets: A Quantum Leap in Scalability for the Web", 2010), as printed.

use feedbench_record::Transport;

/// The request head of the article's stock ticker, line by line.
pub(super) const REQUEST_HEAD: [&str; 11] = [
    "GET /PollingStock//PollingStock HTTP/1.1",
    "Host: localhost:8080",
    "User-Agent: Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.9.1.5) Gecko/20091102 Firefox/3.5.5",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-us",
    "Accept-Encoding: gzip,deflate",
    "Accept-Charset: ISO-8859-1,utf-8;q=0.7,*;q=0.7",
    "Keep-Alive: 300",
    "Connection: keep-alive",
    "Referer: http://www.example.com/PollingStock/",
    "Cookie: showInheritedConstant=false; showInheritedProtectedConstant=false; showInheritedProperty=false; \
     showInheritedProtectedProperty=false; showInheritedMethod=false; showInheritedProtectedMethod=false; \
     showInheritedEvent=false; showInheritedStyle=false; showInheritedEffect=false",
];

/// The answer's head. `HTTP/1.x` is how a browser's plug-in printed it, as long as what was sent.
pub(super) const RESPONSE_HEAD: [&str; 6] = [
    "HTTP/1.x 200 OK",
    "X-Powered-By: Servlet/2.5",
    "Server: Sun Java System Application Server 9.1_02",
    "Content-Type: text/html;charset=UTF-8",
    "Content-Length: 21",
    "Date: Sat, 07 Nov 2009 00:32:46 GMT",
];

/// A poll's payload (bytes).
pub(super) const POLL_PAYLOAD: u64 = 21;
/// A WebSocket message's payload (bytes).
pub(super) const FRAME_PAYLOAD: u64 = 20;
/// "Overhead of each message" of both transports, as printed: characters of heads, and bytes of a frame 0x00 … 0xFF.
pub(super) const OVERHEAD: [(Transport, u64); 2] = [(Transport::Polling, 871), (Transport::WebSocket, 2)];

/// One use case: so many clients, each with one message a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct UseCase {
    pub(super) name: &'static str,
    pub(super) clients: u32,
    pub(super) polling: Printed,
    pub(super) websocket: Printed,
}

/// The overhead of all clients, as printed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printed {
    pub(super) bytes_per_s: u64,
    /// The article's "Mbps".
    pub(super) mbps: &'static str,
}

impl UseCase {
    /// The figures of one of the article's transports.
    pub(super) fn printed(&self, transport: Transport) -> Printed {
        match transport {
            Transport::Polling => self.polling,
            _ => self.websocket,
        }
    }
}

/// The article's table.
pub(super) const USE_CASES: [UseCase; 3] = [
    UseCase {
        name: "A",
        clients: 1_000,
        polling: Printed { bytes_per_s: 871_000, mbps: "6.6" },
        websocket: Printed { bytes_per_s: 2_000, mbps: "0.015" },
    },
    UseCase {
        name: "B",
        clients: 10_000,
        polling: Printed { bytes_per_s: 8_710_000, mbps: "66" },
        websocket: Printed { bytes_per_s: 20_000, mbps: "0.153" },
    },
    UseCase {
        name: "C",
        clients: 100_000,
        polling: Printed { bytes_per_s: 87_100_000, mbps: "665" },
        websocket: Printed { bytes_per_s: 200_000, mbps: "1.526" },
    },
];
