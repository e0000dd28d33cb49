//! What wrk and h2load print, and what the shell says of their CPU time.

use anyhow::{Context as _, ensure};

/// What a client that is not ours did.
pub(crate) struct Peer {
    pub(crate) requests: f64,
    pub(crate) requests_per_s: f64,
}

/// Reads the words of wrk 4.
///
/// # Errors
/// When a figure is missing, or an answer was no success.
pub(crate) fn wrk(text: &str) -> anyhow::Result<Peer> {
    ensure!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "wrk saw errors:\n{text}");
    Ok(Peer {
        requests: before(text, " requests in ").context("wrk names no number of requests")?,
        requests_per_s: after(text, "Requests/sec:").context("wrk names no requests per second")?,
    })
}

/// Reads the words of h2load 1.
///
/// # Errors
/// When a figure is missing, or an answer was no success.
pub(crate) fn h2load(text: &str) -> anyhow::Result<Peer> {
    let done = before(text, " done, ").context("h2load names no number of requests")?;
    let succeeded: f64 = before(text, " succeeded, ").context("h2load names no successes")?;
    ensure!(done == succeeded, "h2load saw errors:\n{text}");
    Ok(Peer { requests: done, requests_per_s: before(text, " req/s,").context("h2load names no requests per second")? })
}

/// Reads seconds in user space and in the kernel, as bash's `time` prints them with `TIMEFORMAT='%U %S'` (us).
///
/// # Errors
/// When they are not two numbers.
pub(crate) fn cpu_us(text: &str) -> anyhow::Result<f64> {
    let seconds: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    ensure!(seconds.len() == 2, "\"{text}\" is not the seconds in user space and in the kernel");
    Ok(seconds.iter().sum::<f64>() * 1e6)
}

/// The word right before a mark, as a number.
fn before(text: &str, mark: &str) -> Option<f64> {
    text.split_once(mark)?.0.split_whitespace().next_back()?.parse().ok()
}

/// The word right after a mark, as a number.
fn after(text: &str, mark: &str) -> Option<f64> {
    text.split_once(mark)?.1.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const WRK: &str = "Running 2s test @ http://127.0.0.1:34309/polling
  1 threads and 100 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   653.60us  158.31us   3.21ms   91.35%
    Req/Sec   152.53k     7.21k  165.31k    70.00%
  302909 requests in 2.00s, 44.78MB read
Requests/sec: 151347.27
Transfer/sec:     22.37MB
";
    const H2LOAD: &str = "finished in 2.00s, 156177.00 req/s, 23.09MB/s
requests: 312354 total, 312454 started, 312354 done, 312354 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 312354 2xx, 0 3xx, 0 4xx, 0 5xx
";

    #[test]
    fn what_the_peers_print_is_read() {
        let wrk = wrk(WRK).unwrap();
        assert_eq!((wrk.requests, wrk.requests_per_s), (302_909.0, 151_347.27));
        let h2load = h2load(H2LOAD).unwrap();
        assert_eq!((h2load.requests, h2load.requests_per_s), (312_354.0, 156_177.0));
        assert_eq!(cpu_us("0.239 1.534\n").unwrap().round(), 1_773_000.0);
    }

    #[test]
    fn answers_that_are_no_success_are_no_figures() {
        assert!(wrk(&format!("{WRK}  Non-2xx or 3xx responses: 7\n")).is_err());
        assert!(h2load(&H2LOAD.replace("312354 succeeded", "312353 succeeded")).is_err());
        assert!(wrk("unable to connect").is_err() && h2load("").is_err() && cpu_us("0.1").is_err());
    }
}
