//! Background tasks that AWS runs by itself: scheduled functions, functions that subscribe to the table's stream, and
//! the removal of expired items.

use std::time::Duration;

use roster::app::App;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::database::EmbeddedDatabase;
use crate::functions::{JOBS, Trigger};
use crate::schedule;
use crate::stream::{self, Listener};

/// How often expired items are removed. DynamoDB removes them within days.
const SWEEP: Duration = Duration::from_hours(1);

/// Starts one task for each schedule, one that delivers the outbox, and one that removes expired items. A schedule first runs after
/// one whole interval.
pub(crate) fn start(app: &App, database: &EmbeddedDatabase, listener: Listener) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(stream::deliver_outbox(database.handle(), app.config.table.clone(), listener));
    for job in JOBS {
        let Trigger::Schedule(every) = job.trigger else { continue };
        let app = app.clone();
        tasks.spawn(async move {
            let mut ticks = ticks(every);
            loop {
                ticks.tick().await;
                schedule::run(&app, job.name).await;
            }
        });
    }
    let sweeper = database.handle();
    tasks.spawn(async move {
        let mut ticks = ticks(SWEEP);
        loop {
            ticks.tick().await;
            match sweeper.sweep_ttl() {
                Ok(0) => {}
                Ok(items) => tracing::info!(items, "expired items were removed"),
                Err(error) => tracing::error!(%error, "expired items were not removed"),
            }
        }
    });
    tasks
}

fn ticks(every: Duration) -> tokio::time::Interval {
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
