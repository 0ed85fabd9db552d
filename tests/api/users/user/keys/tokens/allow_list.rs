//! The allow list of a new token: valid entries, their stored form, and that a key creates no wider one.

use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use crate::users::user::keys::UNKNOWN_ID;

async fn stored(owner: &Actor, allow_list: Value) -> Value {
    let token = owner.create_token(json!({ "allow_list": allow_list })).await;
    let key = owner.get(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(200);
    key.json()["allow_list"].clone()
}

fn workspaces(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("workspace:{index:08x}-0000-4000-8000-000000000000")).collect()
}

#[tokio::test]
async fn a_list_is_sorted_and_trimmed_and_a_wildcard_replaces_its_ids() {
    let (_app, owner) = TestApp::with_owner().await;
    let (user, workspace) = (format!("user:{UNKNOWN_ID}"), format!("workspace:{UNKNOWN_ID}"));
    let asked = json!([user, "workspace:*", workspace, " api_key:* ", user]);
    assert_eq!(stored(&owner, asked).await, json!(["api_key:*", user, "workspace:*"]));
}

#[tokio::test]
async fn the_full_wildcard_replaces_all_entries_and_is_the_default() {
    let (_app, owner) = TestApp::with_owner().await;
    for asked in [json!(["workspace:*", "*:*"]), json!([]), json!(null)] {
        assert_eq!(stored(&owner, asked).await, json!(["*:*"]));
    }
}

#[tokio::test]
async fn malformed_entries_are_refused_as_a_malformed_body() {
    let (_app, owner) = TestApp::with_owner().await;
    for entry in [
        json!("workspace"),
        json!("nonsense:*"),
        json!("USER:*"),
        json!("user:me"),
        json!("user:"),
        json!(""),
        json!({ "type": "user", "id": "*" }),
        json!(7),
    ] {
        let refused = owner.post("/users/me/keys/tokens", json!({ "allow_list": ["user:*", entry] })).await;
        let refused = refused.expect_status(400);
        assert!(!refused.text_at("/detail").is_empty(), "{entry}: {}", refused.text);
    }
    assert_eq!(owner.get("/users/me/keys/tokens").await.text, "[]\n");
}

#[tokio::test]
async fn a_list_has_at_most_128_entries() {
    let (_app, owner) = TestApp::with_owner().await;
    let refused =
        owner.post("/users/me/keys/tokens", json!({ "allow_list": workspaces(129) })).await.expect_status(400);
    assert!(refused.text_at("/detail").contains("128"), "{}", refused.text);
    // An unknown scope is reported before the allow list.
    let both = json!({ "allow_list": workspaces(129), "scopes": ["nonsense"] });
    let refused = owner.post("/users/me/keys/tokens", both).await.expect_status(400);
    assert!(refused.text_at("/detail").contains("nonsense"), "{}", refused.text);
    assert_eq!(stored(&owner, json!(workspaces(128))).await, json!(workspaces(128)));
}

#[tokio::test]
async fn a_key_with_an_allow_list_creates_no_wider_key() {
    let (_app, owner) = TestApp::with_owner().await;
    let me = owner.get("/users/me").await.text_at("/id");
    let narrow = owner.create_token(json!({ "allow_list": ["api_key:*", format!("user:{me}")] })).await;
    for wider in [json!(null), json!(["*:*"]), json!(["user:*"]), json!([format!("user:{UNKNOWN_ID}")])] {
        narrow.post("/users/me/keys/tokens", json!({ "allow_list": wider })).await.expect_status(403);
    }
    narrow.create_token(json!({ "allow_list": [format!("user:{me}")] })).await;
}
