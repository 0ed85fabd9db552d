//! `codersdk.Client`. Not yet here: passcodes, checks, the audit log, status counts, members and roles of
//! organizations, groups, identity synchronisation and notifications.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::{assert_present, first_user};

const ANOTHER_PASSWORD: &str = "AnotherSecurePassword!";

async fn organization(actor: &Actor) -> String {
    actor.get("/organizations/default").await.expect_status(200).text_at("/id")
}

#[tokio::test]
async fn the_first_user_logs_in_and_out() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    // HasFirstUser
    let none = client.get("/users/first").await.expect_status(404);
    assert!(!none.header("x-coder-build-version").is_empty());
    // CreateFirstUser, and again
    let first = client.post("/users/first", first_user(PASSWORD)).await.expect_status(201);
    assert_present(&first, &["/user_id", "/organization_id"]);
    client.post("/users/first", first_user(PASSWORD)).await.expect_status(409);
    // LoginWithPassword (wrong), User me (signed out), LoginWithPassword, User
    let login = |password| json!({ "email": "owner@example.com", "password": password });
    client.post("/users/login", login("wrong")).await.expect_status(401);
    client.get("/users/me").await.expect_status(401);
    let session = client.post("/users/login", login(PASSWORD)).await.expect_status(201);
    let owner = client.with_token(session.text_at("/session_token"));
    let me = owner.get("/users/me").await.expect_status(200);
    assert_eq!((me.text_at("/id"), me.text_at("/username")), (first.text_at("/user_id"), "owner".to_owned()));
    // OrganizationByName, BuildInfo, AuthMethods, Entitlements: sent with the token
    assert_eq!(organization(&owner).await, first.text_at("/organization_id"));
    assert_present(
        &owner.get("/buildinfo").await.expect_status(200),
        &["/version", "/deployment_id", "/dashboard_url"],
    );
    let methods = owner.get("/users/authmethods").await.expect_status(200);
    assert_present(&methods, &["/password/enabled", "/github/enabled", "/oidc/enabled", "/oidc/signInText"]);
    assert_present(&owner.get("/entitlements").await.expect_status(200), &["/features/service_accounts/enabled"]);
    // CreateAPIKey
    let key = owner.call(Method::POST, "/users/me/keys", None).await.expect_status(201);
    let other = owner.with_token(key.text_at("/key"));
    // Logout, User me (signed out at last)
    owner.call(Method::POST, "/users/logout", None).await.expect_status(200);
    owner.get("/users/me").await.expect_status(401);
    other.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn users_are_created_read_and_paged() {
    let (_app, owner) = TestApp::with_owner().await;
    let organization = organization(&owner).await;
    // CreateUserWithOrgs
    let sam = json!({
        "email": "sam@example.com", "username": "sam", "name": "S", "password": PASSWORD, "login_type": "password",
        "user_status": null, "organization_ids": [organization], "roles": ["auditor"],
    });
    assert_present(&owner.post("/users", sam).await.expect_status(201), &["/id", "/roles/0/name"]);
    // CreateUser
    let tom = json!({
        "email": "tom@example.com", "username": "tom", "name": "", "password": PASSWORD, "login_type": "",
        "user_status": null, "organization_ids": [organization],
    });
    assert_eq!(owner.post("/users", tom.clone()).await.expect_status(201).text_at("/login_type"), "password");
    // CreateUserWithOrgs (taken)
    let mut taken = tom;
    taken["login_type"] = json!("password");
    owner.post("/users", taken).await.expect_status(409);
    // CreateUserWithOrgs (service account): nothing needs a licence here
    let machine = json!({
        "email": "", "username": "machine", "name": "", "password": "", "login_type": "none", "user_status": null,
        "organization_ids": [organization], "service_account": true,
    });
    owner.post("/users", machine).await.expect_status(201);
    // User (unknown)
    owner.get("/users/unknown").await.expect_status(404);
    // Users, with after_id, with offset
    let query = "/users?limit=5&q=sam+name:S+status:dormant+role:auditor+login_type:password";
    let found = owner.get(query).await.expect_status(200).json();
    assert_eq!((&found["count"], &found["users"][0]["username"]), (&json!(1), &json!("sam")));
    let first = owner.get("/users?limit=1&q=").await.expect_status(200).text_at("/users/0/id");
    let after = owner.get(&format!("/users?after_id={first}&limit=1&q=")).await.expect_status(200).json();
    let offset = owner.get("/users?limit=1&offset=1&q=").await.expect_status(200).json();
    assert_eq!(after["users"], offset["users"]);
    assert_eq!(after["users"][0]["username"], json!("owner"));
}

