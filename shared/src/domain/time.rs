//! Timestamps in UTC with microseconds.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Serialize, Serializer};

/// A moment in UTC. It is cut to microseconds, so a value stays equal when it is stored and read.
///
/// On the wire it is RFC 3339 with `Z`, without trailing zeros in the fraction (docs/api/conventions.md#times).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// `0001-01-01T00:00:00Z`: `last_seen_at` of a user who was never seen.
    pub const NEVER: Self = Self(match DateTime::from_timestamp(-62_135_596_800, 0) {
        Some(time) => time,
        None => DateTime::UNIX_EPOCH,
    });
    /// `1970-01-01T00:00:00Z`: `last_used` of a key that was never used.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// From microseconds since the Unix epoch; `None` if RFC 3339 cannot represent the moment.
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    /// Microseconds since the Unix epoch.
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// Whole seconds since the Unix epoch, rounded down: the format of DynamoDB's TTL attribute.
    pub fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// The moment `span` later, or the last possible moment.
    #[must_use]
    pub fn plus(self, span: TimeDelta) -> Self {
        let last = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self(self.0.checked_add_signed(span).map_or(last, |time| time.min(last)))
    }

    /// The moment `span` earlier.
    #[must_use]
    pub fn minus(self, span: TimeDelta) -> Self {
        self.plus(-span)
    }

    /// The time since `earlier`.
    pub fn since(self, earlier: Self) -> TimeDelta {
        self.0 - earlier.0
    }

    /// As a value of chrono.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self::from_micros(time.timestamp_micros()).unwrap_or(Self::EPOCH)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.0.timestamp_subsec_micros();
        if micros == 0 {
            return f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        let text = self.0.to_rfc3339_opts(SecondsFormat::Micros, true);
        let digits = text.trim_end_matches('Z').trim_end_matches('0');
        write!(f, "{digits}Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    fn text(micros: i64) -> Option<String> {
        Timestamp::from_micros(micros).map(|time| time.to_string())
    }

    #[test]
    fn the_fraction_has_no_trailing_zeros_and_is_left_out_if_zero() {
        assert_eq!(text(1_772_360_420_123_450).as_deref(), Some("2026-03-01T10:20:20.12345Z"));
        assert_eq!(text(1_772_360_420_000_000).as_deref(), Some("2026-03-01T10:20:20Z"));
    }

    #[test]
    fn the_two_zero_times_have_the_literals_of_the_wire() {
        assert_eq!(Timestamp::NEVER.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Timestamp::EPOCH.to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn an_addition_beyond_the_calendar_stops_at_its_end() {
        let late = Timestamp::EPOCH.plus(chrono::TimeDelta::MAX);
        assert_eq!(late.to_string(), "9999-12-31T23:59:59Z");
    }
}
