//! Background tasks that AWS runs by itself: scheduled functions, functions that subscribe to the table's stream, and
//! the removal of expired items.

use std::time::Duration;

use roster::app::App;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::database::EmbeddedDatabase;
use crate::schedule;
use crate::stream::{self, Listener};
use crate::template::Template;

/// How often expired items are removed. DynamoDB removes them within days.
const SWEEP: Duration = Duration::from_hours(1);

/// Starts one task for each schedule and each stream, and one that removes expired items. A schedule first runs after
/// one whole interval.
pub(crate) fn start(template: &Template, app: &App, database: &EmbeddedDatabase, listener: &Listener) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    stream::start(&mut tasks, template, &database.handle(), &app.config.table, listener);
    for function in &template.functions {
        for planned in &function.schedules {
            let (app, name, every) = (app.clone(), function.name.clone(), planned.every);
            tasks.spawn(async move {
                let mut ticks = ticks(every);
                loop {
                    ticks.tick().await;
                    schedule::run(&app, &name).await;
                }
            });
        }
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
