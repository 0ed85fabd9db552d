//! The `organizations` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    roster::lambda::serve(roster_organizations::routes()).await
}
