//! The Terraform provider `coderd`: its start and its resources and data sources for users. Terraform starts it once
//! for the plan and once for the change.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use super::assert_present;

const SAME_PASSWORD: &str = "New password cannot match old password.";

/// The provider with the token of an owner.
struct Terraform {
    app: TestApp,
    owner: Actor,
}

/// A user in the configuration.
#[derive(Clone)]
struct Wanted {
    username: &'static str,
    name: &'static str,
    password: &'static str,
    login_type: &'static str,
    /// `None` when the configuration does not manage roles.
    roles: Option<Vec<&'static str>>,
    suspended: bool,
}

const ADA: Wanted = Wanted {
    username: "ada",
    name: "Ada",
    password: PASSWORD,
    login_type: "password",
    roles: Some(Vec::new()),
    suspended: false,
};

impl Terraform {
    async fn new() -> Self {
        let (app, owner) = TestApp::with_owner().await;
        Self { app, owner }
    }

    /// The requests at the start of the provider. It needs the feature that decides whether it manages groups.
    async fn start(&self) {
        assert_present(&self.owner.get("/users/me").await.expect_status(200), &["/organization_ids/0"]);
        assert_present(&self.owner.get("/entitlements").await.expect_status(200), &["/features/template_rbac/enabled"]);
    }

    async fn create(&self, wanted: &Wanted) -> String {
        let me = self.owner.get("/users/me").await.expect_status(200);
        let new = json!({
            "email": "ada@example.com", "username": wanted.username, "name": wanted.name, "password": wanted.password,
            "login_type": wanted.login_type, "user_status": null, "organization_ids": [me.text_at("/organization_ids/0")],
        });
        let created = self.owner.post("/users", new).await.expect_status(201);
        assert_present(&created, &["/id", "/email"]);
        let id = created.text_at("/id");
        self.put_profile(&id, wanted).await;
        self.put_roles(&id, wanted).await;
        if wanted.suspended {
            self.owner.call(Method::PUT, &format!("/users/{id}/status/suspend"), None).await.expect_status(200);
        }
        id
    }

    async fn put_profile(&self, id: &str, wanted: &Wanted) {
        let name = if wanted.name.is_empty() { wanted.username } else { wanted.name };
        let profile = json!({ "username": wanted.username, "name": name, "avatar_url": "" });
        let changed = self.owner.put(&format!("/users/{id}/profile"), profile).await.expect_status(200);
        assert_eq!((changed.text_at("/username"), changed.text_at("/name")), (wanted.username.into(), name.into()));
    }

    async fn put_roles(&self, id: &str, wanted: &Wanted) {
        if let Some(roles) = &wanted.roles {
            self.owner.put(&format!("/users/{id}/roles"), json!({ "roles": roles })).await.expect_status(200);
        }
    }

    /// A refresh: reads the user by id, then by username. The answers must equal the configuration.
    async fn read(&self, id: &str, wanted: &Wanted) {
        self.start().await;
        let by_id = self.owner.get(&format!("/users/{id}")).await.expect_status(200);
        let username = by_id.text_at("/username");
        let by_name = self.owner.get(&format!("/users/{username}")).await.expect_status(200);
        assert_eq!(by_name.text_at("/id"), id);
        assert_present(
            &by_id,
            &["/email", "/name", "/username", "/roles", "/login_type", "/status", "/organization_ids/0"],
        );
        let name = if wanted.name.is_empty() { wanted.username } else { wanted.name };
        assert_eq!((username.as_str(), by_id.text_at("/name").as_str()), (wanted.username, name));
        assert_eq!(by_id.text_at("/login_type"), wanted.login_type);
        assert_eq!(by_id.text_at("/status") == "suspended", wanted.suspended, "{}", by_id.text);
        let mut roles: Vec<String> = roles_of(&by_id);
        roles.sort_unstable();
        assert_eq!(roles, wanted.roles.clone().unwrap_or_default());
    }

    /// An update, which repeats unchanged values. `status` is the expected status of the password change.
    async fn update(&self, id: &str, wanted: &Wanted, password_status: u16) {
        self.start().await;
        let before = self.owner.get(&format!("/users/{id}")).await.expect_status(200);
        self.put_profile(id, wanted).await;
        self.put_roles(id, wanted).await;
        let password = json!({ "old_password": "", "password": wanted.password });
        let answer = self.owner.put(&format!("/users/{id}/password"), password).await.expect_status(password_status);
        if password_status == 400 {
            assert!(answer.text_at("/message").contains(SAME_PASSWORD), "{}", answer.text);
        }
        let was_suspended = before.text_at("/status") == "suspended";
        let action = match (wanted.suspended, was_suspended) {
            (true, _) => "suspend",
            (false, true) => "activate",
            (false, false) => return,
        };
        self.owner.call(Method::PUT, &format!("/users/{id}/status/{action}"), None).await.expect_status(200);
    }
}

