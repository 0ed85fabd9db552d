//! See docs/api/roles-and-permissions.md#outcomes-by-caller, a test an endpoint that walks the cells of its row.
//! Deviation: 403 where the reference fails with 500 (docs/api/deviations.md#forbidden-instead-of-an-internal-error),
//! and the last owner is nobody's to delete (docs/api/deviations.md#the-last-owner-stays).

use std::sync::atomic::{AtomicU32, Ordering};

use http::Method;
use roster_tests::cast::{assert_forbidden, assert_signed_out, with};
use roster_tests::{Actor, Cast, TestApp};
use serde_json::{Value, json};

/// Statuses for an owner, a user-admin, readers (an auditor and a template-admin) and a member.
type Cells = [u16; 4];

struct Row {
    method: Method,
    path: &'static str,
    body: Value,
    another: Cells,
    another_owner: Cells,
    oneself: Cells,
}

macro_rules! outcomes {
    ($(
        $name:ident: $method:ident $path:literal $({ $($body:tt)* })?
        [$($another:literal),*] [$($another_owner:literal),*] [$($oneself:literal),*];
    )*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let body = [$(json!({ $($body)* }))?].into_iter().next().unwrap_or_default();
                let row = Row {
                    method: Method::$method,
                    path: $path,
                    body,
                    another: [$($another),*],
                    another_owner: [$($another_owner),*],
                    oneself: [$($oneself),*],
                };
                row.walk().await;
            }
        )*
    };
}

outcomes! {
    // In the body, {name} is the target's name and {fresh} a name that nobody has.
    //                                                                     another               another owner         oneself
    //                                                                     O    U    R    M      O    U    R    M      O    U    R    M
    get_user:           GET    "/users/{user}"                            [200, 200, 200, 404]  [200, 200, 200, 404]  [200, 200, 200, 200];
    delete_user:        DELETE "/users/{user}"                            [200, 200, 403, 404]  [200, 200, 403, 404]  [403, 403, 403, 403];

    get_appearance:     GET    "/users/{user}/appearance"                 [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 200, 200];
    put_appearance:     PUT    "/users/{user}/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" }
                                                                          [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 200, 200];
    get_preferences:    GET    "/users/{user}/preferences"                [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 200, 200];
    put_preferences:    PUT    "/users/{user}/preferences" { "task_notification_alert_dismissed": true }
                                                                          [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 200, 200];
    get_git_ssh_key:    GET    "/users/{user}/gitsshkey"                  [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 200, 200];
    put_git_ssh_key:    PUT    "/users/{user}/gitsshkey"                  [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 200, 200];
    get_autofill:       GET    "/users/{user}/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"
                                                                          [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 200, 200];

    get_login_type:     GET    "/users/{user}/login-type"                 [403, 403, 403, 404]  [403, 403, 403, 404]  [200, 200, 200, 200];
    get_organizations:  GET    "/users/{user}/organizations"              [200, 200, 200, 404]  [200, 200, 200, 404]  [200, 200, 200, 200];
    get_organization:   GET    "/users/{user}/organizations/coder"        [200, 200, 200, 404]  [200, 200, 200, 404]  [200, 200, 200, 200];
    get_no_organization: GET   "/users/{user}/organizations/nowhere"      [404, 404, 404, 404]  [404, 404, 404, 404]  [404, 404, 404, 404];

    put_password:       PUT    "/users/{user}/password" { "password": "AnotherSecurePassword!" }
                                                                          [204, 204, 404, 404]  [204, 400, 404, 404]  [400, 400, 400, 400];
    put_password_with_the_old_one: PUT "/users/{user}/password" { "old_password": "SomeSecurePassword!", "password": "AnotherSecurePassword!" }
                                                                          [204, 204, 404, 404]  [204, 400, 404, 404]  [204, 204, 204, 204];

    put_profile_same_username: PUT "/users/{user}/profile" { "username": "{name}", "name": "Somebody" }
                                                                          [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 200, 200];
    put_profile_username_changed: PUT "/users/{user}/profile" { "username": "{fresh}" }
                                                                          [200, 200, 404, 404]  [200, 200, 404, 404]  [200, 200, 404, 404];

    get_roles:          GET    "/users/{user}/roles"                      [200, 200, 404, 404]  [200, 200, 404, 404]  [200, 200, 200, 200];
    put_roles:          PUT    "/users/{user}/roles" { "roles": ["auditor"] }
                                                                          [200, 400, 403, 404]  [200, 400, 403, 404]  [400, 400, 400, 400];
    put_roles_member:   PUT    "/users/{user}/roles" { "roles": ["member"] }
                                                                          [200, 200, 403, 404]  [200, 400, 403, 404]  [400, 400, 400, 400];
    put_roles_none:     PUT    "/users/{user}/roles" { "roles": [] }
                                                                          [200, 200, 403, 404]  [200, 400, 403, 404]  [400, 400, 400, 400];
    put_roles_owner:    PUT    "/users/{user}/roles" { "roles": ["owner"] }
                                                                          [200, 400, 403, 404]  [200, 200, 403, 404]  [400, 400, 400, 400];
    put_roles_unknown:  PUT    "/users/{user}/roles" { "roles": ["nobody"] }
                                                                          [400, 400, 400, 404]  [400, 400, 400, 404]  [400, 400, 400, 400];

    put_suspend:        PUT    "/users/{user}/status/suspend"             [200, 200, 403, 404]  [400, 400, 400, 404]  [400, 400, 400, 400];
    put_activate:       PUT    "/users/{user}/status/activate"            [200, 200, 403, 404]  [200, 200, 403, 404]  [200, 200, 403, 403];
}

