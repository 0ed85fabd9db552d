//! A tour that calls every route of the gateway successfully at least once and records the permissions that each route
//! needs. Afterwards the table holds an item of every kind.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use http::Method;
use roster::storage::dynamodb::cost::{Permission, RequestCost};
use roster_local::RouteMap;
use serde_json::{Value, json};

use crate::app::PASSWORD;
use crate::stored::StoredEntry;
use crate::{Actor, Answer, TestApp};

/// One request of the tour.
#[derive(Clone, Debug)]
pub struct Stop {
    /// The function that answered, by the gateway's routes.
    pub function: String,
    /// The route key, such as `GET /api/v2/users/{user}` or `$default`.
    pub route: String,
    /// The permissions that a policy must grant for the request.
    pub permissions: BTreeSet<Permission>,
    /// The audit entries that the request added.
    pub audit_entries: Vec<StoredEntry>,
    /// The answer.
    pub answer: Answer,
}

/// The tour: the deployment and the recorded requests.
pub struct Tour {
    /// The deployment.
    pub app: TestApp,
    routes: RouteMap,
    /// Every request, in order.
    pub stops: Vec<Stop>,
}

/// Path segments that are routes for some methods and usernames for the others
/// (docs/api/conventions.md#reserved-segments).
const NAMES_OF_ROUTES: [&str; 5] = ["first", "login", "logout", "validate-password", "authmethods"];
/// Routes that refuse every caller while no provider is configured.
const NOT_CONFIGURED: [&str; 4] =
    ["/users/oidc-claims", "/users/oidc/callback", "/users/oauth2/github/callback", "/users/oauth2/github/device"];

