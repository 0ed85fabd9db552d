//! The scenario of `roster_tests::story`, on a socket of the local server.

use roster_local::{Local, Options};
use roster_tests::story::{self, Remote};

#[tokio::test]
async fn the_local_server_passes_the_story() {
    let local = Local::start(Options::in_memory()).await.expect("local mode starts");
    story::play(&Remote::at(local.url())).await;
    local.stop().await.expect("local mode ends");
}
