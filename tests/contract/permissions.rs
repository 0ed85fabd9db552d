//! The table of permissions: the status that each route answers to each role. A route without a row fails a test.

use std::collections::BTreeSet;

use http::Method;
use roster_local::{GatewayRoute, gateway_routes};
use roster_tests::actor::FORM;
use roster_tests::{Actor, TestApp};
use serde_json::json;

/// The user whom `{user}` names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Target {
    /// None: the route has no `{user}`.
    NoUser,
    /// Another user, with a token of the name `ci`: one without roles and, unless a row of the same route and body
    /// is about `AnotherOwner`, an owner.
    AnotherUser,
    /// Another owner, where the status differs from that of `AnotherUser`.
    AnotherOwner,
    /// Another user, whose name is the last segment of the path.
    ReservedName,
    /// The caller, who has a token of the name `ci`.
    TheCaller,
}

use Target::{AnotherOwner, AnotherUser, NoUser, ReservedName, TheCaller};

/// A route, its target, the body, and the statuses for the roles of `COLUMNS`
/// (docs/api/roles-and-permissions.md#outcomes-by-caller, docs/api/authentication.md#statuses-by-endpoint).
///
/// In a body, `{name}` is the username of the target and `{fresh}` a username that is not taken.
type Row = (&'static str, Target, &'static str, [u16; 5]);

/// The roles of each column: an owner, a user-admin, the readers of all users, the members, and no token.
const COLUMNS: [&[&str]; 5] = [
    &["owner"],
    &["user-admin"],
    &["auditor", "template-admin", "organization-admin", "organization-user-admin"],
    &["member", "organization-auditor", "organization-template-admin"],
    &["anonymous"],
];

const NAME_KEPT: &str = r#"{ "username": "{name}", "name": "Ada" }"#;
const NAME_CHANGED: &str = r#"{ "username": "{fresh}", "name": "" }"#;
const NEW_USER: &str = r#"{ "username": "{fresh}", "email": "{fresh}@example.com", "password": "SomeSecurePassword!",
    "organization_ids": ["00000000-0000-0000-0000-000000000000"] }"#;
const FIRST_USER: &str =
    r#"{ "username": "{fresh}", "email": "{fresh}@example.com", "password": "SomeSecurePassword!" }"#;
const CREDENTIALS: &str = r#"{ "email": "owner@example.com", "password": "SomeSecurePassword!" }"#;
const EMAIL_ALONE: &str = r#"{ "email": "owner@example.com" }"#;
const NO_PASSCODE: &str = r#"{ "email": "owner@example.com", "password": "AnotherSecurePassword!",
    "one_time_passcode": "00000000-0000-4000-8000-000000000000" }"#;
const PASSWORD_ALONE: &str = r#"{ "password": "AnotherSecurePassword!" }"#;
const BOTH_PASSWORDS: &str = r#"{ "old_password": "SomeSecurePassword!", "password": "AnotherSecurePassword!" }"#;
const CONVERSION: &str = r#"{ "to_type": "oidc", "password": "SomeSecurePassword!" }"#;
const EMAIL_FORM: &str = "email=owner%40example.com";
const SIGN_IN_FORM: &str = "email=owner%40example.com&password=SomeSecurePassword%21";
const CHANGE_FORM: &str = "email=owner%40example.com&otp=00000000-0000-4000-8000-000000000000\
    &password=AnotherSecurePassword%21&again=AnotherSecurePassword%21";