/// A limit so small that every function reports each request to the shared counter.
const LIMITS: [(&str, &str); 2] = [("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "false"), ("ROSTER_API_RATE_LIMIT", "31")];

impl Tour {
    /// Makes every request of the tour in a fresh deployment.
    ///
    /// # Panics
    ///
    /// When a request does not succeed.
    pub async fn take() -> Self {
        let routes = RouteMap::of_deployment().unwrap_or_else(|error| panic!("no routes: {error}"));
        let mut tour = Self { app: TestApp::with(&LIMITS).await, routes, stops: Vec::new() };
        let owner = tour.deployment().await;
        tour.lists(&owner).await;
        tour.users_named_like_routes(&owner).await;
        tour.life_of_a_user(&owner).await;
        tour.keys(&owner).await;
        tour.settings(&owner).await;
        tour.organizations(&owner).await;
        tour.activations(&owner).await;
        tour.default_route(&owner).await;
        tour.sign_in_through_providers(&owner).await;
        tour
    }

    /// The route keys of all requests.
    pub fn routes(&self) -> BTreeSet<&str> {
        self.stops.iter().map(|stop| stop.route.as_str()).collect()
    }

    /// The permissions that the requests to a function needed.
    pub fn permissions(&self, function: &str) -> BTreeSet<Permission> {
        let stops = self.stops.iter().filter(|stop| stop.function == function);
        stops.flat_map(|stop| stop.permissions.iter().cloned()).collect()
    }

    async fn visit(&mut self, actor: &Actor, method: Method, path: &str, body: Value) -> Answer {
        let body = Some(body).filter(|body| !body.is_null());
        let request = actor.call(method.clone(), path, body);
        self.stop(&method, &format!("/api/v2{path}"), request).await
    }

    /// A request that is refused but needs permissions of the database.
    async fn attempt(&mut self, actor: &Actor, method: Method, path: &str, body: Value) -> Answer {
        let body = Some(body).filter(|body| !body.is_null());
        let request = actor.call(method.clone(), path, body);
        self.watch(&method, &format!("/api/v2{path}"), request).await
    }

    async fn stop(&mut self, method: &Method, uri: &str, request: impl Future<Output = Answer>) -> Answer {
        let answer = self.watch(method, uri, request).await;
        assert!(answer.status.is_success(), "{method} {uri}: {} {}", answer.status, answer.text);
        answer
    }

    async fn watch(&mut self, method: &Method, uri: &str, request: impl Future<Output = Answer>) -> Answer {
        let found = self.routes.resolve(method, uri.split('?').next().unwrap_or_default());
        let (function, route) = (found.function.to_owned(), found.route_key.to_owned());
        let log = RequestCost::default();
        // Keeps the tour within the rate limits.
        self.app.clock.advance(TimeDelta::seconds(10));
        let before = self.app.audit_entries().await;
        let answer = log.scope(request).await;
        let permissions = log.read().permissions;
        let after = self.app.audit_entries().await;
        let audit_entries = after.into_iter().filter(|entry| !before.contains(entry)).collect();
        self.stops.push(Stop { function, route, permissions, audit_entries, answer: answer.clone() });
        answer
    }

    async fn get_page(&mut self, actor: &Actor, uri: &str) {
        self.stop(&Method::GET, uri, actor.get_page(uri)).await;
    }

    async fn post_form(&mut self, actor: &Actor, path: &str, fields: &[(&str, &str)]) {
        self.stop(&Method::POST, path, actor.post_form(path, fields)).await;
    }

    async fn get(&mut self, actor: &Actor, path: &str) -> Answer {
        self.visit(actor, Method::GET, path, Value::Null).await
    }

    async fn delete(&mut self, actor: &Actor, path: &str) -> Answer {
        self.visit(actor, Method::DELETE, path, Value::Null).await
    }

    async fn post(&mut self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.visit(actor, Method::POST, path, body).await
    }

    async fn put(&mut self, actor: &Actor, path: &str, body: Value) -> Answer {
        self.visit(actor, Method::PUT, path, body).await
    }

    async fn sign_in(&mut self, username: &str) -> Actor {
        let credentials = json!({ "email": format!("{username}@example.com"), "password": PASSWORD });
        let anonymous = self.app.anonymous();
        let answer = self.post(&anonymous, "/users/login", credentials).await;
        anonymous.with_token(answer.text_at("/session_token"))
    }

    /// The routes that need no user, the creation of the first user, and the first use of a key.
    async fn deployment(&mut self) -> Actor {
        let anonymous = self.app.anonymous();
        for path in ["", "/buildinfo", "/auth/scopes", "/updatecheck", "/entitlements"] {
            self.get(&anonymous, path).await;
        }
        self.get(&anonymous, "/users/authmethods").await;
        self.post(&anonymous, "/users/validate-password", json!({ "password": PASSWORD })).await;
        let first = json!({ "email": "owner@example.com", "username": "owner", "password": PASSWORD });
        self.post(&anonymous, "/users/first", first).await;
        self.get(&anonymous, "/users/first").await;
        let owner = self.sign_in("owner").await;
        self.get(&owner, "/users/me").await;
        let more = ["/experiments", "/experiments/available", "/appearance", "/regions", "/licenses"];
        for path in more.into_iter().chain(["/deployment/ssh", "/deployment/config"]) {
            self.get(&owner, path).await;
        }
        owner
    }

    /// Each way to read a page of users.
    async fn lists(&mut self, owner: &Actor) {
        for index in 0..3 {
            self.post(owner, "/users", TestApp::new_user(&format!("listed-{index}"))).await;
        }
        let page = self.get(owner, "/users?limit=1").await;
        let cursor = page.text_at("/users/0/id");
        self.get(owner, &format!("/users?limit=1&after_id={cursor}")).await;
        self.get(owner, "/users?q=listed").await;
        self.get(owner, "/users?q=status:dormant").await;
        self.get(owner, "/users?q=listed-1@example.com").await;
        self.get(owner, "/insights/user-status-counts?timezone=Europe/Berlin").await;
        self.get(owner, "/users/roles").await;
    }

    async fn users_named_like_routes(&mut self, owner: &Actor) {
        for name in NAMES_OF_ROUTES {
            let user = TestApp::new_user(name);
            self.post(owner, "/users", user).await;
            let path = format!("/users/{name}");
            self.get(owner, &path).await;
            self.delete(owner, &path).await;
        }
    }

    async fn life_of_a_user(&mut self, owner: &Actor) {
        self.post(owner, "/users", TestApp::new_user("ada")).await;
        let mut far = TestApp::new_user("far");
        let long_address = format!("{}+far@example.com", "f".repeat(1100));
        far["email"] = json!(long_address);
        self.post(owner, "/users", far).await;
        let mut tagged = TestApp::new_user("tagged");
        tagged["email"] = json!("guest+tagged@example.com");
        self.post(owner, "/users", tagged).await;
        let anonymous = self.app.anonymous();
        for email in [long_address.as_str(), "guest+tagged@example.com"] {
            self.post(&anonymous, "/users/login", json!({ "email": email, "password": PASSWORD })).await;
            self.post(&anonymous, "/users/otp/request", json!({ "email": email })).await;
        }
        // The first login activates the dormant user; the second one finds an active user.
        let ada = self.sign_in("ada").await;
        self.sign_in("ada").await;
        self.get(&ada, "/users/ada").await;
        self.get(&ada, "/users/ada/login-type").await;
        self.put(owner, "/users/ada/profile", json!({ "username": "Lovelace", "name": "Ada" })).await;
        self.put(owner, "/users/lovelace/password", json!({ "password": "AnotherSecurePassword!" })).await;
        self.put(owner, "/users/lovelace/roles", json!({ "roles": ["owner"] })).await;
        self.get(owner, "/users/lovelace/roles").await;
        self.put(owner, "/users/lovelace/roles", json!({ "roles": [] })).await;
        self.put(owner, "/users/lovelace/status/suspend", Value::Null).await;
        self.put(owner, "/users/lovelace/status/activate", Value::Null).await;
        self.forgotten_password("ada@example.com").await;
        self.delete(owner, "/users/lovelace").await;
    }

    async fn forgotten_password(&mut self, email: &str) {
        let anonymous = self.app.anonymous();
        self.post(&anonymous, "/users/otp/request", json!({ "email": email })).await;
        let passcode = self.app.passcode(email).await;
        let change = json!({ "email": email, "password": "Br4nd-New_Password", "one_time_passcode": passcode });
        self.post(&anonymous, "/users/otp/change-password", change).await;
        self.get_page(&anonymous, "/reset-password").await;
        self.post_form(&anonymous, "/reset-password", &[("email", email)]).await;
        let passcode = self.app.passcode(email).await;
        self.get_page(&anonymous, &format!("/reset-password/change?otp={passcode}&email={email}")).await;
        let password = "An0ther-New_Password";
        let fields = [("email", email), ("otp", &passcode), ("password", password), ("again", password)];
        self.post_form(&anonymous, "/reset-password/change", &fields).await;
        self.get_page(&anonymous, "/cli-auth").await;
        self.post_form(&anonymous, "/cli-auth", &[("email", email), ("password", password)]).await;
    }

    async fn keys(&mut self, owner: &Actor) {
        self.post(owner, "/users", TestApp::new_user("bob")).await;
        let session = self.post(owner, "/users/bob/keys", Value::Null).await.text_at("/key");
        let bob = owner.with_token(session);
        for name in ["ci", "", &"n".repeat(600)] {
            self.post(&bob, "/users/me/keys/tokens", json!({ "token_name": name })).await;
        }
        self.post(owner, "/users/me/keys/tokens", json!({ "token_name": "ci" })).await;
        for path in ["me/keys/tokens", "bob/keys/tokens", "bob/keys/tokens?include_all=true"] {
            self.get(owner, &format!("/users/{path}")).await;
        }
        self.get(&bob, "/users/me/keys/tokens/tokenconfig").await;
        let key = self.get(owner, "/users/bob/keys/tokens/ci").await.text_at("/id");
        self.get(&bob, &format!("/users/me/keys/{key}")).await;
        self.put(&bob, &format!("/users/me/keys/{key}/expire"), Value::Null).await;
        self.delete(&bob, &format!("/users/me/keys/{key}")).await;
        self.post(&bob, "/users/logout", Value::Null).await;
    }

    async fn settings(&mut self, owner: &Actor) {
        let appearance = json!({ "theme_preference": "dark", "terminal_font": "fira-code" });
        let preferences = json!({ "task_notification_alert_dismissed": true });
        let settings = [("gitsshkey", Value::Null), ("appearance", appearance), ("preferences", preferences)];
        for user in ["me", "bob"] {
            for (what, body) in &settings {
                self.get(owner, &format!("/users/{user}/{what}")).await;
                self.put(owner, &format!("/users/{user}/{what}"), body.clone()).await;
            }
        }
        let template = "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
        self.get(owner, template).await;
    }

    async fn organizations(&mut self, owner: &Actor) {
        self.get(owner, "/organizations").await;
        self.get(owner, "/organizations/default").await;
        self.get(owner, "/organizations/default/settings/workspace-sharing").await;
        self.get(owner, "/users/bob/organizations").await;
        self.get(owner, "/users/bob/organizations/coder").await;
        let member = "/organizations/default/members/bob";
        self.put(owner, &format!("{member}/roles"), json!({ "roles": ["organization-auditor"] })).await;
        self.delete(owner, member).await;
    }

    /// Every function that authenticates callers activates a dormant user.
    async fn activations(&mut self, owner: &Actor) {
        let paths = ["me", "me/keys/tokens", "me/gitsshkey", "me/organizations"];
        for (index, path) in paths.into_iter().enumerate() {
            let sleeper = self.sleeper(owner, index).await;
            self.get(&sleeper, &format!("/users/{path}")).await;
        }
        let sleeper = self.sleeper(owner, paths.len()).await;
        self.post(&sleeper, "/users/logout", Value::Null).await;
        let sleeper = self.sleeper(owner, paths.len() + 1).await;
        let conversion = json!({ "to_type": "oidc", "password": PASSWORD });
        self.post(&sleeper, "/users/me/convert-login", conversion).await;
    }

    async fn sleeper(&mut self, owner: &Actor, index: usize) -> Actor {
        let name = format!("sleeper-{index}");
        self.post(owner, "/users", TestApp::new_user(&name)).await;
        let token = self.post(owner, &format!("/users/{name}/keys/tokens"), json!({})).await;
        owner.with_token(token.text_at("/key"))
    }

    /// A path without a route of its own, which the default route answers.
    async fn default_route(&mut self, owner: &Actor) {
        self.get(owner, "/users/").await;
    }

    async fn sign_in_through_providers(&mut self, owner: &Actor) {
        for path in NOT_CONFIGURED {
            self.attempt(owner, Method::GET, path, Value::Null).await.expect_status(400);
        }
        self.post(owner, "/users", TestApp::new_user("oidc-claims")).await;
        self.delete(owner, "/users/oidc-claims").await;
    }
}
