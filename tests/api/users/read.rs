//! `GET /users/{user}`.

use http::StatusCode;
use roster_tests::TestApp;

#[tokio::test]
async fn a_user_is_found_by_id_by_name_in_any_case_and_as_me() {
    let (app, owner) = TestApp::with_owner().await;
    let id = app.create_user(&owner, "Ada").await;
    for path in [format!("/users/{id}"), "/users/aDA".to_owned()] {
        assert_eq!(owner.get(&path).await.expect_status(200).text_at("/id"), id, "{path}");
    }
    assert_eq!(owner.get("/users/me").await.expect_status(200).text_at("/username"), "owner");
}

#[tokio::test]
async fn a_hidden_user_and_a_missing_one_are_not_told_apart() {
    let (app, owner) = TestApp::with_owner().await;
    app.create_user(&owner, "ada").await;
    let member = app.user_with_roles(&owner, "bob", &[]).await;
    let hidden = member.get("/users/ada").await;
    let missing = member.get("/users/nobody").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert_eq!((hidden.status, &hidden.text), (missing.status, &missing.text));
}
