//! Who gets which answer from which route. A route of the template that the table does not name fails a test.

use std::collections::BTreeSet;

use http::Method;
use roster_local::Template;
use roster_local::template::Route;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

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
/// template-admin, who may read everybody; a member; and somebody without a token (Spec: users 2.3, auth 11).
///
/// In bodies, `{name}` is the name of the user concerned and `{fresh}` one that nobody has.
type Row = (&'static str, About, &'static str, [u16; 5]);

const NAME_KEPT: &str = r#"{ "username": "{name}", "name": "Somebody" }"#;
const NAME_CHANGED: &str = r#"{ "username": "{fresh}", "name": "" }"#;
const NEW_USER: &str = r#"{ "username": "{fresh}", "email": "{fresh}@example.com", "password": "SomeSecurePassword!",
    "organization_ids": ["00000000-0000-0000-0000-000000000000"] }"#;
const FIRST_USER: &str = r#"{ "username": "{fresh}", "email": "{fresh}@example.com", "password": "SomeSecurePassword!" }"#;
const CREDENTIALS: &str = r#"{ "email": "owner@example.com", "password": "SomeSecurePassword!" }"#;
const PASSWORD_ALONE: &str = r#"{ "password": "AnotherSecurePassword!" }"#;
const APPEARANCE: &str = r#"{ "theme_preference": "dark", "terminal_font": "fira-code" }"#;
const NO_ROLES: &str = r#"{ "roles": [] }"#;
const AUDITOR: &str = r#"{ "roles": ["auditor"] }"#;
const MEMBER: &str = r#"{ "roles": ["member"] }"#;
const ORGANIZATION_AUDITOR: &str = r#"{ "roles": ["organization-auditor"] }"#;

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Route                                                        owner, user-admin, readers, member, anonymous
    ("$default",                                                     Nobody,       "",             [404, 404, 404, 404, 404]),
    ("GET /api/v2/buildinfo",                                        Nobody,       "",             [200, 200, 200, 200, 200]),
    ("GET /api/v2/auth/scopes",                                      Nobody,       "",             [200, 200, 200, 200, 200]),

    ("GET /api/v2/users/first",                                      Nobody,       "",             [200, 200, 200, 200, 200]),
    ("POST /api/v2/users/first",                                     Nobody,       FIRST_USER,     [409, 409, 409, 409, 409]),
    ("POST /api/v2/users/login",                                     Nobody,       CREDENTIALS,    [201, 201, 201, 201, 201]),
    ("POST /api/v2/users/logout",                                    Nobody,       "",             [200, 200, 200, 200, 401]),
    ("POST /api/v2/users/validate-password",                         Nobody,       PASSWORD_ALONE, [200, 200, 200, 200, 200]),
    ("GET /api/v2/users/authmethods",                                Nobody,       "",             [200, 200, 200, 200, 200]),

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

/// A deployment with somebody of every role.
struct Cast {
    app: TestApp,
    owner: Actor,
    /// Who asks, in the order of the table's columns: each column may have several.
    columns: [Vec<Actor>; 5],
    /// How many names were given away.
    names: u32,
}

impl Cast {
    async fn assemble() -> Self {
        let (app, owner) = TestApp::with_owner().await;
        let columns = [
            vec![owner.clone()],
            vec![app.user_with_roles(&owner, "user-admin", &["user-admin"]).await],
            vec![
                app.user_with_roles(&owner, "auditor", &["auditor"]).await,
                app.user_with_roles(&owner, "template-admin", &["template-admin"]).await,
            ],
            vec![app.user_with_roles(&owner, "member", &[]).await],
            vec![app.anonymous()],
        ];
        Self { app, owner, columns, names: 0 }
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("user-{}", self.names)
    }

    /// The caller, the name of the user concerned, and the id of a key of that user.
    async fn stage(&mut self, about: About, path: &str, caller: &Actor) -> (Actor, String, String) {
        let token = json!({ "token_name": "ci" });
        if about == Oneself || about == Nobody {
            if caller.token().is_empty() {
                return (caller.clone(), "nobody".to_owned(), "0123456789".to_owned());
            }
            // A key of its own: some requests end the one they come with.
            let session = caller.with_token(caller.post("/users/me/keys", Value::Null).await.text_at("/key"));
            let key = match session.get("/users/me/keys/tokens/ci").await {
                found if found.status.is_success() => found.text_at("/id"),
                _ => session.create_token(token).await.key_id().to_owned(),
            };
            let name = session.get("/users/me").await.expect_status(200).text_at("/username");
            return (session, name, key);
        }
        let name = match (about, path.rsplit('/').next()) {
            (Namesake, Some(word)) => word.to_owned(),
            _ => self.fresh_name(),
        };
        let mut user = TestApp::new_user(&name);
        user["roles"] = json!(if about == AnotherOwner { vec!["owner"] } else { Vec::new() });
        let created = self.owner.post("/users", user).await;
        // A namesake may have survived the refusal before.
        assert!(created.status == 201 || (about == Namesake && created.status == 409), "{}", created.text);
        let key = match about {
            Namesake => String::new(),
            _ => self.owner.create_token_for(&name, token).await.key_id().to_owned(),
        };
        (caller.clone(), name, key)
    }

    async fn status(&mut self, (route, about, body, _): &Row, caller: &Actor) -> u16 {
        let (method, path) = route.split_once(' ').unwrap_or(("GET", "/api/v2/unknown"));
        let (caller, name, key) = self.stage(*about, path, caller).await;
        let path = path.replace("{user}", if *about == Oneself { "me" } else { &name });
        let path = path.replace("{keyname}", "ci").replace("{keyid}", &key);
        let path = path.replace("{organization}", "default").replace("{organizationname}", "coder");
        let query = if path.ends_with("autofill-parameters") { "?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" } else { "" };
        let body = body.replace("{name}", &name).replace("{fresh}", &self.fresh_name());
        let method: Method = method.parse().expect("the method is one");
        let answer = caller.send(method, &format!("{path}{query}"), &[], body).await;
        answer.status.as_u16()
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
                if status != expected {
                    let who = caller.get("/users/me").await.text_at("/username");
                    wrong.push(format!("{} about {:?} by {who:?}: {status}, not {expected}", row.0, row.1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_names_the_routes_of_the_template_and_no_others() {
    let template = Template::bundled().expect("the template can be read");
    let routes = template.functions.iter().flat_map(|function| &function.routes);
    let routes: BTreeSet<String> = routes
        .map(|route| match route {
            Route::Path { method, path } => format!("{method} {path}"),
            Route::Default => "$default".to_owned(),
        })
        .collect();
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
