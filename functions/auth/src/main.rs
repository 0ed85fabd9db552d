//! The `auth` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    roster::lambda::serve(roster_auth::routes()).await
}
