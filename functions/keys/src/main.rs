//! The `keys` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    roster::runtime::serve(roster_keys::routes()).await
}