/// A name that nobody has.
fn fresh_name() -> String {
    static NAMES: AtomicU32 = AtomicU32::new(0);
    format!("user-{}", NAMES.fetch_add(1, Ordering::Relaxed))
}

async fn fresh_user(owner: &Actor, roles: &[&str]) -> String {
    let name = fresh_name();
    owner.post("/users", with(&TestApp::new_user(&name), &json!({ "roles": roles }))).await.expect_status(201);
    name
}

impl Row {
    /// Asks for every cell. Oneself comes last: some callers lose their session by it.
    async fn walk(&self) {
        let cast = Cast::assemble().await;
        let mut managers = Vec::new();
        for role in ["organization-admin", "organization-user-admin"] {
            let manager = cast.app.user_with_roles(&cast.owner, role, &[]).await;
            let path = format!("/organizations/default/members/{role}/roles");
            cast.owner.put(&path, json!({ "roles": [role] })).await.expect_status(200);
            managers.push(manager);
        }
        let callers = [
            ("organization-admin", &managers[0], 2),
            ("organization-user-admin", &managers[1], 2),
            ("owner", &cast.owner, 0),
            ("user-admin", &cast.user_admin, 1),
            ("auditor", &cast.auditor, 2),
            ("template-admin", &cast.template_admin, 2),
            ("member", &cast.member, 3),
        ];
        let mut wrong = Vec::new();
        for (target, roles, cells) in
            [("another", [].as_slice(), self.another), ("another owner", &["owner"], self.another_owner)]
        {
            let mut name = fresh_user(&cast.owner, roles).await;
            for (role, actor, column) in callers {
                let status = self.ask(actor, &name, &name).await;
                if status != cells[column] {
                    wrong.push(format!("{role} on {target}: {status}, not {}", cells[column]));
                }
                if self.method != Method::GET && (200..300).contains(&status) {
                    name = fresh_user(&cast.owner, roles).await;
                }
            }
        }
        for (role, actor, column) in callers {
            let status = self.ask(actor, "me", role).await;
            if status != self.oneself[column] {
                wrong.push(format!("{role} on oneself: {status}, not {}", self.oneself[column]));
            }
        }
        for user in ["me", "owner", "nobody"] {
            let answer = cast.app.anonymous().call(self.method.clone(), &self.path.replace("{user}", user), None).await;
            assert_signed_out(&answer);
        }
        assert!(wrong.is_empty(), "{} {} {}: {wrong:#?}", self.method, self.path, self.body);
    }

    async fn ask(&self, actor: &Actor, user: &str, name: &str) -> u16 {
        let body = self.body.to_string().replace("{name}", name).replace("{fresh}", &fresh_name());
        let path = format!("/api/v2{}", self.path.replace("{user}", user));
        actor.send(self.method.clone(), &path, &[], body).await.status.as_u16()
    }
}

#[tokio::test]
async fn get_users() {
    let cast = Cast::assemble().await;
    let names = async |actor: &Actor| {
        let answer = actor.get("/users").await.expect_status(200).json();
        let users = answer["users"].as_array().cloned().unwrap_or_default();
        users.iter().map(|user| user["username"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    for actor in [&cast.owner, &cast.user_admin, &cast.auditor, &cast.template_admin] {
        assert_eq!(names(actor).await, ["auditor", "member", "owner", "template-admin", "user-admin"]);
    }
    assert_eq!(names(&cast.member).await, ["member"]);
    assert_signed_out(&cast.app.anonymous().get("/users").await);
}

#[tokio::test]
async fn post_users() {
    let cast = Cast::assemble().await;
    let new = async |actor: &Actor, roles: &[&str]| {
        actor.post("/users", with(&TestApp::new_user(&fresh_name()), &json!({ "roles": roles }))).await
    };
    for roles in [[].as_slice(), &["member"], &["owner"], &["auditor", "user-admin", "template-admin"]] {
        new(&cast.owner, roles).await.expect_status(201);
    }
    for roles in [[].as_slice(), &["member"]] {
        new(&cast.user_admin, roles).await.expect_status(201);
    }
    for roles in [["auditor"], ["user-admin"], ["owner"]] {
        new(&cast.user_admin, &roles).await.expect_status(403);
    }
    for actor in [&cast.auditor, &cast.template_admin, &cast.member] {
        assert_forbidden(&new(actor, &[]).await);
    }
    assert_signed_out(&new(&cast.app.anonymous(), &[]).await);
}

#[tokio::test]
async fn without_a_token_three_endpoints_answer_and_a_bad_one_is_ignored_there() {
    let (app, _owner) = TestApp::with_owner().await;
    for actor in [app.anonymous(), app.anonymous().with_token("0123456789-0123456789012345678901")] {
        actor.get("/users/first").await.expect_status(200);
        let first = json!({ "email": "a@example.com", "username": "a", "password": "x" });
        actor.post("/users/first", first).await.expect_status(409);
        actor.post("/users/validate-password", json!({ "password": "x" })).await.expect_status(200);
    }
}
