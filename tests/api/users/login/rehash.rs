//! A login replaces a stored hash whose parameters differ from those of the deployment.

use roster_tests::TestApp;
use roster_tests::app::PASSWORD;

/// [`PASSWORD`] in the format of another product, computed with Python's hashlib.
const IMPORTED: &str = "$pbkdf2-sha256$1000$AAECAwQFBgcICQoLDA0ODw$\
    S1CtswpHxrfj4y7u8gA/2HGJAayNLW5rR56/cW+Y5Fs3sJejtO0e8yMOgklE2OFrnQPbf8uNKx54BJkfmJZI5Q";

#[tokio::test]
async fn a_login_replaces_an_imported_hash() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    app.import_password_hash("ada@example.com", IMPORTED).await;
    app.sign_in("ada").await;
    let replaced = app.password_hash("ada@example.com").await;
    assert!(replaced.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "another kind of hash");
    app.sign_in("ada").await.get("/users/me").await.expect_status(200);
    assert_eq!(app.password_hash("ada@example.com").await, replaced);
}

#[tokio::test]
async fn a_wrong_password_replaces_nothing() {
    let (app, _owner) = TestApp::with_owner().await;
    app.import_password_hash("owner@example.com", IMPORTED).await;
    app.login("owner@example.com", "wrong").await.expect_status(401);
    assert_eq!(app.password_hash("owner@example.com").await, IMPORTED);
}

#[tokio::test]
async fn a_hash_with_current_parameters_is_kept() {
    let (app, _owner) = TestApp::with_owner().await;
    let before = app.password_hash("owner@example.com").await;
    let computed = app.app.hash_computations();
    app.login("owner@example.com", PASSWORD).await.expect_status(201);
    assert_eq!(app.password_hash("owner@example.com").await, before);
    assert_eq!(app.app.hash_computations() - computed, 1);
}
