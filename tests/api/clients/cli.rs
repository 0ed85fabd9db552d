//! `coder`. Not yet here: members, roles and settings of organizations, their creation, groups and notifications.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use super::{assert_present, first_user};

/// The requests of `whoami` and of every login about the user of a token.
async fn whoami(actor: &Actor) -> Answer {
    let me = actor.get("/users/me").await.expect_status(200);
    assert_present(&me, &["/id", "/username", "/organization_ids/0", "/roles"]);
    me
}

async fn suspend_or_activate(owner: &Actor, user: &str, action: &str) -> Answer {
    let found = owner.get(&format!("/users/{user}")).await.expect_status(200);
    assert_present(&found, &["/id", "/status", "/username", "/email", "/created_at"]);
    owner.call(Method::PUT, &format!("/users/{}/status/{action}", found.text_at("/id")), None).await
}

/// The organization of a command without `--org`.
async fn selected_organization(actor: &Actor) -> String {
    let organizations = actor.get("/users/me/organizations").await.expect_status(200);
    assert_present(&organizations, &["/0/id", "/0/name", "/0/is_default"]);
    organizations.text_at("/0/id")
}

async fn create_user(owner: &Actor, body: Value) -> Answer {
    let mut body = body;
    body["organization_ids"] = json!([selected_organization(owner).await]);
    owner.post("/users", body).await
}

fn password_user(username: &str, name: &str) -> Value {
    json!({
        "email": format!("{username}@example.com"), "username": username, "name": name, "password": PASSWORD,
        "login_type": "password", "user_status": null,
    })
}

#[tokio::test]
async fn login_to_a_new_deployment_creates_the_first_user() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    let none = anonymous.get("/users/first").await.expect_status(404);
    assert!(none.header("x-coder-build-version").starts_with('v'));
    let created = anonymous.post("/users/first", first_user(PASSWORD)).await.expect_status(201);
    assert_present(&created, &["/user_id", "/organization_id"]);
    let credentials = json!({ "email": "owner@example.com", "password": PASSWORD });
    let login = anonymous.post("/users/login", credentials).await.expect_status(201);
    let owner = anonymous.with_token(login.text_at("/session_token"));
    assert_eq!(whoami(&owner).await.text_at("/username"), "owner");
    // The CLI compares versions with this request, without a token.
    let build = anonymous.get("/buildinfo").await.expect_status(200);
    assert_present(&build, &["/version", "/upgrade_message", "/dashboard_url"]);
}

#[tokio::test]
async fn login_with_a_pasted_token_repeats_until_it_is_valid() {
    let (app, owner) = TestApp::with_owner().await;
    app.anonymous().get("/users/first").await.expect_status(200);
    app.anonymous().with_token("0123456789-0123456789012345678901").get("/users/me").await.expect_status(401);
    let pasted = owner.call(Method::POST, "/users/me/keys", None).await.expect_status(201).text_at("/key");
    let pasted = owner.with_token(pasted);
    for _ in 0..2 {
        assert_eq!(whoami(&pasted).await.text_at("/username"), "owner");
    }
}

#[tokio::test]
async fn login_with_a_token_creates_a_key_or_keeps_the_token() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "lifetime": 3_600_000_000_000_i64, "token_name": "" })).await;
    token.get("/users/first").await.expect_status(200);
    let key = token.call(Method::POST, "/users/me/keys", None).await.expect_status(201);
    whoami(&token.with_token(key.text_at("/key"))).await;
    // --use-token-as-session, and CODER_SESSION_TOKEN without a login.
    token.get("/users/first").await.expect_status(200);
    whoami(&token).await;
    let wrong = token.with_token("0123456789-0123456789012345678901");
    wrong.get("/users/first").await.expect_status(200);
    wrong.call(Method::POST, "/users/me/keys", None).await.expect_status(401);
}

#[tokio::test]
async fn logout_ends_the_session_and_tolerates_an_ended_one() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.call(Method::POST, "/users/logout", None).await.expect_status(200);
    owner.get("/users/me").await.expect_status(401);
    owner.call(Method::POST, "/users/logout", None).await.expect_status(401);
}

