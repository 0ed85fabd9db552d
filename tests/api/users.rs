//! `/users` and everything below it.

mod authmethods;
mod create;
mod first;
mod list;
mod login;
mod logout;
mod oidc;
mod oidc_claims;
mod otp;
mod roles;
mod user;
mod validate_password;

use roster::auth::token::ShortId;
use roster::domain::time::Timestamp;
use roster::domain::user::{LoginType, User, UserStatus};
use roster_tests::cast::{
    Cast, UNKNOWN, assert_forbidden, assert_hidden, assert_invalid, assert_says_only_a_message, assert_signed_out,
    assert_undecodable, with,
};
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};
use uuid::Uuid;

/// The id that requests may use for the default organization.
const NIL: &str = "00000000-0000-0000-0000-000000000000";
/// The `last_seen_at` of a user who was never seen.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The id of the default organization.
async fn organization(actor: &Actor) -> String {
    actor.get("/users/me").await.expect_status(200).text_at("/organization_ids/0")
}

/// The keys of all items but the counters, whose number depends on ids.
async fn item_keys(app: &TestApp) -> Vec<String> {
    let mut keys = app.item_keys().await;
    keys.retain(|key| !key.starts_with("DIRECTORY / #COUNT#"));
    keys
}

/// The part of a user's partition key that the id decides.
fn short_id(user: &Value) -> String {
    let id = user["id"].as_str().and_then(|id| id.parse().ok()).expect("the user has an id");
    ShortId::of(id).as_str().to_owned()
}

/// A user of a bulk import.
fn imported_user(number: u128) -> User {
    let username = format!("user-{number:04}");
    User {
        id: Uuid::from_u128(number << 93),
        email: format!("{username}@example.com"),
        username,
        name: String::new(),
        avatar_url: String::new(),
        created_at: Timestamp::EPOCH,
        updated_at: Timestamp::EPOCH,
        last_seen_at: Timestamp::NEVER,
        status: UserStatus::Dormant,
        login_type: LoginType::Password,
        is_service_account: false,
        roles: Vec::new(),
        memberships: Vec::new(),
        deleted: false,
        password_is_temporary: false,
        key_generation: 0,
        authz_version: 0,
        version: 0,
    }
}

/// Creates a user with the login type `none` and a password hash.
async fn robot_with_a_password(app: &TestApp, owner: &Actor) {
    owner.create_user_with("robot", json!({ "login_type": "none", "password": null })).await;
    let hash = app.password_hash("owner@example.com").await;
    app.import_password_hash("robot@example.com", &hash).await;
}
