//! Items that a request has read change before its transaction. The transaction fails, and the answer reflects the new
//! state.

use aws_sdk_dynamodb::types::AttributeValue;
use roster_tests::app::PASSWORD;
use roster_tests::{Fault, TestApp};
use serde_json::json;
use uuid::Uuid;

use super::{item_keys, with_used_session};

#[tokio::test]
async fn creating_a_user_names_the_organization_that_was_deleted() {
    let (app, owner) = with_used_session().await;
    let second = Uuid::from_u128(0x2222_2222_2222_4222_8222_2222_2222_2222);
    app.import_organization(second, "second").await;
    let mut body = TestApp::new_user("ada");
    body["organization_ids"] = json!([Uuid::nil(), second]);
    app.faults.script([Fault::None, Fault::Hold]);
    let partition = format!("ORGANIZATION#{second}");
    let removal = app.remove_item(&partition, "PROFILE");
    let (refused, ()) = app.faults.interleave(owner.post("/users", body), removal).await;
    let refused = refused.expect_status(404);
    assert!(refused.text.contains(&second.to_string()), "{}", refused.text);
    assert!(!item_keys(&app).await.iter().any(|key| key.contains("ada")));
}

#[tokio::test]
async fn a_login_overtaken_by_a_new_login_type_creates_no_session() {
    let (app, _) = with_used_session().await;
    let before = item_keys(&app).await;
    // The calls read the user, count the attempt and write its audit entry; then comes the transaction.
    app.faults.script([Fault::None, Fault::None, Fault::None, Fault::Hold]);
    let login = app.login("owner@example.com", PASSWORD);
    let oidc = AttributeValue::S("oidc".to_owned());
    let conversion = app.change_item("EMAIL#owner@example.com", "CLAIM", "login_type", oidc);
    let (refused, ()) = app.faults.interleave(login, conversion).await;
    refused.expect_status(403);
    let keys = item_keys(&app).await.difference(&before).filter(|key| key.contains("KEY#")).count();
    assert_eq!(keys, 0);
}