#[tokio::test]
async fn a_user_manages_their_own_profile_settings_and_keys() {
    let (_app, _owner, ada) = TestApp::with_actor("ada", &[]).await;
    // UpdateUserProfile
    let profile = json!({ "username": "ada", "name": "Ada Lovelace", "avatar_url": "" });
    assert_eq!(ada.put("/users/me/profile", profile).await.expect_status(200).text_at("/name"), "Ada Lovelace");
    // ValidateUserPassword
    let verdict = ada.post("/users/validate-password", json!({ "password": "short" })).await.expect_status(200);
    assert_eq!(verdict.json()["valid"], json!(false));
    // GetUserAppearanceSettings, UpdateUserAppearanceSettings
    ada.get("/users/me/appearance").await.expect_status(200);
    let appearance = json!({
        "theme_preference": "dark", "theme_mode": "", "theme_light": "", "theme_dark": "",
        "terminal_font": "fira-code",
    });
    assert_present(&ada.put("/users/me/appearance", appearance).await.expect_status(200), &["/theme_preference"]);
    // GetUserPreferenceSettings, UpdateUserPreferenceSettings
    ada.get("/users/me/preferences").await.expect_status(200);
    let preferences = json!({ "task_notification_alert_dismissed": true, "thinking_display_mode": "auto" });
    ada.put("/users/me/preferences", preferences).await.expect_status(200);
    // GitSSHKey, RegenerateGitSSHKey, UserAutofillParameters
    assert_present(&ada.get("/users/me/gitsshkey").await.expect_status(200), &["/public_key"]);
    assert_present(&ada.call(Method::PUT, "/users/me/gitsshkey", None).await.expect_status(200), &["/public_key"]);
    let autofill = "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
    assert_eq!(ada.get(autofill).await.expect_status(200).json(), json!([]));
    // UserOIDCClaims (password user), OrganizationsByUser, OrganizationByUserAndName
    ada.get("/users/oidc-claims").await.expect_status(400);
    assert_present(&ada.get("/users/me/organizations").await.expect_status(200), &["/0/id", "/0/created_at"]);
    ada.get("/users/me/organizations/coder").await.expect_status(200);
}

#[tokio::test]
async fn an_owner_changes_roles_status_password_and_login_type_and_deletes() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let id = ada.get("/users/me").await.expect_status(200).text_at("/id");
    // ListSiteRoles, UpdateUserRoles, UserRoles, UpdateUserRoles (oneself)
    assert_present(&owner.get("/users/roles").await.expect_status(200), &["/0/name", "/0/assignable", "/0/built_in"]);
    let auditor = json!({ "roles": ["auditor"] });
    assert_present(&owner.put("/users/ada/roles", auditor).await.expect_status(200), &["/roles/0/name"]);
    let roles = owner.get(&format!("/users/{id}/roles")).await.expect_status(200).json();
    assert_eq!(roles["roles"], json!(["auditor"]));
    assert!(roles["organization_roles"].is_object(), "{roles}");
    owner.put("/users/me/roles", json!({ "roles": ["owner"] })).await.expect_status(400);
    // UpdateUserStatus, User me (suspended)
    let suspended = owner.call(Method::PUT, "/users/ada/status/suspend", None).await.expect_status(200);
    assert_eq!(suspended.text_at("/status"), "suspended");
    ada.get("/users/me").await.expect_status(401);
    owner.call(Method::PUT, "/users/ada/status/activate", None).await.expect_status(200);
    // UpdateUserPassword (wrong old one), UpdateUserPassword, User me (after the password change)
    let change = |old: &str| json!({ "old_password": old, "password": ANOTHER_PASSWORD });
    ada.put("/users/me/password", change("wrong")).await.expect_status(400);
    ada.put("/users/me/password", change(PASSWORD)).await.expect_status(204);
    ada.get("/users/me").await.expect_status(401);
    let ada = ada.with_token(app.login("ada@example.com", ANOTHER_PASSWORD).await.text_at("/session_token"));
    // ConvertLoginType, with a wrong password
    let convert = |password: &str| json!({ "to_type": "oidc", "password": password });
    let ticket = ada.post("/users/me/convert-login", convert(ANOTHER_PASSWORD)).await.expect_status(201);
    assert_present(&ticket, &["/state_string", "/expires_at", "/to_type", "/user_id"]);
    ada.post("/users/me/convert-login", convert("wrong")).await.expect_status(401);
    // DeleteUser, User by name (deleted), DeleteUser (oneself)
    owner.delete(&format!("/users/{id}")).await.expect_status(200);
    owner.get("/users/ada").await.expect_status(404);
    let own = owner.get("/users/me").await.text_at("/id");
    owner.delete(&format!("/users/{own}")).await.expect_status(403);
}