fn roles_of(user: &Answer) -> Vec<String> {
    let roles = user.json()["roles"].as_array().cloned().unwrap_or_default();
    roles.iter().filter_map(|role| role["name"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn the_provider_starts_with_and_without_a_default_organization() {
    let terraform = Terraform::new().await;
    terraform.start().await;
    terraform.owner.get("/users/owner").await.expect_status(200);
    terraform.owner.get("/entitlements").await.expect_status(200);
    terraform.owner.get("/users/owner").await.expect_status(200);
}

#[tokio::test]
async fn a_user_is_created_updated_and_destroyed() {
    let terraform = Terraform::new().await;
    let mut wanted = Wanted { roles: Some(vec!["auditor", "template-admin"]), ..ADA };
    terraform.start().await;
    terraform.start().await;
    let id = terraform.create(&wanted).await;
    terraform.read(&id, &wanted).await;
    // The name changes and the password stays.
    wanted.name = "Ada Lovelace";
    terraform.update(&id, &wanted, 400).await;
    terraform.read(&id, &wanted).await;
    wanted.username = "lovelace";
    terraform.update(&id, &wanted, 400).await;
    terraform.read(&id, &wanted).await;
    wanted.password = "AnotherSecurePassword!";
    wanted.roles = Some(Vec::new());
    terraform.update(&id, &wanted, 204).await;
    terraform.read(&id, &wanted).await;
    wanted.suspended = true;
    // Suspending twice succeeds.
    for _ in 0..2 {
        terraform.update(&id, &wanted, 400).await;
        terraform.read(&id, &wanted).await;
    }
    wanted.suspended = false;
    terraform.update(&id, &wanted, 400).await;
    terraform.read(&id, &wanted).await;
    // Another login type replaces the user.
    terraform.start().await;
    terraform.owner.delete(&format!("/users/{id}")).await.expect_status(200);
    wanted = Wanted { password: "", login_type: "none", roles: None, ..wanted };
    let replaced = terraform.create(&wanted).await;
    assert_ne!(replaced, id);
    terraform.read(&replaced, &wanted).await;
    // Terraform destroys the user.
    terraform.start().await;
    terraform.start().await;
    terraform.owner.delete(&format!("/users/{replaced}")).await.expect_status(200);
}

#[tokio::test]
async fn a_user_is_imported_by_id_and_by_username() {
    let terraform = Terraform::new().await;
    let id = terraform.create(&ADA).await;
    terraform.read(&id, &ADA).await;
    terraform.start().await;
    let found = terraform.owner.get("/users/ada").await.expect_status(200).text_at("/id");
    terraform.read(&found, &ADA).await;
}

#[tokio::test]
async fn a_user_deleted_outside_terraform_is_found_by_id_only() {
    let terraform = Terraform::new().await;
    let id = terraform.create(&ADA).await;
    terraform.owner.delete("/users/ada").await.expect_status(200);
    terraform.start().await;
    let by_id = terraform.owner.get(&format!("/users/{id}")).await.expect_status(200);
    assert_eq!(by_id.text_at("/username"), "ada");
    terraform.owner.get("/users/ada").await.expect_status(404);
}

#[tokio::test]
async fn a_minimal_user_is_created_suspended() {
    let terraform = Terraform::new().await;
    let wanted = Wanted { name: "", password: "", login_type: "none", roles: None, suspended: true, ..ADA };
    let id = terraform.create(&wanted).await;
    terraform.read(&id, &wanted).await;
}

/// The recorded answer refuses it for lack of a licence; Roster needs none.
#[tokio::test]
async fn a_service_account_is_created() {
    let terraform = Terraform::new().await;
    terraform.start().await;
    let organization = terraform.owner.get("/users/me").await.expect_status(200).text_at("/organization_ids/0");
    let new = json!({
        "email": "", "username": "machine", "name": "machine", "password": "", "login_type": "none",
        "user_status": null, "organization_ids": [organization], "service_account": true,
    });
    let created = terraform.owner.post("/users", new).await.expect_status(201);
    assert_present(&created, &["/id", "/is_service_account", "/name"]);
    let read = terraform.owner.get(&format!("/users/{}", created.text_at("/id"))).await.expect_status(200);
    assert_eq!(read.json()["is_service_account"], json!(true));
}

#[tokio::test]
async fn the_data_source_finds_a_user_by_id_and_username() {
    let terraform = Terraform::new().await;
    let id = terraform.create(&ADA).await;
    for user in [id.as_str(), "ada"] {
        terraform.start().await;
        let found = terraform.owner.get(&format!("/users/{user}")).await.expect_status(200);
        assert_eq!((found.text_at("/id"), found.text_at("/username")), (id.clone(), "ada".to_owned()));
        assert!(found.micros_at("/created_at") > found.micros_at("/last_seen_at"));
        assert_present(&found, &["/organization_ids/0"]);
    }
}

#[tokio::test]
async fn the_data_source_finds_a_user_by_email_on_the_second_page() {
    let terraform = Terraform::new().await;
    for number in 0..100 {
        terraform.app.create_user(&terraform.owner, &format!("page-{number:03}")).await;
    }
    let page = async |query: &str| {
        terraform.start().await;
        let users = terraform.owner.get(query).await.expect_status(200).json()["users"].clone();
        users.as_array().cloned().unwrap_or_default()
    };
    let address = |user: &Value| user["email"].as_str().unwrap_or_default().to_ascii_lowercase();
    for q in ["page-007@example.com", "PAGE-007@EXAMPLE.COM"] {
        let users = page(&format!("/users?limit=100&q={q}")).await;
        assert_eq!(users.iter().map(address).collect::<Vec<_>>(), ["page-007@example.com"], "{q}");
    }
    // An email address that is contained in many others.
    let first = page("/users?limit=100&q=@example.com").await;
    assert_eq!(first.len(), 100);
    let last = first.last().and_then(|user| user["id"].as_str()).unwrap_or_default();
    let second = page(&format!("/users?after_id={last}&limit=100&q=@example.com")).await;
    assert_eq!(second.iter().map(address).collect::<Vec<_>>(), ["page-099@example.com"]);
}
