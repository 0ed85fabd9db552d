//! See docs/api/authentication.md#statuses-by-endpoint. Rows that end in 500 in the reference have what
//! docs/api/deviations.md says; nobody signs in through a provider yet, so of those rows there is only "not
//! configured". `GET` and `POST /users/first` are among the rows of docs/api/users.md#statuses-by-endpoint.

use chrono::TimeDelta;
use http::{Method, StatusCode};
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::{Outcome, Row};

const NEW: &str = "Br4nd-New_Password-Of-Mine";

rows! {
    post_login_201:                            anonymous POST "/users/login" { "email": "owner@example.com", "password": "SomeSecurePassword!" } => 201;
    post_login_201_dormant:                    anonymous POST "/users/login" { "email": "ada@example.com", "password": "SomeSecurePassword!" } => 201;
    post_login_400_body:                       anonymous POST "/users/login" { "email": "owner" } => 400 ["email", "password"];
    post_login_401_wrong_password:             anonymous POST "/users/login" { "email": "owner@example.com", "password": "wrong" } => 401;
    post_login_401_unknown_address:            anonymous POST "/users/login" { "email": "nobody@example.com", "password": "SomeSecurePassword!" } => 401;
    post_login_401_account_without_a_password: anonymous POST "/users/login" { "email": "robot@example.com", "password": "SomeSecurePassword!" } => 401;
    post_login_401_correct_but_suspended:      anonymous POST "/users/login" { "email": "sleeper@example.com", "password": "SomeSecurePassword!" } => 401;

    post_logout_200:                           member POST "/users/logout" => 200;
    post_logout_401:                           anonymous POST "/users/logout" => 401;

    post_otp_request_204:                      anonymous POST "/users/otp/request" { "email": "owner@example.com" } => 204;
    post_otp_request_204_unknown_address:      anonymous POST "/users/otp/request" { "email": "nobody@example.com" } => 204;
    post_otp_request_204_suspended:            anonymous POST "/users/otp/request" { "email": "sleeper@example.com" } => 204;
    post_otp_request_400_body:                 anonymous POST "/users/otp/request" { "email": "owner" } => 400 ["email"];

    post_otp_change_400_body:                  anonymous POST "/users/otp/change-password" {} => 400 ["email", "password", "one_time_passcode"];
    post_otp_change_400_weak:                  anonymous POST "/users/otp/change-password" { "email": "owner@example.com", "password": "password", "one_time_passcode": "x" } => 400 ["password"];
    post_otp_change_400_wrong_code:            anonymous POST "/users/otp/change-password" { "email": "owner@example.com", "password": "Br4nd-New_Password", "one_time_passcode": "x" } => 400;
    post_otp_change_400_unknown_address:       anonymous POST "/users/otp/change-password" { "email": "nobody@example.com", "password": "Br4nd-New_Password", "one_time_passcode": "x" } => 400;

    post_validate_password_200_valid:          anonymous POST "/users/validate-password" { "password": "SomeSecurePassword!" } => 200;
    post_validate_password_200_invalid:        anonymous POST "/users/validate-password" { "password": "password" } => 200;
    post_validate_password_400:                anonymous POST "/users/validate-password" {} => 400 ["password"];

    get_authmethods_200:                       anonymous GET "/users/authmethods" => 200;
    get_auth_scopes_200:                       anonymous GET "/auth/scopes" => 200;

    get_login_type_200_self:                   member GET "/users/me/login-type" => 200;
    get_login_type_403_somebody_readable:      auditor GET "/users/ada/login-type" => 403;
    get_login_type_404_hidden:                 member GET "/users/ada/login-type" => hidden;

    post_convert_login_201:                    member POST "/users/me/convert-login" { "to_type": "oidc", "password": "SomeSecurePassword!" } => 201;
    post_convert_login_400_body:               member POST "/users/me/convert-login" {} => 400 ["to_type", "password"];
    post_convert_login_400_type:               member POST "/users/me/convert-login" { "to_type": "token", "password": "SomeSecurePassword!" } => 400;
    post_convert_login_401_wrong_password:     member POST "/users/me/convert-login" { "to_type": "oidc", "password": "wrong" } => 401;
    post_convert_login_401_suspended:          owner POST "/users/sleeper/convert-login" { "to_type": "oidc", "password": "SomeSecurePassword!" } => 401;
    post_convert_login_404_hidden:             member POST "/users/ada/convert-login" { "to_type": "oidc", "password": "SomeSecurePassword!" } => hidden;

    post_keys_201:                             member POST "/users/me/keys" => 201;
    post_keys_403_readable_and_not_manageable: auditor POST "/users/ada/keys" => 403;
    post_keys_404_hidden:                      member POST "/users/ada/keys" => hidden;

    post_tokens_201:                           member POST "/users/me/keys/tokens" {} => 201;
    post_tokens_201_legacy_scope_in_the_list:  member POST "/users/me/keys/tokens" { "scopes": ["all"] } => 201;
    post_tokens_400_body:                      member POST "/users/me/keys/tokens" { "lifetime": "1h" } => 400;
    post_tokens_400_scope:                     member POST "/users/me/keys/tokens" { "scopes": ["user:create"] } => 400;
    post_tokens_400_allow_list:                member POST "/users/me/keys/tokens" { "allow_list": ["workspace"] } => 400;
    post_tokens_400_lifetime_negative:         member POST "/users/me/keys/tokens" { "lifetime": -1 } => 400;
    post_tokens_400_lifetime_too_long:         owner POST "/users/me/keys/tokens" { "lifetime": 604_800_000_000_001_u64 } => 400;
    post_tokens_403_may_not_for_that_user:     user_admin POST "/users/ada/keys/tokens" {} => 403;

    get_tokens_200:                            member GET "/users/me/keys/tokens" => 200;
    get_tokens_200_filtered:                   user_admin GET "/users/ada/keys/tokens" => 200;
    get_tokenconfig_200:                       member GET "/users/me/keys/tokens/tokenconfig" => 200;
    get_token_by_name_404:                     member GET "/users/me/keys/tokens/nothing" => 404;
    get_key_404:                               member GET "/users/me/keys/0000000000" => 404;
    delete_key_404:                            member DELETE "/users/me/keys/0000000000" => 404;
    put_expire_404:                            member PUT "/users/me/keys/0000000000/expire" => 404;

    get_oidc_claims_400_other_login_type:      member GET "/users/oidc-claims" => 400;
    get_oidc_claims_401:                       anonymous GET "/users/oidc-claims" => 401;
    get_github_device_400_not_configured:      anonymous GET "/users/oauth2/github/device" => 400;
    get_github_callback_400_not_configured:    anonymous GET "/users/oauth2/github/callback" => 400;
    get_oidc_callback_400_not_configured:      anonymous GET "/users/oidc/callback" => 400;

    any_401:                                   anonymous GET "/users/me/keys/tokens" => 401;
    any_404_missing_user:                      member GET "/users/nobody/keys/tokens" => hidden;
}

