//! The server of a cell as its parent sees it: a process, with orders on its input and answers on its output.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use feedbench_record::Scenario;
use feedbench_record::run::Window;
use feedbench_record::scenario::{Fanout, Source};
use feedbench_server::source::Program;
use feedbench_wire::control::{ServePlan, ServerAnswer, ServerOrder, ServerResult, Timeline};
use feedbench_wire::headers::Profile;
use feedbench_wire::{Clock, loop_lag};

/// Tells this test program that it is to be the child.
const BE_THE_CHILD: &str = "FEEDBENCH_TEST_CHILD";

/// Not a test of its own: what the child process runs.
#[test]
fn child_process() {
    if std::env::var_os(BE_THE_CHILD).is_some() {
        feedbench_server::child::run().unwrap();
    }
}

struct Server {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Server {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["child_process", "--exact", "--test-threads=1"])
            .env(BE_THE_CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Server { process, orders, answers }
    }

    fn order(&mut self, order: &ServerOrder) {
        let mut line = serde_json::to_string(order).unwrap();
        line.push('\n');
        self.orders.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
    }

    fn answer(&mut self) -> ServerAnswer {
        loop {
            let mut line = String::new();
            assert!(self.answers.read_line(&mut line).unwrap() > 0, "the child has ended");
            // The test harness writes lines of its own.
            if let Some(json) = line.find('{').map(|start| &line[start..]) {
                return serde_json::from_str(json).unwrap();
            }
        }
    }

    fn serve(&mut self, scenario: &Scenario) -> SocketAddr {
        let listen = "127.0.0.1:0".parse().unwrap();
        let plan = ServePlan {
            listen,
            scenario: scenario.clone(),
            headers: Profile::default(),
            replay_file: None,
            cores: vec![],
            tls: None,
        };
        self.order(&ServerOrder::Serve(Box::new(plan)));
        match self.answer() {
            ServerAnswer::Ready { address } => address,
            other => panic!("{other:?}"),
        }
    }

    fn result(&mut self) -> ServerResult {
        match self.answer() {
            ServerAnswer::Result(result) => *result,
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input is the end of the child.
        self.orders.take();
        assert!(self.process.wait().is_ok());
    }
}

fn scenario() -> Scenario {
    Scenario { clients: 2, rate_per_s: 200.0, fanout: Fanout::Rooms(2), ..Scenario::default() }
}

/// Phases of tens of milliseconds.
fn timeline() -> Timeline {
    let idle_us = Clock::Monotonic.now_us() + 20_000;
    let window = Window { start_us: idle_us + 60_000, end_us: idle_us + 260_000 };
    Timeline { idle_us, start_us: idle_us + 30_000, window, end_us: window.end_us + 20_000 }
}

#[test]
fn a_cell_is_published_as_scheduled_and_accounted_for() {
    let mut server = Server::start();
    let scenario = scenario();
    let address = server.serve(&scenario);
    let mut client = TcpStream::connect(address).unwrap();
    let request = b"GET /fetch-streaming HTTP/1.1\r\nHost: test\r\n\r\n";
    client.write_all(request).unwrap();
    client.read_exact(&mut [0; 12]).unwrap();

    let timeline = timeline();
    server.order(&ServerOrder::StartAt(timeline));
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).unwrap();
    let name = client.local_addr().unwrap();
    drop(client);
    let result = server.result();

    let mut total = [0, 0];
    let mut in_window = [0, 0];
    let schedule = Program::of(&scenario, None).unwrap().unwrap().schedule;
    for planned in schedule.take_while(|planned| timeline.start_us + planned.after_us < timeline.window.end_us) {
        total[planned.topic as usize] += 1;
        in_window[planned.topic as usize] += u64::from(timeline.window.contains(timeline.start_us + planned.after_us));
    }
    assert_eq!((result.published, result.published_in_window), (total.to_vec(), in_window.to_vec()));
    assert_eq!(result.publish_lag.count(), in_window.iter().sum::<u64>());
    let window_us = timeline.window.end_us - timeline.window.start_us;
    let instants = window_us.div_ceil(loop_lag::TICK_US);
    assert!((1..=instants).contains(&result.loop_lag.count()), "{} of {instants}", result.loop_lag.count());
    assert!(result.usage.cpu_window_us.is_some() && result.usage.cpu_idle_us_per_s.is_some());
    assert!(result.usage.rss_before_bytes > 0 && result.usage.rss_window_bytes.is_some());
    let [connection] = result.connections.as_slice() else { panic!("{:?}", result.connections) };
    assert_eq!((connection.client, connection.clean), (name, true));
    assert_eq!((connection.read, connection.written), (request.len() as u64, 12 + rest.len() as u64));
}

