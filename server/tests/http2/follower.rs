//! A client that follows the feed on a stream of a connection, over one transport.

use bytes::Bytes;
use feedbench_record::Transport;
use feedbench_record::transport::Manner;
use feedbench_wire::framing::Framing;
use feedbench_wire::reader::{Item, StreamReader};
use feedbench_wire::{Cursor, path};
use h2::SendStream;

use crate::client::{Answer, Client};
use crate::support::cursor;

/// A client that follows the feed on a connection, over one transport.
pub(crate) struct Follower {
    pub(crate) transport: Transport,
    pub(crate) at: Option<Cursor>,
    pub(crate) answer: Option<Answer>,
    pub(crate) speaks: Option<SendStream<Bytes>>,
    pub(crate) buffer: Vec<u8>,
}

impl Follower {
    /// Asks, and reads up to where events begin.
    pub(crate) async fn open(client: &Client, transport: Transport, at: Option<Cursor>) -> Follower {
        let mut follower = Follower { transport, at, answer: None, speaks: None, buffer: Vec::new() };
        follower.begin(client).await;
        follower
    }

    pub(crate) fn target(&self) -> String {
        let hold_ms = (self.transport.manner() == Manner::Waits).then_some(0);
        path::target(self.transport, "all", self.at, hold_ms)
    }

    pub(crate) fn framing(&self) -> Option<Framing> {
        let kind = self.answer.as_ref()?.field("content-type")?;
        Framing::ALL.into_iter().find(|framing| framing.content_type() == kind)
    }

    pub(crate) async fn begin(&mut self, client: &Client) {
        self.buffer.clear();
        if self.transport == Transport::WebSocket {
            let (answer, speaks) = client.tunnel(&self.target(), "websocket", "13").await;
            assert_eq!(answer.status(), 200);
            (self.answer, self.speaks) = (Some(answer), Some(speaks));
            let (opcode, position) = self.message().await;
            assert_eq!(opcode, 1);
            self.at = feedbench_wire::framing::read_position(&position);
            return;
        }
        let mut answer = client.get(&self.target()).await;
        assert_eq!(answer.status(), 200);
        if self.transport.manner() == Manner::Pushed {
            let prologue = answer.frame().await.unwrap().unwrap();
            self.answer = Some(answer);
            let mut reader = StreamReader::new(self.framing().unwrap());
            let mut input = prologue.as_ref();
            let Some(Item::Position(position)) = reader.next(&mut input).unwrap().map(|piece| piece.item) else {
                panic!("no position in {prologue:?}")
            };
            self.at = Some(position);
        } else if self.at.is_none() {
            self.at = Some(answer.field(path::CURSOR_FIELD).unwrap().parse().unwrap());
            answer.rest().await;
        }
    }

    /// The next WebSocket message of the server: whole, final, not masked. Gives opcode and payload.
    pub(crate) async fn message(&mut self) -> (u8, Vec<u8>) {
        self.read(2).await;
        let (first, short) = (self.buffer[0], usize::from(self.buffer[1]));
        assert_eq!(first & 0xf0, 0x80);
        let (head, length) = match short {
            126 => {
                self.read(4).await;
                (4, usize::from(u16::from_be_bytes([self.buffer[2], self.buffer[3]])))
            }
            127 => {
                self.read(10).await;
                (10, u64::from_be_bytes(self.buffer[2..10].try_into().unwrap()) as usize)
            }
            short => (2, short),
        };
        self.read(head + length).await;
        self.buffer.drain(..head);
        (first & 0xf, self.buffer.drain(..length).collect())
    }

    /// Reads until there are so many bytes.
    pub(crate) async fn read(&mut self, bytes: usize) {
        while self.buffer.len() < bytes {
            let data = self.answer.as_mut().unwrap().frame().await.expect("the stream ended early").unwrap();
            self.buffer.extend_from_slice(&data);
        }
    }

    /// Sends a short frame, masked as a client must.
    pub(crate) fn say(&mut self, opcode: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | opcode, 0x80 | payload.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        self.speaks.as_mut().unwrap().send_data(frame.into(), false).unwrap();
    }

    /// Reads these events, which must come next, and checks every byte of their framing.
    pub(crate) async fn expect(&mut self, client: &Client, texts: &[Bytes]) {
        let first_seq = self.at.unwrap().seq + 1;
        let last = cursor(self.at.unwrap().seq + texts.len() as u64);
        match self.transport.manner() {
            Manner::Asks | Manner::Waits => {
                let mut answer = client.get(&self.target()).await;
                let mut expected = Vec::new();
                feedbench_wire::framing::json_array::encode(texts.iter().map(AsRef::as_ref), &mut expected);
                assert_eq!(answer.field("content-length"), Some(expected.len().to_string().as_str()));
                assert_eq!(answer.field(path::CURSOR_FIELD), None, "the client knows where it stands");
                assert_eq!(String::from_utf8(answer.rest().await).unwrap(), String::from_utf8(expected).unwrap());
            }
            Manner::Pushed => match self.framing() {
                Some(framing) => {
                    let mut expected = Vec::new();
                    for (text, seq) in texts.iter().zip(first_seq..) {
                        framing.event(cursor(seq), text, &mut expected);
                    }
                    self.read(expected.len()).await;
                    let body: Vec<u8> = self.buffer.drain(..expected.len()).collect();
                    assert_eq!(String::from_utf8(body).unwrap(), String::from_utf8(expected).unwrap());
                }
                None => {
                    for text in texts {
                        assert_eq!(self.message().await, (1, text.to_vec()));
                    }
                }
            },
        }
        self.at = Some(last);
    }
}