/// A deployment in which nobody signs in with a password, its first user, and a session that a token began.
async fn without_passwords() -> TestApp {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    let first = json!({ "email": "owner@example.com", "username": "owner", "password": PASSWORD });
    app.anonymous().post("/users/first", first).await.expect_status(201);
    app
}

#[tokio::test]
async fn post_login_403_password_auth_disabled() {
    let app = without_passwords().await;
    app.login("owner@example.com", "wrong").await.expect_status(401);
    app.login("owner@example.com", PASSWORD).await.expect_status(403);
}

#[tokio::test]
async fn post_login_403_login_type_is_not_password() {
    let (app, owner) = TestApp::with_owner().await;
    robot_with_a_password(&app, &owner).await;
    app.login("robot@example.com", "wrong").await.expect_status(401);
    app.login("robot@example.com", PASSWORD).await.expect_status(403);
}

#[tokio::test]
async fn post_otp_request_403_password_auth_disabled() {
    let app = without_passwords().await;
    let body = json!({ "email": "owner@example.com" });
    app.anonymous().post("/users/otp/request", body).await.expect_status(403);
}

#[tokio::test]
async fn post_otp_change_403_password_auth_disabled() {
    let app = without_passwords().await;
    app.anonymous().post("/users/otp/change-password", change("x", NEW)).await.expect_status(403);
}

/// Somebody of login type `none` who has a password hash all the same.
async fn robot_with_a_password(app: &TestApp, owner: &Actor) {
    let mut robot = TestApp::new_user("robot");
    robot["login_type"] = json!("none");
    robot["password"] = json!("");
    owner.post("/users", robot).await.expect_status(201);
    let hash = app.password_hash("owner@example.com").await;
    app.import_password_hash("robot@example.com", &hash).await;
}

fn change(code: &str, password: &str) -> Value {
    json!({ "email": "owner@example.com", "password": password, "one_time_passcode": code })
}

async fn owners_passcode(app: &TestApp) -> String {
    let body = json!({ "email": "owner@example.com" });
    app.anonymous().post("/users/otp/request", body).await.expect_status(204);
    app.passcode("owner@example.com").await
}