#[tokio::test]
async fn users_of_every_kind_are_created() {
    let (_app, owner) = TestApp::with_owner().await;
    let created = create_user(&owner, password_user("ada", "Ada Lovelace")).await.expect_status(201);
    assert_eq!((created.text_at("/name"), created.text_at("/status")), ("Ada Lovelace".into(), "dormant".into()));
    let none = json!({
        "email": "robot@example.com", "username": "robot", "name": "", "password": "", "login_type": "none",
        "user_status": null,
    });
    assert_eq!(create_user(&owner, none).await.expect_status(201).text_at("/login_type"), "none");
    create_user(&owner, password_user("ada", "")).await.expect_status(409);
    selected_organization(&owner).await;
    owner.get("/organizations/no-such-org").await.expect_status(404);
    // The recorded answer refuses it for lack of a licence; Roster needs none.
    let machine = json!({
        "email": "", "username": "machine", "name": "", "password": "", "login_type": "none", "user_status": null,
        "service_account": true,
    });
    let machine = create_user(&owner, machine).await.expect_status(201);
    assert_eq!(machine.json()["is_service_account"], json!(true));
}

#[tokio::test]
async fn users_are_listed_shown_suspended_activated_and_deleted() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let list = owner.get("/users?q=").await.expect_status(200);
    assert_present(&list, &["/users/0/username", "/users/0/email", "/users/0/created_at", "/users/0/status"]);
    assert_eq!(list.json()["users"].as_array().map(Vec::len), Some(2));
    let found = owner.get("/users?q=github_com_user_id:987654321").await.expect_status(200);
    assert_eq!(found.json()["users"], json!([]));

    let shown = owner.get("/users/ada").await.expect_status(200);
    assert_present(&shown, &["/id", "/username", "/email", "/status", "/created_at", "/roles", "/organization_ids/0"]);
    let organization = owner.get(&format!("/organizations/{}", shown.text_at("/organization_ids/0"))).await;
    assert_eq!(organization.expect_status(200).text_at("/name"), "coder");
    owner.get("/users/unknown").await.expect_status(404);
    owner.get("/users/oidc-claims").await.expect_status(400);

    let id = shown.text_at("/id");
    assert_eq!(suspend_or_activate(&owner, "ada", "suspend").await.expect_status(200).text_at("/status"), "suspended");
    // The CLI reads the status and does not suspend a suspended user again.
    assert_eq!(owner.get(&format!("/users/{id}")).await.expect_status(200).text_at("/status"), "suspended");
    assert_eq!(suspend_or_activate(&owner, &id, "activate").await.expect_status(200).text_at("/status"), "active");
    suspend_or_activate(&owner, "owner", "suspend").await.expect_status(400);

    let found = owner.get("/users/ada").await.expect_status(200);
    owner.delete(&format!("/users/{}", found.text_at("/id"))).await.expect_status(200);
}

#[tokio::test]
async fn roles_of_a_user_are_edited() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let username = owner.get("/users/ada").await.expect_status(200).text_at("/username");
    assert_present(&owner.get(&format!("/users/{username}/roles")).await.expect_status(200), &["/roles"]);
    let offered = owner.get("/users/roles").await.expect_status(200).json();
    let offered: Vec<&Value> = offered.as_array().into_iter().flatten().map(|role| &role["name"]).collect();
    let wanted = json!(["auditor", "template-admin"]);
    assert!(wanted.as_array().into_iter().flatten().all(|role| offered.contains(&role)), "{offered:?}");
    let edited = owner.put(&format!("/users/{username}/roles"), json!({ "roles": wanted })).await.expect_status(200);
    assert_present(&edited, &["/roles/0/name", "/roles/0/display_name", "/roles/1/name"]);
}