#[test]
fn a_cell_that_is_stopped_ends_with_what_there_is() {
    let mut server = Server::start();
    server.serve(&scenario());
    let now_us = Clock::Monotonic.now_us();
    let hour_us = 3_600_000_000;
    let window = Window { start_us: now_us, end_us: now_us + hour_us };
    let timeline = Timeline { idle_us: now_us, start_us: now_us, window, end_us: window.end_us + 1_000 };
    server.order(&ServerOrder::StartAt(timeline));
    server.order(&ServerOrder::Stop(timeline.stopped(Clock::Monotonic.now_us())));
    let result = server.result();
    assert!(result.usage.cpu_window_us.is_some());
    assert!(result.published_in_window.iter().zip(&result.published).all(|(in_window, total)| in_window <= total));

    let mut server = Server::start();
    server.serve(&scenario());
    server.order(&ServerOrder::Stop(timeline));
    let result = server.result();
    assert_eq!((result.published, result.usage.cpu_window_us), (vec![0, 0], None));
}

#[test]
fn a_line_that_the_parent_has_read_has_the_instant_at_which_it_did() {
    let mut server = Server::start();
    server.serve(&Scenario { source: Source::Stdin, ..scenario() });
    let timeline = timeline();
    server.order(&ServerOrder::StartAt(timeline));
    let Window { start_us, end_us } = timeline.window;
    for at_us in [start_us - 1, start_us, end_us - 1, end_us] {
        server.order(&ServerOrder::Publish { at_us, line: "a line with \"quotes\"".to_owned() });
    }
    let result = server.result();
    assert_eq!((result.published, result.published_in_window), (vec![3, 3], vec![2, 2]));
    assert_eq!(result.publish_lag.count(), 4);
}

#[test]
fn a_shard_has_the_topics_of_its_own_clients_and_publishes_them_as_the_whole_would() {
    let whole = Scenario { clients: 6, fanout: Fanout::Unicast, ..scenario() };
    let part = whole.part(2, 3);
    let mut server = Server::start();
    let address = server.serve(&part);
    for (topic, status) in [("t1", "404"), ("t2", "200"), ("t3", "200"), ("t4", "404")] {
        let mut client = TcpStream::connect(address).unwrap();
        write!(client, "GET /polling?topic={topic} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(&answer[9..12], status, "{topic}");
    }
    let timeline = timeline();
    server.order(&ServerOrder::StartAt(timeline));
    let result = server.result();
    let schedule = Program::of(&whole, None).unwrap().unwrap().schedule;
    let mut of_whole = [0; 6];
    for planned in schedule.take_while(|planned| timeline.start_us + planned.after_us < timeline.window.end_us) {
        of_whole[planned.topic as usize] += 1;
    }
    assert_eq!(result.published, of_whole[2..4]);
}

#[test]
fn what_cannot_be_served_is_said_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let plan = |listen, scenario| {
        ServerOrder::Serve(Box::new(ServePlan {
            listen,
            scenario,
            headers: Profile::default(),
            replay_file: None,
            cores: vec![],
            tls: None,
        }))
    };
    let free = "127.0.0.1:0".parse().unwrap();
    for (order, text) in [
        (plan(taken.local_addr().unwrap(), scenario()), "choose another address or port"),
        (ServerOrder::Publish { at_us: 0, line: String::new() }, "the first order must be to serve"),
        (plan(free, Scenario { rate_per_s: -1.0, ..scenario() }), "it must not be below 0"),
    ] {
        let mut server = Server::start();
        server.order(&order);
        match server.answer() {
            ServerAnswer::Failed(line) => assert!(line.contains(text) && !line.contains('\n'), "{line}"),
            other => panic!("{other:?}"),
        }
    }
}
