//! Who gets which answer from which route. A route of the template that the table does not name fails a test.

use std::collections::BTreeSet;

use http::Method;
use roster_local::{GatewayRoute, gateway_routes};
use roster_tests::actor::FORM;
use roster_tests::{Actor, TestApp};
use serde_json::json;

/// Whom `{user}` names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum About {
    /// Nobody: the route has no `{user}`.
    Nobody,
    /// Another member, whom nobody has touched yet, with a token of the name `ci`.
    Another,
    /// Another owner.
    AnotherOwner,
    /// Another member whose name is the path's last segment.
    Namesake,
    /// The caller, whose token has the name `ci`.
    Oneself,
}

use About::{Another, AnotherOwner, Namesake, Nobody, Oneself};

/// A route, whom it is about, the body, and the status for, in this order: an owner; a user-admin; an auditor and a
/// template-admin, who may read everybody; a member; and somebody without a token
/// (docs/api/roles-and-permissions.md#outcomes-by-caller, docs/api/authentication.md#statuses-by-endpoint).
///
/// In bodies, `{name}` is the name of the user concerned and `{fresh}` one that nobody has.
type Row = (&'static str, About, &'static str, [u16; 5]);

const NAME_KEPT: &str = r#"{ "username": "{name}", "name": "Somebody" }"#;
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
const CONVERSION: &str = r#"{ "to_type": "oidc", "password": "SomeSecurePassword!" }"#;
const EMAIL_FORM: &str = "email=owner%40example.com";
const SIGN_IN_FORM: &str = "email=owner%40example.com&password=SomeSecurePassword%21";
const CHANGE_FORM: &str = "email=owner%40example.com&otp=00000000-0000-4000-8000-000000000000\
    &password=AnotherSecurePassword%21&again=AnotherSecurePassword%21";
