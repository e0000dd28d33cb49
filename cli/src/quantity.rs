//! Quantities as people type them: `250ms`, `30s`, `128B`, `64KiB`, `1k`. A bare number has the unit that the help names.

use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use feedbench_record::scenario::RTT_MAX_MS;

/// A count: `1000`, `1k` (1,000), `2M` (2,000,000).
pub(crate) fn count(text: &str) -> Result<u32, String> {
    let (digits, factor) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => match text.strip_suffix('M') {
            Some(digits) => (digits, 1_000_000),
            None => (text, 1),
        },
    };
    let number: u32 = digits.parse().map_err(|_| format!("\"{text}\" is no count; type 1000 or 1k"))?;
    number.checked_mul(factor).ok_or_else(|| format!("\"{text}\" is too large"))
}

/// A size in bytes: `100`, `128B`, `64KiB`.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let size = ByteSize::from_str(text).map_err(|_| format!("\"{text}\" is no size; type 128, 128B or 64KiB"))?;
    Ok(size.as_u64())
}

/// A duration whose bare number means milliseconds: `250`, `250ms`, `30s`. In milliseconds.
pub(crate) fn millis(text: &str) -> Result<u64, String> {
    duration(text, Duration::from_millis(1)).map(|duration| duration.as_millis() as u64)
}

/// A duration whose bare number means seconds: `10`, `1500ms`, `2min`. In milliseconds.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    duration(text, Duration::from_secs(1)).map(|duration| duration.as_millis() as u64)
}

fn duration(text: &str, unit: Duration) -> Result<Duration, String> {
    if let Ok(number) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(number * unit.as_secs_f64())
            .map_err(|_| format!("\"{text}\" is no duration; type 250ms, 30s or 2min"));
    }
    humantime::parse_duration(text).map_err(|_| format!("\"{text}\" is no duration; type 250ms, 30s or 2min"))
}

/// A round-trip time, whose bare number means milliseconds. In milliseconds.
pub(crate) fn round_trip(text: &str) -> Result<u64, String> {
    whole_millis(text, "an RTT", RTT_MAX_MS)
        .map_err(|why| why.unwrap_or_else(|| format!("an RTT of {text} is out of range; --rtt is 0 to 10s")))
}

/// A jitter, whose bare number means milliseconds. In milliseconds.
pub(crate) fn jitter(text: &str) -> Result<u64, String> {
    whole_millis(text, "a jitter", RTT_MAX_MS / 2).map_err(|why| {
        why.unwrap_or_else(|| format!("a jitter of {text} is out of range; --jitter is 0 to half of --rtt"))
    })
}

/// Milliseconds up to a largest; an error without a text is out of range.
fn whole_millis(text: &str, what: &str, max_ms: u64) -> Result<u64, Option<String>> {
    if text.trim_start().starts_with('-') {
        return Err(None);
    }
    let time = duration(text, Duration::from_millis(1)).map_err(Some)?;
    if time.subsec_nanos() % 1_000_000 != 0 {
        return Err(Some(format!("{what} of {text} is no whole number of milliseconds; type 50ms or 200ms")));
    }
    if time > Duration::from_millis(max_ms) { Err(None) } else { Ok(time.as_millis() as u64) }
}

/// Bits per second: `56000`, `56k`, `1M`, `2.5G`; `bit/s` may follow.
pub(crate) fn bits_per_s(text: &str) -> Result<u64, String> {
    let number = text.strip_suffix("bit/s").unwrap_or(text);
    let (digits, factor) = match number.strip_suffix(['k', 'M', 'G']) {
        Some(digits) if number.ends_with('k') => (digits, 1e3),
        Some(digits) if number.ends_with('M') => (digits, 1e6),
        Some(digits) => (digits, 1e9),
        None => (number, 1.0),
    };
    let bits = digits.parse::<f64>().ok().map(|bits| bits * factor).filter(|bits| bits.is_finite() && *bits >= 0.0);
    bits.map(|bits| bits.round() as u64).ok_or_else(|| format!("\"{text}\" is no bandwidth; type 56k, 1M or 100Mbit/s"))
}

/// Events per second: any positive number.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    match number.parse::<f64>() {
        Ok(rate) if rate.is_finite() => Ok(rate),
        _ => Err(format!("\"{text}\" is no rate; type the events per second, as 2 or 0.5")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_has_the_unit_of_its_option() {
        assert_eq!(millis("250"), Ok(250));
        assert_eq!(millis("1.5s"), Ok(1_500));
        assert_eq!(millis("soon"), Err("\"soon\" is no duration; type 250ms, 30s or 2min".to_owned()));
        assert_eq!(millis("30s"), Ok(30_000));
        assert_eq!(seconds("10"), Ok(10_000));
        assert_eq!(seconds("0.5"), Ok(500));
        assert_eq!(seconds("250ms"), Ok(250));
        assert!(seconds("-1").is_err());
    }

    #[test]
    fn a_round_trip_is_whole_milliseconds_up_to_ten_seconds() {
        assert_eq!(["0", "50", "200ms", "1.5s", "10s"].map(round_trip), [0, 50, 200, 1_500, 10_000].map(Ok));
        for (text, says) in
            [("-1", "0 to 10s"), ("-5ms", "0 to 10s"), ("10001", "0 to 10s"), ("0.5", "whole"), ("far", "type")]
        {
            assert!(round_trip(text).is_err_and(|why| why.contains(says)), "{text}");
        }
    }

    #[test]
    fn a_thousand_is_1k_and_a_kibibyte_is_1024_bytes() {
        assert_eq!(count("1k"), Ok(1_000));
        assert_eq!(count("10000"), Ok(10_000));
        assert!(count("5000M").is_err());
        assert!(count("many").is_err());
        assert_eq!(bytes("100"), Ok(100));
        assert_eq!(bytes("128B"), Ok(128));
        assert_eq!(bytes("64KiB"), Ok(65_536));
        assert!(bytes("big").is_err());
    }

    #[test]
    fn a_bandwidth_is_bits_per_second_with_decimal_prefixes() {
        let bits = ["56000", "56k", "1.5M", "1Gbit/s", "300bit/s"].map(bits_per_s);
        assert_eq!(bits, [56_000, 56_000, 1_500_000, 1_000_000_000, 300].map(Ok));
        for text in ["fast", "-1", "1T", "inf", "1MB"] {
            assert!(bits_per_s(text).is_err_and(|why| why.contains("type 56k")), "{text}");
        }
    }

    #[test]
    fn a_rate_is_a_finite_number() {
        assert_eq!(rate("0.5"), Ok(0.5));
        assert_eq!(rate("2/s"), Ok(2.0));
        assert!(rate("inf").is_err());
    }
}
