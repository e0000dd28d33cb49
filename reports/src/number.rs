//! Numbers for people.

/// Thousands apart: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three significant digits at least, thousands apart: `0.123`, `12.3`, `12,345`.
pub(crate) fn significant(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude < 5e-10 || !magnitude.is_finite() {
        return format!("{:.0}", if magnitude.is_finite() { 0.0 } else { number });
    }
    // Rounded once before the digits are counted: 9.996 is 10.0, not 10.00.
    let rounded = format!("{magnitude:.2e}").parse::<f64>().unwrap_or(magnitude);
    let decimals = (2.0 - rounded.log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{magnitude:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), grouped);
    let sign = if number < 0.0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// A value that was chosen, in full and without trailing zeros: `0.5`, `2`, `12,500`.
pub(crate) fn plain(number: f64) -> String {
    if number.fract() == 0.0 && (0.0..1e15).contains(&number) { grouped(number as u64) } else { number.to_string() }
}

/// A duration that was chosen (ms): `250 ms`, `25 s`, `1.5 s`.
pub(crate) fn duration_ms(ms: u64) -> String {
    if ms >= 1_000 { format!("{} s", plain(ms as f64 / 1_000.0)) } else { format!("{ms} ms") }
}

/// A rate of bits that was chosen: `56 kbit/s`, `2.5 Gbit/s`.
pub(crate) fn bit_rate(bits_per_s: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "Gbit/s"), (1_000_000, "Mbit/s"), (1_000, "kbit/s")];
    let (one, unit) = UNITS.into_iter().find(|(one, _)| bits_per_s >= *one).unwrap_or((1, "bit/s"));
    format!("{} {unit}", plain(bits_per_s as f64 / one as f64))
}

/// A size of memory: `7.79 GiB`.
pub(crate) fn memory(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 1_024.0 && unit + 1 < UNITS.len() {
        size /= 1_024.0;
        unit += 1;
    }
    format!("{} {}", if unit == 0 { grouped(bytes) } else { significant(size) }, UNITS[unit])
}

/// A small number as a word: `six`, `13`.
pub(crate) fn word(number: usize) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(number).map_or_else(|| number.to_string(), |&word| word.to_owned())
}

/// The first letter as a capital, for the start of a sentence.
pub(crate) fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `1 cell`, `2 cells`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn three_digits_tell_and_no_more_are_shown_behind_the_point() {
        let cases = [0.0, 0.001_234_5, 0.5, 9.996, 12.34, 123.4, 1_234.5, 9_999.9, -0.25];
        let texts = ["0", "0.00123", "0.500", "10.0", "12.3", "123", "1,234", "10,000", "-0.250"];
        assert_eq!(cases.map(significant), texts);
    }

    #[test]
    fn chosen_values_are_shown_in_full() {
        assert_eq!([2.0, 0.5, 12_500.0].map(plain), ["2", "0.5", "12,500"]);
        assert_eq!([250, 1_000, 1_500].map(duration_ms), ["250 ms", "1 s", "1.5 s"]);
        assert_eq!([500, 56_000, 2_500_000_000].map(bit_rate), ["500 bit/s", "56 kbit/s", "2.5 Gbit/s"]);
        assert_eq!([512, 8 << 30].map(memory), ["512 bytes", "8.00 GiB"]);
    }
}
