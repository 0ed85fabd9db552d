//! The first hour of a deployment, on a socket in local mode.

use roster_local::{Local, Options};
use roster_tests::story::{self, Remote};

#[tokio::test]
async fn local_mode_passes_the_story() {
    let local = Local::start(Options::in_memory()).await.expect("local mode starts");
    story::play(&Remote::at(local.url())).await;
    local.stop().await.expect("local mode ends");
}