#[tokio::test]
async fn tokens_are_created_with_the_configured_lifetime() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    let config = owner.get("/users/me/keys/tokens/tokenconfig").await.expect_status(200).json();
    let lifetime = &config["max_token_lifetime"];
    assert!(lifetime.is_u64(), "{config}");
    let tokens = "/users/me/keys/tokens";
    let created = owner.post(tokens, json!({ "lifetime": lifetime, "token_name": "" })).await.expect_status(201);
    whoami(&owner.with_token(created.text_at("/key"))).await;

    let named = json!({
        "lifetime": 131_400_000_000_000_i64, "scopes": ["user:read", "api_key:*"], "token_name": "ci",
        "allow_list": [format!("user:{id}"), "api_key:*"],
    });
    assert_present(&owner.post(tokens, named).await.expect_status(201), &["/key"]);
    owner.post(tokens, json!({ "lifetime": lifetime, "token_name": "ci" })).await.expect_status(409);

    owner.get("/users/ada/keys/tokens/tokenconfig").await.expect_status(200);
    let other = json!({ "lifetime": 3_600_000_000_000_i64, "token_name": "hers" });
    assert_present(&owner.post("/users/ada/keys/tokens", other).await.expect_status(201), &["/key"]);
    let all_tokens = owner.get("/users/me/keys/tokens?include_all=true&include_expired=false").await.expect_status(200);
    let owners: Vec<Value> =
        all_tokens.json().as_array().into_iter().flatten().map(|key| key["username"].clone()).collect();
    assert_eq!(owners, ["owner", "owner", "ada"]);
}

#[tokio::test]
async fn tokens_are_listed_viewed_and_removed() {
    let (_app, owner) = TestApp::with_owner().await;
    let lifetime = 3_600_000_000_000_i64;
    let named = owner.create_token(json!({ "lifetime": lifetime, "token_name": "ci" })).await;
    let whole = owner.create_token(json!({ "lifetime": lifetime, "token_name": "" })).await;
    let listed = "/users/me/keys/tokens?include_all=false&include_expired=";
    let list = owner.get(&format!("{listed}false")).await.expect_status(200);
    for member in ["id", "user_id", "last_used", "expires_at", "created_at", "updated_at", "login_type", "scopes"] {
        assert_present(&list, &[&format!("/0/{member}"), &format!("/1/{member}")]);
    }
    assert_present(&list, &["/0/token_name", "/0/lifetime_seconds", "/0/allow_list", "/0/username"]);

    let viewed = owner.get("/users/me/keys/tokens/ci").await.expect_status(200);
    assert_eq!(viewed.text_at("/id"), named.key_id());
    let path = format!("/users/me/keys/{}", viewed.text_at("/id"));
    owner.call(Method::PUT, &format!("{path}/expire"), None).await.expect_status(204);
    assert_eq!(owner.get(&format!("{listed}true")).await.expect_status(200).json().as_array().map(Vec::len), Some(2));
    assert_eq!(owner.get(&format!("{listed}false")).await.expect_status(200).json().as_array().map(Vec::len), Some(1));

    owner.get(&format!("/users/me/keys/tokens/{}", whole.token())).await.expect_status(404);
    let found = owner.get(&format!("/users/me/keys/{}", whole.key_id())).await.expect_status(200);
    owner.delete(&format!("/users/me/keys/{}", found.text_at("/id"))).await.expect_status(204);
    whole.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn organizations_are_listed_and_shown() {
    let (_app, owner) = TestApp::with_owner().await;
    let list = owner.get("/organizations").await.expect_status(200);
    assert_present(&list, &["/0/id", "/0/name", "/0/display_name", "/0/is_default"]);
    let selected = selected_organization(&owner).await;
    let shown = owner.get("/organizations/coder").await.expect_status(200);
    assert_eq!((shown.text_at("/id"), &shown.json()["is_default"]), (selected.clone(), &json!(true)));
    let sharing = owner.get(&format!("/organizations/{selected}/settings/workspace-sharing")).await;
    assert_present(&sharing.expect_status(200), &["/sharing_disabled"]);
}

#[tokio::test]
async fn public_keys_features_and_licenses_are_shown() {
    let (_app, owner) = TestApp::with_owner().await;
    let key = owner.get("/users/me/gitsshkey").await.expect_status(200).text_at("/public_key");
    let fresh = owner.call(Method::PUT, "/users/me/gitsshkey", None).await.expect_status(200);
    assert_ne!(fresh.text_at("/public_key"), key);
    let shown = owner.get("/users/me/gitsshkey").await.expect_status(200);
    assert_eq!(shown.text_at("/public_key"), fresh.text_at("/public_key"));
    let features = owner.get("/entitlements").await.expect_status(200);
    assert_present(&features, &["/features/user_limit/entitlement", "/features/user_limit/actual", "/has_license"]);
    assert_eq!(owner.get("/licenses").await.expect_status(200).json(), json!([]));
}