#[tokio::test]
async fn tokens_are_created_read_listed_and_ended() {
    let (_app, owner) = TestApp::with_owner().await;
    let tokens = "/users/me/keys/tokens";
    // GetTokenConfig, CreateToken
    let config = owner.get("/users/me/keys/tokens/tokenconfig").await.expect_status(200).json();
    let narrow = json!({
        "lifetime": 3_600_000_000_000_i64, "scopes": ["user:read"], "token_name": "narrow", "allow_list": ["user:*"],
    });
    let token = owner.with_token(owner.post(tokens, narrow).await.expect_status(201).text_at("/key"));
    token.get("/users/me").await.expect_status(200);
    // APIKeyByName, APIKeyByID
    let by_name = owner.get("/users/me/keys/tokens/narrow").await.expect_status(200);
    let path = format!("/users/me/keys/{}", by_name.text_at("/id"));
    let by_id = owner.get(&path).await.expect_status(200);
    let shown = ["/id", "/user_id", "/expires_at", "/login_type", "/scope", "/scopes/0", "/allow_list", "/token_name"];
    assert_present(&by_id, &shown);
    // CreateToken (name taken), CreateToken (too long)
    let namesake = json!({ "lifetime": 3_600_000_000_000_i64, "token_name": "narrow" });
    assert_eq!(owner.post(tokens, namesake).await.expect_status(409).invalid_fields(), ["name"]);
    let longest = config["max_token_lifetime"].as_i64().unwrap_or_default();
    let long = json!({ "lifetime": longest + 3_600_000_000_000, "token_name": "" });
    owner.post(tokens, long).await.expect_status(400);
    // Tokens, ExpireAPIKey, User me (expired)
    let list = owner.get("/users/me/keys/tokens?include_all=false&include_expired=false").await.expect_status(200);
    assert_present(&list, &["/0/id", "/0/username"]);
    owner.call(Method::PUT, &format!("{path}/expire"), None).await.expect_status(204);
    token.get("/users/me").await.expect_status(401);
    // Tokens (all, expired too), DeleteAPIKey, APIKeyByID (deleted)
    let all = owner.get("/users/me/keys/tokens?include_all=true&include_expired=true").await.expect_status(200);
    assert_eq!(all.json().as_array().map(Vec::len), Some(1));
    owner.delete(&path).await.expect_status(204);
    owner.get(&path).await.expect_status(404);
}

#[tokio::test]
async fn organizations_are_read_by_id_and_name_and_listed() {
    let (_app, owner) = TestApp::with_owner().await;
    let id = organization(&owner).await;
    let one = owner.get(&format!("/organizations/{id}")).await.expect_status(200).json();
    let all: Value = owner.get("/organizations").await.expect_status(200).json();
    assert_eq!(all, json!([one]));
    owner.get("/organizations/no-such-org").await.expect_status(404);
}