const APPEARANCE: &str = r#"{ "theme_preference": "dark", "terminal_font": "fira-code" }"#;
const NO_ROLES: &str = r#"{ "roles": [] }"#;
const AUDITOR: &str = r#"{ "roles": ["auditor"] }"#;
const MEMBER: &str = r#"{ "roles": ["member"] }"#;
const ORGANIZATION_AUDITOR: &str = r#"{ "roles": ["organization-auditor"] }"#;

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Route                                                        owner, user-admin, readers, member, anonymous
    ("$default",                                                     Nobody,       "",             [404, 404, 404, 404, 404]),
    ("GET /api/v2",                                                   Nobody,        "",             [200, 200, 200, 200, 200]),
    ("GET /api/v2/appearance",                                        Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/deployment/config",                                 Nobody,        "",             [200, 403, 200, 403, 401]),
    ("GET /api/v2/deployment/ssh",                                    Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/entitlements",                                      Nobody,        "",             [200, 200, 200, 200, 200]),
    ("GET /api/v2/experiments",                                       Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/experiments/available",                             Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/licenses",                                          Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/regions",                                           Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/updatecheck",                                       Nobody,        "",             [200, 200, 200, 200, 200]),
    ("GET /api/v2/buildinfo",                                        Nobody,       "",             [200, 200, 200, 200, 200]),
    ("GET /api/v2/auth/scopes",                                      Nobody,       "",             [200, 200, 200, 200, 200]),

    ("GET /api/v2/users/first",                                      Nobody,       "",             [200, 200, 200, 200, 200]),
    ("POST /api/v2/users/first",                                     Nobody,       FIRST_USER,     [409, 409, 409, 409, 409]),
    ("POST /api/v2/users/login",                                     Nobody,       CREDENTIALS,    [201, 201, 201, 201, 201]),
    ("POST /api/v2/users/logout",                                    Nobody,       "",             [200, 200, 200, 200, 401]),
    ("POST /api/v2/users/otp/request",                               Nobody,       EMAIL_ALONE,    [204, 204, 204, 204, 204]),
    ("POST /api/v2/users/otp/change-password",                       Nobody,       NO_PASSCODE,    [400, 400, 400, 400, 400]),
    ("POST /api/v2/users/validate-password",                         Nobody,       PASSWORD_ALONE, [200, 200, 200, 200, 200]),
    ("GET /api/v2/users/authmethods",                                Nobody,       "",             [200, 200, 200, 200, 200]),

    ("GET /cli-auth",                                                Nobody,       "",             [200, 200, 200, 200, 200]),
    ("POST /cli-auth",                                               Nobody,       SIGN_IN_FORM,   [200, 200, 200, 200, 200]),
    ("GET /reset-password",                                          Nobody,       "",             [200, 200, 200, 200, 200]),
    ("POST /reset-password",                                         Nobody,       EMAIL_FORM,     [200, 200, 200, 200, 200]),
    ("GET /reset-password/change",                                   Nobody,       "",             [200, 200, 200, 200, 200]),
    ("POST /reset-password/change",                                  Nobody,       CHANGE_FORM,    [400, 400, 400, 400, 400]),

    ("GET /api/v2/insights/user-status-counts",                      Nobody,       "",             [200, 200, 200, 403, 401]),
    ("GET /api/v2/users/oauth2/github/callback",                      Nobody,        "",             [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oauth2/github/device",                        Nobody,        "",             [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oidc/callback",                               Nobody,        "",             [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oidc-claims",                                 Nobody,        "",             [400, 400, 400, 400, 401]),
    ("POST /api/v2/users/{user}/convert-login",                       Another,       CONVERSION,     [201, 201, 201, 404, 401]),
    ("POST /api/v2/users/{user}/convert-login",                       Oneself,       CONVERSION,     [201, 201, 201, 201, 401]),

    ("GET /api/v2/users",                                            Nobody,       "",             [200, 200, 200, 200, 401]),
    ("POST /api/v2/users",                                           Nobody,       NEW_USER,       [201, 201, 403, 403, 401]),
    ("GET /api/v2/users/roles",                                      Nobody,       "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/login",                                      Namesake,     "",             [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/logout",                                     Namesake,     "",             [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/validate-password",                          Namesake,     "",             [200, 200, 200, 404, 401]),
    ("DELETE /api/v2/users/first",                                   Namesake,     "",             [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/login",                                   Namesake,     "",             [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/logout",                                  Namesake,     "",             [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/validate-password",                       Namesake,     "",             [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/authmethods",                             Namesake,     "",             [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/oidc-claims",                              Namesake,      "",             [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}",                                     Another,      "",             [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}",                                     Oneself,      "",             [200, 200, 200, 200, 401]),
    ("DELETE /api/v2/users/{user}",                                  Another,      "",             [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/{user}",                                  AnotherOwner, "",             [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/{user}",                                  Oneself,      "",             [403, 403, 403, 403, 401]),
    ("GET /api/v2/users/{user}/login-type",                          Another,      "",             [403, 403, 403, 404, 401]),
    ("GET /api/v2/users/{user}/login-type",                          Oneself,      "",             [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/profile",                             Another,      NAME_KEPT,      [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/profile",                             Another,      NAME_CHANGED,   [200, 200, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/profile",                             Oneself,      NAME_KEPT,      [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/profile",                             Oneself,      NAME_CHANGED,   [200, 200, 404, 404, 401]),
    ("GET /api/v2/users/{user}/roles",                               Another,      "",             [200, 200, 404, 404, 401]),
    ("GET /api/v2/users/{user}/roles",                               Oneself,      "",             [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/roles",                               Another,      NO_ROLES,       [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                               Another,      MEMBER,         [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                               Another,      AUDITOR,        [200, 400, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                               AnotherOwner, NO_ROLES,       [200, 400, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                               Oneself,      NO_ROLES,       [400, 400, 400, 400, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                      Another,      "",             [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                      AnotherOwner, "",             [400, 400, 400, 404, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                      Oneself,      "",             [400, 400, 400, 400, 401]),
    ("PUT /api/v2/users/{user}/status/activate",                     Another,      "",             [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/status/activate",                     Oneself,      "",             [200, 200, 403, 403, 401]),
    ("PUT /api/v2/users/{user}/password",                            Another,      PASSWORD_ALONE, [204, 204, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/password",                            AnotherOwner, PASSWORD_ALONE, [204, 400, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/password",                            Oneself,      PASSWORD_ALONE, [400, 400, 400, 400, 401]),

    ("POST /api/v2/users/{user}/keys",                               Another,      "",             [201, 403, 403, 404, 401]),
    ("POST /api/v2/users/{user}/keys",                               Oneself,      "",             [201, 201, 201, 201, 401]),
    ("GET /api/v2/users/{user}/keys/tokens",                         Another,      "",             [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens",                         Oneself,      "",             [200, 200, 200, 200, 401]),
    ("POST /api/v2/users/{user}/keys/tokens",                        Another,      "{}",           [201, 403, 403, 404, 401]),
    ("POST /api/v2/users/{user}/keys/tokens",                        Oneself,      "{}",           [201, 201, 201, 201, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/tokenconfig",             Another,      "",             [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/tokenconfig",             Oneself,      "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/{keyname}",               Another,      "",             [200, 404, 404, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/{keyname}",               Oneself,      "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/keys/{keyid}",                        Another,      "",             [200, 404, 404, 404, 401]),
    ("GET /api/v2/users/{user}/keys/{keyid}",                        Oneself,      "",             [200, 200, 200, 200, 401]),
    ("DELETE /api/v2/users/{user}/keys/{keyid}",                     Another,      "",             [204, 404, 404, 404, 401]),
    ("DELETE /api/v2/users/{user}/keys/{keyid}",                     Oneself,      "",             [204, 204, 204, 204, 401]),
    ("PUT /api/v2/users/{user}/keys/{keyid}/expire",                 Another,      "",             [204, 404, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/keys/{keyid}/expire",                 Oneself,      "",             [204, 204, 204, 204, 401]),

    ("GET /api/v2/users/{user}/appearance",                          Another,      "",             [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/appearance",                          Oneself,      "",             [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/appearance",                          Another,      APPEARANCE,     [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/appearance",                          Oneself,      APPEARANCE,     [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/preferences",                         Another,      "",             [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/preferences",                         Oneself,      "",             [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/preferences",                         Another,      "{}",           [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/preferences",                         Oneself,      "{}",           [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/autofill-parameters",                 Another,      "",             [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/autofill-parameters",                 Oneself,      "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/gitsshkey",                           Another,      "",             [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/gitsshkey",                           Oneself,      "",             [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/gitsshkey",                           Another,      "",             [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/gitsshkey",                           Oneself,      "",             [200, 200, 200, 200, 401]),

    ("GET /api/v2/organizations",                                     Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/organizations/{organization}",                      Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/organizations/{organization}/settings/workspace-sharing",Nobody,        "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/organizations",                       Another,      "",             [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/organizations",                       Oneself,      "",             [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/organizations/{organizationname}",    Another,      "",             [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/organizations/{organizationname}",    Oneself,      "",             [200, 200, 200, 200, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles", Another,     NO_ROLES,             [200, 200, 403, 403, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles", Another,     ORGANIZATION_AUDITOR, [200, 400, 403, 403, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles", Oneself,     NO_ROLES,             [400, 400, 400, 400, 401]),
    ("DELETE /api/v2/organizations/{organization}/members/{user}",   Another,      "",             [204, 204, 404, 404, 401]),
    ("DELETE /api/v2/organizations/{organization}/members/{user}",   Oneself,      "",             [400, 400, 400, 400, 401]),
];

/// Where the two who share a column differ.
const EXCEPTIONS: &[(&str, &str, u16)] = &[("GET /api/v2/deployment/config", "template-admin", 403)];

/// A deployment with somebody of every role.
struct Cast {
    /// Kept, since the database ends with it.
    app: TestApp,
    owner: Actor,
    /// Who asks, in the order of the table's columns: each column may have several.
    columns: [Vec<Caller>; 5],
    /// Somebody to look at.
    bystander: Concerned,
    /// How many names were given away.
    names: u32,
}

/// Somebody who asks.
#[derive(Clone)]
struct Caller {
    role: &'static str,
    actor: Actor,
    /// The id of the token named `ci`.
    key: String,
}

/// Whom a request is about: the name, and the id of a key.
#[derive(Clone, Default)]
struct Concerned {
    name: String,
    key: String,
}

impl Cast {
    async fn assemble() -> Self {
        let (app, owner) = TestApp::with_owner().await;
        let columns = [
            vec![Caller::new("owner", owner.clone()).await],
            vec![Caller::with_role(&app, &owner, "user-admin").await],
            vec![
                Caller::with_role(&app, &owner, "auditor").await,
                Caller::with_role(&app, &owner, "template-admin").await,
            ],
            vec![Caller::new("member", app.user_with_roles(&owner, "member", &[]).await).await],
            vec![Caller { role: "anonymous", actor: app.anonymous(), key: String::new() }],
        ];
        let mut cast = Self { app, owner, columns, bystander: Concerned::default(), names: 0 };
        cast.bystander = cast.fresh_user(&[]).await;
        cast
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("user-{}", self.names)
    }

    async fn fresh_user(&mut self, roles: &[&str]) -> Concerned {
        let name = self.fresh_name();
        let mut user = TestApp::new_user(&name);
        user["roles"] = json!(roles);
        self.owner.post("/users", user).await.expect_status(201);
        let key = self.owner.create_token_for(&name, json!({ "token_name": "ci" })).await.key_id().to_owned();
        Concerned { name, key }
    }

    /// Who asks, and about whom. What only looks may look at what others looked at.
    async fn stage(&mut self, row: &Row, caller: &Caller) -> (Actor, Concerned) {
        let (route, about, body, _) = *row;
        let actor = caller.actor.clone();
        let is_shut_out = matches!(caller.role, "anonymous" | "suspended");
        let looks = route.starts_with("GET ") || route == "$default";
        match about {
            _ if is_shut_out => (actor, self.bystander.clone()),
            Nobody | Oneself if looks => (actor, Concerned { key: caller.key.clone(), ..Concerned::default() }),
            Nobody | Oneself => {
                let name = match body {
                    NAME_KEPT => actor.get("/users/me").await.expect_status(200).text_at("/username"),
                    _ => String::new(),
                };
                // A key of its own: some requests end the one that they come with.
                let actor = actor.create_token(json!({})).await;
                let key = actor.key_id().to_owned();
                (actor, Concerned { name, key })
            }
            Another if looks => (actor, self.bystander.clone()),
            Another => (actor, self.fresh_user(&[]).await),
            AnotherOwner => (actor, self.fresh_user(&["owner"]).await),
            Namesake => {
                let name = route.rsplit('/').next().unwrap_or_default().to_owned();
                let created = self.owner.post("/users", TestApp::new_user(&name)).await;
                // A namesake may have survived the row before.
                assert!(created.status == 201 || created.status == 409, "{}", created.text);
                (actor, Concerned { name, ..Concerned::default() })
            }
        }
    }

    async fn status(&mut self, row: &Row, caller: &Caller) -> u16 {
        let (route, about, body, _) = *row;
        let (actor, concerned) = self.stage(row, caller).await;
        let (method, path) = route.split_once(' ').unwrap_or(("GET", "/api/v2/unknown"));
        let path = path.replace("{user}", if about == Oneself { "me" } else { &concerned.name });
        let path = path.replace("{keyname}", "ci").replace("{keyid}", &concerned.key);
        let mut path = path.replace("{organization}", "default").replace("{organizationname}", "coder");
        if path.ends_with("/autofill-parameters") {
            path.push_str("?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f");
        }
        let body = body.replace("{name}", &concerned.name).replace("{fresh}", &self.fresh_name());
        let method: Method = method.parse().expect("the method is one");
        let headers: &[_] = if path.starts_with("/api/") { &[] } else { &[FORM] };
        actor.send(method, &path, headers, body).await.status.as_u16()
    }
}

impl Caller {
    async fn new(role: &'static str, actor: Actor) -> Self {
        let key = actor.create_token(json!({ "token_name": "ci" })).await.key_id().to_owned();
        Self { role, actor, key }
    }

    async fn with_role(app: &TestApp, owner: &Actor, role: &'static str) -> Self {
        Self::new(role, app.user_with_roles(owner, role, &[role]).await).await
    }
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let mut cast = Cast::assemble().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for (callers, expected) in cast.columns.clone().iter().zip(row.3) {
            for caller in callers {
                let status = cast.status(row, caller).await;
                let exception = EXCEPTIONS.iter().find(|(route, role, _)| *route == row.0 && *role == caller.role);
                let expected = exception.map_or(expected, |(_, _, status)| *status);
                if status != expected {
                    let (route, about, body, _) = row;
                    let role = caller.role;
                    wrong.push(format!("{route} {body} about {about:?} by {role}: {status}, not {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_route_that_asks_for_a_token_refuses_that_of_a_suspended_user() {
    let mut cast = Cast::assemble().await;
    let lapsed = cast.app.user_with_roles(&cast.owner, "lapsed", &["user-admin"]).await;
    let suspended = Caller::new("suspended", lapsed).await;
    cast.owner.call(Method::PUT, "/users/lapsed/status/suspend", None).await.expect_status(200);
    let mut refusing = 0;
    for row in TABLE.iter().filter(|row| row.3[4] == 401) {
        assert_eq!(cast.status(row, &suspended).await, 401, "{} {}", row.0, row.2);
        refusing += 1;
    }
    assert!(refusing > 40, "the table asks for few tokens: {refusing}");
}

#[test]
fn the_table_names_every_route_and_no_others() {
    let routes: BTreeSet<String> =
        gateway_routes().iter().map(GatewayRoute::key).chain(["$default".to_owned()]).collect();
    let named: BTreeSet<String> = TABLE.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(named, routes);
}

#[test]
fn the_table_tells_what_one_may_do_to_others_and_to_oneself() {
    for row in TABLE.iter().filter(|row| row.0.contains("{user}")) {
        let abouts: BTreeSet<bool> =
            TABLE.iter().filter(|other| other.0 == row.0).map(|other| other.1 == Oneself).collect();
        assert_eq!(abouts.len(), 2, "{}", row.0);
    }
}