const APPEARANCE: &str = r#"{ "theme_preference": "dark", "terminal_font": "fira-code" }"#;
const PREFERENCES: &str = r#"{ "task_notification_alert_dismissed": true }"#;
const NO_ROLES: &str = r#"{ "roles": [] }"#;
const AUDITOR: &str = r#"{ "roles": ["auditor"] }"#;
const OWNER: &str = r#"{ "roles": ["owner"] }"#;
const UNKNOWN_ROLE: &str = r#"{ "roles": ["nobody"] }"#;
const MEMBER: &str = r#"{ "roles": ["member"] }"#;
const ORGANIZATION_AUDITOR: &str = r#"{ "roles": ["organization-auditor"] }"#;

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Route                                                                                                   owner, user-admin, readers, member, no token
    ("$default",                                                            NoUser,       "",                   [404, 404, 404, 404, 404]),
    ("GET /api/v2",                                                         NoUser,       "",                   [200, 200, 200, 200, 200]),
    ("GET /api/v2/appearance",                                              NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/deployment/config",                                       NoUser,       "",                   [200, 403, 200, 403, 401]),
    ("GET /api/v2/deployment/ssh",                                          NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/entitlements",                                            NoUser,       "",                   [200, 200, 200, 200, 200]),
    ("GET /api/v2/experiments",                                             NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/experiments/available",                                   NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/licenses",                                                NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/regions",                                                 NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/updatecheck",                                             NoUser,       "",                   [200, 200, 200, 200, 200]),
    ("GET /api/v2/buildinfo",                                               NoUser,       "",                   [200, 200, 200, 200, 200]),
    ("GET /api/v2/auth/scopes",                                             NoUser,       "",                   [200, 200, 200, 200, 200]),

    ("GET /api/v2/users/first",                                             NoUser,       "",                   [200, 200, 200, 200, 200]),
    ("POST /api/v2/users/first",                                            NoUser,       FIRST_USER,           [409, 409, 409, 409, 409]),
    ("POST /api/v2/users/login",                                            NoUser,       CREDENTIALS,          [201, 201, 201, 201, 201]),
    ("POST /api/v2/users/logout",                                           TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("POST /api/v2/users/otp/request",                                      NoUser,       EMAIL_ALONE,          [204, 204, 204, 204, 204]),
    ("POST /api/v2/users/otp/change-password",                              NoUser,       NO_PASSCODE,          [400, 400, 400, 400, 400]),
    ("POST /api/v2/users/validate-password",                                NoUser,       PASSWORD_ALONE,       [200, 200, 200, 200, 200]),
    ("GET /api/v2/users/authmethods",                                       NoUser,       "",                   [200, 200, 200, 200, 200]),

    ("GET /cli-auth",                                                       NoUser,       "",                   [200, 200, 200, 200, 200]),
    ("POST /cli-auth",                                                      NoUser,       SIGN_IN_FORM,         [200, 200, 200, 200, 200]),
    ("GET /reset-password",                                                 NoUser,       "",                   [200, 200, 200, 200, 200]),
    ("POST /reset-password",                                                NoUser,       EMAIL_FORM,           [200, 200, 200, 200, 200]),
    ("GET /reset-password/change",                                          NoUser,       "",                   [200, 200, 200, 200, 200]),
    ("POST /reset-password/change",                                         NoUser,       CHANGE_FORM,          [400, 400, 400, 400, 400]),

    ("GET /api/v2/insights/user-status-counts",                             NoUser,       "",                   [200, 200, 200, 403, 401]),
    ("GET /api/v2/users/oauth2/github/callback",                            NoUser,       "",                   [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oauth2/github/device",                              NoUser,       "",                   [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oidc/callback",                                     NoUser,       "",                   [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oidc-claims",                                       NoUser,       "",                   [400, 400, 400, 400, 401]),
    ("POST /api/v2/users/{user}/convert-login",                             AnotherUser,  CONVERSION,           [201, 201, 201, 404, 401]),
    ("POST /api/v2/users/{user}/convert-login",                             TheCaller,    CONVERSION,           [201, 201, 201, 201, 401]),

    ("GET /api/v2/users",                                                   NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("POST /api/v2/users",                                                  NoUser,       NEW_USER,             [201, 201, 403, 403, 401]),
    ("GET /api/v2/users/roles",                                             NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/login",                                             ReservedName, "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/logout",                                            ReservedName, "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/validate-password",                                 ReservedName, "",                   [200, 200, 200, 404, 401]),
    ("DELETE /api/v2/users/first",                                          ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/login",                                          ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/logout",                                         ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/validate-password",                              ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/authmethods",                                    ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/oidc-claims",                                    ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}",                                            AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}",                                            TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("DELETE /api/v2/users/{user}",                                         AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/{user}",                                         TheCaller,    "",                   [403, 403, 403, 403, 401]),
    ("GET /api/v2/users/{user}/login-type",                                 AnotherUser,  "",                   [403, 403, 403, 404, 401]),
    ("GET /api/v2/users/{user}/login-type",                                 TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/profile",                                    AnotherUser,  NAME_KEPT,            [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/profile",                                    AnotherUser,  NAME_CHANGED,         [200, 200, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/profile",                                    TheCaller,    NAME_KEPT,            [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/profile",                                    TheCaller,    NAME_CHANGED,         [200, 200, 404, 404, 401]),
    ("GET /api/v2/users/{user}/roles",                                      AnotherUser,  "",                   [200, 200, 404, 404, 401]),
    ("GET /api/v2/users/{user}/roles",                                      TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherUser,  NO_ROLES,             [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherUser,  MEMBER,               [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherOwner, MEMBER,               [200, 400, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherUser,  AUDITOR,              [200, 400, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherUser,  OWNER,                [200, 400, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherOwner, OWNER,                [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherUser,  UNKNOWN_ROLE,         [400, 400, 400, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherOwner, NO_ROLES,             [200, 400, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      TheCaller,    NO_ROLES,             [400, 400, 400, 400, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                             AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                             AnotherOwner, "",                   [400, 400, 400, 404, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                             TheCaller,    "",                   [400, 400, 400, 400, 401]),
    ("PUT /api/v2/users/{user}/status/activate",                            AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/status/activate",                            TheCaller,    "",                   [200, 200, 403, 403, 401]),
    ("PUT /api/v2/users/{user}/password",                                   AnotherUser,  PASSWORD_ALONE,       [204, 204, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/password",                                   AnotherOwner, PASSWORD_ALONE,       [204, 400, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/password",                                   TheCaller,    PASSWORD_ALONE,       [400, 400, 400, 400, 401]),
    ("PUT /api/v2/users/{user}/password",                                   AnotherUser,  BOTH_PASSWORDS,       [204, 204, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/password",                                   AnotherOwner, BOTH_PASSWORDS,       [204, 400, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/password",                                   TheCaller,    BOTH_PASSWORDS,       [204, 204, 204, 204, 401]),

    ("POST /api/v2/users/{user}/keys",                                      AnotherUser,  "",                   [201, 403, 403, 404, 401]),
    ("POST /api/v2/users/{user}/keys",                                      TheCaller,    "",                   [201, 201, 201, 201, 401]),
    ("GET /api/v2/users/{user}/keys/tokens",                                AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens",                                TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("POST /api/v2/users/{user}/keys/tokens",                               AnotherUser,  "{}",                 [201, 403, 403, 404, 401]),
    ("POST /api/v2/users/{user}/keys/tokens",                               TheCaller,    "{}",                 [201, 201, 201, 201, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/tokenconfig",                    AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/tokenconfig",                    TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/{keyname}",                      AnotherUser,  "",                   [200, 404, 404, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/{keyname}",                      TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/keys/{keyid}",                               AnotherUser,  "",                   [200, 404, 404, 404, 401]),
    ("GET /api/v2/users/{user}/keys/{keyid}",                               TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("DELETE /api/v2/users/{user}/keys/{keyid}",                            AnotherUser,  "",                   [204, 404, 404, 404, 401]),
    ("DELETE /api/v2/users/{user}/keys/{keyid}",                            TheCaller,    "",                   [204, 204, 204, 204, 401]),
    ("PUT /api/v2/users/{user}/keys/{keyid}/expire",                        AnotherUser,  "",                   [204, 404, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/keys/{keyid}/expire",                        TheCaller,    "",                   [204, 204, 204, 204, 401]),

    ("GET /api/v2/users/{user}/appearance",                                 AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/appearance",                                 TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/appearance",                                 AnotherUser,  APPEARANCE,           [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/appearance",                                 TheCaller,    APPEARANCE,           [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/preferences",                                AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/preferences",                                TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/preferences",                                AnotherUser,  PREFERENCES,          [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/preferences",                                TheCaller,    PREFERENCES,          [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/autofill-parameters",                        AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/autofill-parameters",                        TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/gitsshkey",                                  AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/gitsshkey",                                  TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/gitsshkey",                                  AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/gitsshkey",                                  TheCaller,    "",                   [200, 200, 200, 200, 401]),

    ("GET /api/v2/organizations",                                           NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/organizations/{organization}",                            NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/organizations/{organization}/settings/workspace-sharing", NoUser,       "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/organizations",                              AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/organizations",                              TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/organizations/{organizationname}",           AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/organizations/{organizationname}",           TheCaller,    "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles",       AnotherUser,  NO_ROLES,             [200, 200, 403, 403, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles",       AnotherUser,  ORGANIZATION_AUDITOR, [200, 400, 403, 403, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles",       TheCaller,    NO_ROLES,             [400, 400, 400, 400, 401]),
    ("DELETE /api/v2/organizations/{organization}/members/{user}",          AnotherUser,  "",                   [204, 204, 404, 404, 401]),
    ("DELETE /api/v2/organizations/{organization}/members/{user}",          TheCaller,    "",                   [400, 400, 400, 400, 401]),
];

/// Where a role has another status than its column, unless the target is the caller: route, body, role, status.
#[rustfmt::skip]
const EXCEPTIONS: &[(&str, &str, &str, u16)] = &[
    ("GET /api/v2/deployment/config", "", "template-admin", 403),
    ("GET /api/v2/deployment/config", "", "organization-admin", 403),
    ("GET /api/v2/deployment/config", "", "organization-user-admin", 403),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles", NO_ROLES, "organization-admin", 200),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles", NO_ROLES, "organization-user-admin", 200),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles", ORGANIZATION_AUDITOR, "organization-admin", 200),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles", ORGANIZATION_AUDITOR, "organization-user-admin", 400),
    ("DELETE /api/v2/organizations/{organization}/members/{user}", "", "organization-admin", 204),
    ("DELETE /api/v2/organizations/{organization}/members/{user}", "", "organization-user-admin", 204),
];

/// A deployment with targets for requests.
struct Cast {
    app: TestApp,
    owner: Actor,
    another_user: User,
    another_owner: User,
    /// The number of usernames in use.
    names: u32,
}

/// A username, and the id of the user's token `ci`.
#[derive(Clone, Default)]
struct User {
    name: String,
    key: String,
}

/// A user who sends requests.
struct Caller {
    role: &'static str,
    actor: Actor,
    user: User,
}

impl Cast {
    async fn assemble() -> Self {
        let (app, owner) = TestApp::with_owner().await;
        let mut cast = Self { app, owner, another_user: User::default(), another_owner: User::default(), names: 0 };
        cast.another_user = cast.user(&[]).await;
        cast.another_owner = cast.user(&["owner"]).await;
        cast
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("user-{}", self.names)
    }

    async fn user(&mut self, roles: &[&str]) -> User {
        let name = self.fresh_name();
        let mut user = TestApp::new_user(&name);
        user["roles"] = json!(roles);
        self.owner.post("/users", user).await.expect_status(201);
        let key = self.owner.create_token_for(&name, json!({ "token_name": "ci" })).await.key_id().to_owned();
        User { name, key }
    }

    async fn caller(&mut self, role: &'static str) -> Caller {
        if role == "anonymous" {
            return Caller { role, actor: self.app.anonymous(), user: self.another_user.clone() };
        }
        let (site_role, organization_role) = ([role], role.starts_with("organization-"));
        let user = self.user(if role == "member" || organization_role { &[] } else { &site_role }).await;
        if organization_role {
            let path = format!("/organizations/default/members/{}/roles", user.name);
            self.owner.put(&path, json!({ "roles": [role] })).await.expect_status(200);
        }
        Caller { role, actor: self.app.sign_in(&user.name).await, user }
    }

    /// Sends the request of a row. Replaces the user whom it changed.
    async fn status(&mut self, row: &Row, caller: &mut Caller) -> u16 {
        let (route, target, body, _) = *row;
        let (method, path) = route.split_once(' ').unwrap_or(("GET", "/api/v2/unknown"));
        let user = match target {
            NoUser | TheCaller => caller.user.clone(),
            AnotherUser => self.another_user.clone(),
            AnotherOwner => self.another_owner.clone(),
            ReservedName => {
                let name = path.rsplit('/').next().unwrap_or_default();
                let created = self.owner.post("/users", TestApp::new_user(name)).await;
                // The user of an earlier row may still exist.
                assert!(created.status == 201 || created.status == 409, "{}", created.text);
                User::default()
            }
        };
        let path = path.replace("{user}", if target == TheCaller { "me" } else { &user.name });
        let path = path.replace("{keyname}", "ci").replace("{keyid}", &user.key);
        let mut path = path.replace("{organization}", "default").replace("{organizationname}", "coder");
        if path.ends_with("/autofill-parameters") {
            path.push_str("?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f");
        }
        let body = body.replace("{name}", &user.name).replace("{fresh}", &self.fresh_name());
        let method: Method = method.parse().expect("the row names a method");
        let headers: &[_] = if path.starts_with("/api/") { &[] } else { &[FORM] };
        let status = caller.actor.send(method.clone(), &path, headers, body).await.status;
        if method != Method::GET && status.is_success() {
            match target {
                TheCaller => *caller = self.caller(caller.role).await,
                AnotherUser => self.another_user = self.user(&[]).await,
                AnotherOwner => self.another_owner = self.user(&["owner"]).await,
                NoUser | ReservedName => {}
            }
        }
        status.as_u16()
    }
}

/// The rows of the table, and each row about another user once more about another owner.
fn rows() -> impl Iterator<Item = Row> {
    let has_own_row =
        |row: &Row| TABLE.iter().any(|&(route, target, body, _)| (route, target, body) == (row.0, AnotherOwner, row.2));
    let owners = TABLE.iter().filter(move |row| row.1 == AnotherUser && !has_own_row(row));
    TABLE.iter().copied().chain(owners.map(|&(route, _, body, cells)| (route, AnotherOwner, body, cells)))
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let mut cast = Cast::assemble().await;
    let mut callers = Vec::new();
    for (column, roles) in COLUMNS.iter().enumerate() {
        for role in *roles {
            callers.push((column, cast.caller(role).await));
        }
    }
    let mut wrong = Vec::new();
    for row in rows() {
        let (route, target, body, cells) = row;
        for (column, caller) in &mut callers {
            let role = caller.role;
            let exception = EXCEPTIONS.iter().find(|exception| {
                target != TheCaller && (exception.0, exception.1, exception.2) == (route, body, role)
            });
            let expected = exception.map_or(cells[*column], |exception| exception.3);
            let status = cast.status(&row, caller).await;
            if status != expected {
                wrong.push(format!("{route} {body} {target:?} by {role}: {status}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_route_that_requires_a_token_refuses_a_suspended_user() {
    let mut cast = Cast::assemble().await;
    let mut suspended = cast.caller("user-admin").await;
    let path = format!("/users/{}/status/suspend", suspended.user.name);
    cast.owner.call(Method::PUT, &path, None).await.expect_status(200);
    let mut refusing = 0;
    for row in TABLE.iter().filter(|row| row.3[4] == 401) {
        assert_eq!(cast.status(row, &mut suspended).await, 401, "{} {}", row.0, row.2);
        refusing += 1;
    }
    assert!(refusing > 40, "few routes require a token: {refusing}");
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes: BTreeSet<String> =
        gateway_routes().iter().map(GatewayRoute::key).chain(["$default".to_owned()]).collect();
    let named: BTreeSet<String> = TABLE.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(named, routes);
}

#[test]
fn every_route_of_a_user_has_a_row_for_another_user_and_one_for_the_caller() {
    for row in TABLE.iter().filter(|row| row.0.contains("{user}")) {
        let targets: BTreeSet<bool> =
            TABLE.iter().filter(|other| other.0 == row.0).map(|other| other.1 == TheCaller).collect();
        assert_eq!(targets.len(), 2, "{}", row.0);
    }
}
