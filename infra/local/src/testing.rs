//! Shared helpers of the tests of this crate.

use std::path::{Path, PathBuf};

use roster::clock::Random;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A directory for one test, removed with its contents by `Drop`.
pub(crate) struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    pub(crate) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("roster-{}", Random::from_system().uuid())))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // The test may not have created the directory.
        let _missing = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends bytes to a server and returns all that it sends until it closes the connection.
pub(crate) async fn exchange(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
