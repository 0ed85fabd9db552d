//! The number of users with each status on each of the last days. It is computed backwards from the present counts.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, DurationRound, FixedOffset, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::time::Timestamp;
use super::user::UserStatus;

/// The number of days in a history (docs/api/deployment.md#status-history).
const DAYS: u64 = 60;
const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// The change of the number of users with a status within a quarter of an hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusChanges {
    /// The beginning of the quarter of an hour. In every time zone a day begins with one.
    pub at: Timestamp,
    /// The status.
    pub status: UserStatus,
    /// By how much the number of users grew.
    pub by: i64,
}

/// The time zone of the days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Zone {
    /// A zone of the IANA database. Follows its daylight saving time.
    Named(Tz),
    /// A fixed offset from UTC.
    Fixed(FixedOffset),
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Named(Tz::UTC);

    /// The zone with this name in the IANA database. The case must match.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(Self::Named)
    }

    /// The zone so many hours ahead of UTC; `None` for 24 hours or more.
    pub fn hours_east(hours: i32) -> Option<Self> {
        FixedOffset::east_opt(hours.checked_mul(3600)?).map(Self::Fixed)
    }

    /// The beginnings of the last 61 days. The last one is the day of the next full hour.
    pub fn days(self, now: Timestamp) -> Vec<DateTime<FixedOffset>> {
        match self {
            Self::Named(zone) => days_in(&zone, now),
            Self::Fixed(zone) => days_in(&zone, now),
        }
    }
}

fn days_in(zone: &impl TimeZone, now: Timestamp) -> Vec<DateTime<FixedOffset>> {
    let next_hour = now.utc().duration_trunc(TimeDelta::hours(1)).unwrap_or(now.utc()) + TimeDelta::hours(1);
    let today = next_hour.with_timezone(zone).date_naive();
    (0..=DAYS).rev().filter_map(|ago| beginning(zone, today.checked_sub_days(Days::new(ago))?)).collect()
}

/// The beginning of a day. It is not midnight in a zone whose clocks are set forward at midnight that day.
fn beginning(zone: &impl TimeZone, day: NaiveDate) -> Option<DateTime<FixedOffset>> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let mut times = (0..96).map(|quarters| midnight + QUARTER * quarters);
    let moment = times.find_map(|time| zone.from_local_datetime(&time).earliest())?;
    Some(moment.fixed_offset())
}

/// The number of users with a status at the beginning of a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusCount {
    /// The beginning of the day.
    pub date: DateTime<FixedOffset>,
    /// The number of users.
    pub count: u64,
}

/// The history of each status that a user has or had. `present` holds the counts now, and `changes` every change since
/// the first of `days` began.
pub fn history(
    days: &[DateTime<FixedOffset>],
    present: &BTreeMap<UserStatus, u64>,
    changes: &[StatusChanges],
) -> BTreeMap<UserStatus, Vec<StatusCount>> {
    let of = |status: UserStatus, present: u64| {
        let count = |date: &DateTime<FixedOffset>| {
            let moment = Timestamp::from(date.with_timezone(&Utc));
            let later = changes.iter().filter(|change| change.status == status && change.at >= moment);
            let since: i64 = later.map(|change| change.by).sum();
            StatusCount { date: *date, count: present.saturating_add_signed(since.saturating_neg()) }
        };
        days.iter().map(count).collect()
    };
    present.iter().map(|(status, present)| (*status, of(*status, *present))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{DateTime, Utc};
    use proptest::prelude::{ProptestConfig, any, prop, prop_assert_eq, proptest};

    use super::{StatusChanges, Zone, history};
    use crate::domain::time::Timestamp;
    use crate::domain::user::UserStatus;

    fn moment(text: &str) -> Timestamp {
        text.parse::<DateTime<Utc>>().unwrap().into()
    }

    fn days(zone: Zone, now: &str) -> Vec<String> {
        zone.days(moment(now)).into_iter().map(|day| day.to_rfc3339()).collect()
    }

    #[test]
    fn the_days_are_those_of_the_zone_up_to_the_next_full_hour() {
        let utc = Zone::hours_east(0).unwrap();
        let found = days(utc, "2026-03-31T22:59:59Z");
        assert_eq!((found.len(), found[0].as_str()), (61, "2026-01-30T00:00:00+00:00"));
        assert_eq!(found[60], "2026-03-31T00:00:00+00:00");
        // The next full hour is the first of another day.
        assert_eq!(days(utc, "2026-03-31T23:00:00Z")[60], "2026-04-01T00:00:00+00:00");
        assert_eq!(days(Zone::hours_east(-3).unwrap(), "2026-03-31T01:00:00Z")[60], "2026-03-30T00:00:00-03:00");
        let berlin = days(Zone::named("Europe/Berlin").unwrap(), "2026-03-31T21:30:00Z");
        assert_eq!((berlin.len(), berlin[0].as_str()), (61, "2026-01-31T00:00:00+01:00"));
        assert_eq!(berlin[60], "2026-04-01T00:00:00+02:00");
    }

    #[test]
    fn a_day_without_a_midnight_begins_after_the_clocks_are_set_forward() {
        // Clocks in Cairo went from 23:59:59 to 01:00 that night.
        let cairo = days(Zone::named("Africa/Cairo").unwrap(), "2026-04-24T12:00:00Z");
        assert_eq!(cairo[59..], ["2026-04-23T00:00:00+02:00", "2026-04-24T01:00:00+03:00"]);
    }

    #[test]
    fn a_zone_is_a_name_of_the_database_or_an_offset_of_less_than_a_day() {
        assert_eq!(Zone::named("Nowhere"), None);
        assert_eq!(Zone::named("europe/berlin"), None);
        assert!(Zone::hours_east(-23).is_some() && Zone::hours_east(23).is_some());
        assert_eq!((Zone::hours_east(24), Zone::hours_east(i32::MAX)), (None, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn a_count_is_the_sum_of_the_changes_before_that_day(
            changes in prop::collection::vec((0_i64..8_000, -2_i64..3, any::<bool>()), 0..40),
            hours in -12..15,
        ) {
            let now = moment("2026-06-30T12:00:00Z");
            let statuses = [UserStatus::Active, UserStatus::Dormant];
            // Each change is given in quarters of an hour before now. The counts start high enough to stay positive.
            let changes: Vec<StatusChanges> = changes
                .into_iter()
                .map(|(ago, by, which)| StatusChanges {
                    at: now.minus(super::QUARTER * i32::try_from(ago).unwrap()),
                    status: statuses[usize::from(which)],
                    by,
                })
                .chain(statuses.map(|status| StatusChanges { at: Timestamp::EPOCH, status, by: 80 }))
                .collect();
            let until = |status, moment| {
                let earlier = changes.iter().filter(|change| change.status == status && change.at < moment);
                u64::try_from(earlier.map(|change| change.by).sum::<i64>()).unwrap()
            };
            let present: BTreeMap<_, _> = statuses.map(|status| (status, until(status, now.plus(super::QUARTER)))).into();
            let days = Zone::hours_east(hours).unwrap().days(now);
            for (status, counts) in history(&days, &present, &changes) {
                for count in counts {
                    prop_assert_eq!(count.count, until(status, count.date.with_timezone(&Utc).into()), "{:?}", count);
                }
            }
        }
    }
}