#[tokio::test]
async fn post_otp_change_204_all_keys_revoked() {
    let (app, owner) = TestApp::with_owner().await;
    let code = owners_passcode(&app).await;
    app.anonymous().post("/users/otp/change-password", change(&code, NEW)).await.expect_status(204);
    owner.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn post_otp_change_400_expired_code() {
    let (app, _owner) = TestApp::with_owner().await;
    let code = owners_passcode(&app).await;
    app.clock.advance(TimeDelta::minutes(11));
    app.anonymous().post("/users/otp/change-password", change(&code, NEW)).await.expect_status(400);
}

#[tokio::test]
async fn post_otp_change_400_same_as_old() {
    let (app, _owner) = TestApp::with_owner().await;
    let code = owners_passcode(&app).await;
    app.anonymous().post("/users/otp/change-password", change(&code, PASSWORD)).await.expect_status(400);
}

#[tokio::test]
async fn post_convert_login_403_not_a_password_user() {
    let (app, owner) = TestApp::with_owner().await;
    robot_with_a_password(&app, &owner).await;
    let body = json!({ "to_type": "oidc", "password": PASSWORD });
    owner.post("/users/robot/convert-login", body).await.expect_status(403);
}

#[tokio::test]
async fn post_tokens_409_name_taken() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.post("/users/me/keys/tokens", json!({ "token_name": "ci" })).await.expect_status(201);
    let taken = owner.post("/users/me/keys/tokens", json!({ "token_name": "ci" })).await.expect_status(409);
    assert_eq!(taken.invalid_fields(), ["name"]);
}

/// The id of a token of the owner's.
async fn token_of(owner: &Actor) -> String {
    owner.create_token(json!({ "token_name": "ci" })).await.key_id().to_owned()
}

#[tokio::test]
async fn get_key_200_by_id_and_by_name() {
    let (_app, owner) = TestApp::with_owner().await;
    let id = token_of(&owner).await;
    owner.get(&format!("/users/me/keys/{id}")).await.expect_status(200);
    owner.get("/users/me/keys/tokens/ci").await.expect_status(200);
}

#[tokio::test]
async fn get_key_404_not_readable() {
    let (app, owner) = TestApp::with_owner().await;
    let id = token_of(&owner).await;
    let member = app.user_with_roles(&owner, "member", &[]).await;
    member.get(&format!("/users/me/keys/{id}")).await.expect_status(404);
}

#[tokio::test]
async fn delete_key_204_and_404_not_permitted() {
    let (app, owner) = TestApp::with_owner().await;
    let id = token_of(&owner).await;
    let member = app.user_with_roles(&owner, "member", &[]).await;
    member.delete(&format!("/users/me/keys/{id}")).await.expect_status(404);
    owner.delete(&format!("/users/me/keys/{id}")).await.expect_status(204);
    owner.get(&format!("/users/me/keys/{id}")).await.expect_status(404);
}

#[tokio::test]
async fn put_expire_204_now_or_earlier() {
    let (app, owner) = TestApp::with_owner().await;
    let path = format!("/users/me/keys/{}", token_of(&owner).await);
    owner.put(&format!("{path}/expire"), Value::Null).await.expect_status(204);
    let ended = owner.get(&path).await.text_at("/expires_at");
    app.clock.advance(TimeDelta::minutes(1));
    owner.put(&format!("{path}/expire"), Value::Null).await.expect_status(204);
    assert_eq!(owner.get(&path).await.text_at("/expires_at"), ended);
}

#[tokio::test]
async fn any_400_text_plain_csrf() {
    let (app, owner) = TestApp::with_owner().await;
    let cookie = format!("coder_session_token={}", owner.token());
    let path = "/api/v2/users/me/keys";
    let refused = app.anonymous().send(Method::POST, path, &[("cookie", &cookie)], "").await.expect_status(400);
    assert!(refused.header("content-type").starts_with("text/plain"), "{:?}", refused.headers);
}

#[tokio::test]
async fn any_429_and_428_with_the_bypass_header() {
    let app = TestApp::with(&[("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "false"), ("ROSTER_API_RATE_LIMIT", "4")]).await;
    let owner = app.set_up().await;
    let member = app.user_with_roles(&owner, "member", &[]).await;
    let bypass = [("x-coder-bypass-ratelimit", "true")];
    for _ in 0..4 {
        member.get("/users/me").await.expect_status(200);
    }
    let limited = member.get("/users/me").await;
    assert_eq!((limited.status, limited.header("retry-after").is_empty()), (StatusCode::TOO_MANY_REQUESTS, false));
    member.send(Method::GET, "/api/v2/users/me", &bypass, "").await.expect_status(428);
    for _ in 0..9 {
        owner.send(Method::GET, "/api/v2/users/me", &bypass, "").await.expect_status(200);
    }
}
