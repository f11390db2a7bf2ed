//! Times as people read them. Knows no clock.

/// Seconds as `2:03` or `1:02:03`.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The day of a time in milliseconds since 1970, as `2026-11-21`.
pub fn day(then: i64) -> String {
    let day = time::OffsetDateTime::from_unix_timestamp(then / 1000).map(time::OffsetDateTime::date);
    day.map_or_else(|_| "unknown".to_owned(), |day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!([clock(0.4), clock(123.9), clock(3723.0), clock(-1.0)], ["0:00", "2:03", "1:02:03", "0:00"]);
        assert_eq!([day(0), day(1_795_219_200_000), day(i64::MAX)], ["1970-01-01", "2026-11-21", "unknown"]);
    }
}
