#![allow(clippy::unwrap_used)]
mod support;
use feedbench_record::run::Window;
use feedbench_record::{Scenario, Transport};
use feedbench_server::publisher::{Publisher, Span};
use feedbench_server::source::Program;
use feedbench_wire::{Clock, path};
use std::io::{Read, Write};
use support::*;

#[test]
fn measure() {
    feedbench_wire::sys::files::raise_limit();
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rt.block_on(async {
        let scenario = Scenario { rate_per_s: 100.0, ..Scenario::default() };
        let s = server(scenario.clone());
        let now = Clock::Monotonic.now_us();
        let w = Window { start_us: now, end_us: now + 3_000_000 };
        let span = Span { start_us: now, end_us: Some(w.end_us), window: Some(w) };
        let mut p =
            Publisher::thread(Program::of(&scenario, None).unwrap().unwrap(), std::sync::Arc::clone(s.feed()), span)
                .unwrap();
        let d = p.finished().await.unwrap();
        println!(
            "lag n={} p50={:?} p99={:?} max={:?}",
            d.lag.count(),
            d.lag.quantile_us(0.5),
            d.lag.quantile_us(0.99),
            d.lag.max_us()
        );
    });
    drop(rt);
    let n = 3000;
    for transport in Transport::ALL {
        let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let s = rt.block_on(async {
            feedbench_server::Server::bind(&Config2 { connections_max: 100_000, ..config(Scenario::default()) })
                .unwrap()
        });
        let before = feedbench_wire::sys::memory::resident_bytes().unwrap();
        let mut clients = vec![];
        for _ in 0..n {
            let mut c = std::net::TcpStream::connect(s.address()).unwrap();
            let hold = (transport == Transport::LongPolling).then_some(120_000);
            let t = path::target(transport, "all", Some(cursor(0)), hold);
            let f = if transport == Transport::WebSocket { HANDSHAKE } else { "" };
            c.write_all(format!("GET {t} HTTP/1.1\r\nHost: test\r\n{f}\r\n").as_bytes()).unwrap();
            if transport != Transport::LongPolling {
                c.read(&mut [0; 2000]).unwrap();
            }
            clients.push(c);
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        let after = feedbench_wire::sys::memory::resident_bytes().unwrap();
        let cpu = feedbench_wire::sys::cpu_time::used_us();
        let t0 = std::time::Instant::now();
        for _ in 0..5 {
            publish(&s, 1);
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        println!(
            "{transport}: {} B/conn, server cpu {:.2} us/delivery, open {} ({:?})",
            (after - before) / n as u64,
            (feedbench_wire::sys::cpu_time::used_us() - cpu) as f64 / (5 * n) as f64,
            s.ledger().open_now(),
            t0.elapsed()
        );
        for c in &clients {
            socket2::SockRef::from(c).set_linger(Some(std::time::Duration::ZERO)).unwrap();
        }
        drop(clients);
        rt.block_on(s.end());
        println!(
            "accounts {} clean {}",
            s.ledger().accounts().len(),
            s.ledger().accounts().iter().filter(|a| a.clean).count()
        );
    }
}
use feedbench_server::Config as Config2;
