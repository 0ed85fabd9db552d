//! The cost of every kind of request beside its budget: sequential round trips and read capacity, as the service counts
//! them. A test asserts the budgets, and `cargo run -p bench -- trips` prints them.

use chrono::TimeDelta;
use http::Method;
use roster::storage::dynamodb::cost::RequestCost;
use serde_json::{Value, json};

use crate::app::PASSWORD;
use crate::{Actor, Cost, TestApp};

/// One kind of request.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Row {
    /// The request in words.
    pub endpoint: &'static str,
    /// The measured cost.
    pub cost: Cost,
    /// The number of calls that the SDK retried since the previous row.
    pub retries: u32,
    /// The maximum of sequential round trips.
    pub budget_trips: u32,
    /// The maximum of read capacity units; `None` where the design sets no bound.
    pub budget_read_units: Option<f64>,
}

/// The number of users in the measured deployment, without the users that rows create.
const USERS: u32 = 20;

struct Measurement {
    app: TestApp,
    owner: Actor,
    rows: Vec<Row>,
}

/// Measures every kind of request once, in a fresh deployment with rate limits whose keys were used within the hour.
///
/// # Panics
///
/// When a request fails.
pub async fn measure() -> Vec<Row> {
    let app = TestApp::with(&[("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "false")]).await;
    let owner = app.set_up().await;
    for index in 0..USERS {
        app.create_user(&owner, &format!("user-{index}")).await;
    }
    let mut measurement = Measurement { app, owner, rows: Vec::new() };
    measurement.logins().await;
    measurement.forgotten_passwords().await;
    measurement.reads_of_oneself().await;
    measurement.reads_of_others().await;
    measurement.lists().await;
    measurement.changes_of_users().await;
    measurement.changes_of_keys().await;
    measurement.changes_of_settings().await;
    measurement.scheduled_runs().await;
    measurement.rows
}

impl Measurement {
    fn push(&mut self, endpoint: &'static str, cost: Cost, (budget_trips, budget_read_units): (u32, Option<f64>)) {
        let earlier: u32 = self.rows.iter().map(|row| row.retries).sum();
        let retries = self.app.faults.retries() - earlier;
        self.rows.push(Row { endpoint, cost, retries, budget_trips, budget_read_units });
    }

    /// Measures a request with the owner's session.
    async fn request(&mut self, endpoint: &'static str, request: (Method, &str, Value), budget: (u32, Option<f64>)) {
        let owner = self.owner.clone();
        self.request_of(&owner, endpoint, request, budget).await;
    }

    async fn request_of(
        &mut self,
        actor: &Actor,
        endpoint: &'static str,
        (method, path, body): (Method, &str, Value),
        (budget_trips, budget_read_units): (u32, Option<f64>),
    ) {
        let body = Some(body).filter(|body| !body.is_null());
        let answer = actor.call(method, path, body).await;
        assert!(answer.status.is_success(), "{endpoint}: {} {}", answer.status, answer.text);
        self.push(endpoint, answer.cost(), (budget_trips, budget_read_units));
    }

    async fn get(&mut self, endpoint: &'static str, path: &str, trips: u32, read_units: f64) {
        self.request(endpoint, (Method::GET, path, Value::Null), (trips, Some(read_units))).await;
    }

    /// Every failed login costs the same, for every reason.
    async fn logins(&mut self) {
        let mut passwordless = TestApp::new_user("passwordless");
        passwordless["login_type"] = json!("none");
        passwordless["password"] = json!("");
        self.owner.post("/users", passwordless).await.expect_status(201);
        let suspended = "/users/user-1/status/suspend";
        self.owner.call(Method::PUT, suspended, None).await.expect_status(200);
        let failures = [
            ("POST /users/login, unknown address", "unknown", PASSWORD),
            ("POST /users/login, wrong password", "owner", "NotThePassword!"),
            ("POST /users/login, user without a password", "passwordless", PASSWORD),
            ("POST /users/login, suspended user", "user-1", PASSWORD),
        ];
        for (endpoint, name, password) in failures {
            let answer = self.app.login(&format!("{name}@example.com"), password).await.expect_status(401);
            self.push(endpoint, answer.cost(), (1, Some(1.0)));
        }
        let successes = [("POST /users/login, dormant user", "user-0"), ("POST /users/login, active user", "user-0")];
        for (endpoint, name) in successes {
            let answer = self.app.login(&format!("{name}@example.com"), PASSWORD).await.expect_status(201);
            self.push(endpoint, answer.cost(), (2, Some(1.0)));
        }
    }

    /// Both steps cost the same whether or not a user has the email address.
    async fn forgotten_passwords(&mut self) {
        let anonymous = self.app.anonymous();
        for email in ["user-3@example.com", "unknown@example.com"] {
            let request = (Method::POST, "/users/otp/request", json!({ "email": email }));
            self.request_of(&anonymous, "POST /users/otp/request", request, (2, Some(1.0))).await;
        }
        let passcode = self.app.passcode("user-3@example.com").await;
        let body = json!({
            "email": "user-3@example.com", "password": "Br4nd-New_Password", "one_time_passcode": passcode,
        });
        let change = (Method::POST, "/users/otp/change-password", body.clone());
        self.request_of(&anonymous, "POST /users/otp/change-password", change, (2, Some(2.0))).await;
        let endpoint = "POST /users/otp/change-password, refused";
        let cost = anonymous.post("/users/otp/change-password", body).await.expect_status(400).cost();
        self.push(endpoint, cost, (2, Some(2.0)));
        self.pages(&anonymous, "user-0@example.com").await;
    }

    /// A form costs the same as the API call behind it.
    async fn pages(&mut self, anonymous: &Actor, email: &str) {
        let asked = anonymous.post_form("/reset-password", &[("email", email)]).await.expect_status(200);
        let endpoint = "POST /reset-password";
        self.push(endpoint, asked.cost(), (2, Some(1.0)));
        let (passcode, password) = (self.app.passcode(email).await, "Br4nd-New_Password");
        let fields = [("email", email), ("otp", &passcode), ("password", password), ("again", password)];
        let changed = anonymous.post_form("/reset-password/change", &fields).await.expect_status(200);
        let endpoint = "POST /reset-password/change";
        self.push(endpoint, changed.cost(), (2, Some(2.0)));
        let fields = [("email", email), ("password", password)];
        let signed_in = anonymous.post_form("/cli-auth", &fields).await.expect_status(200);
        let endpoint = "POST /cli-auth";
        self.push(endpoint, signed_in.cost(), (2, Some(1.0)));
    }

    async fn reads_of_oneself(&mut self) {
        self.get("GET /users/me", "/users/me", 1, 3.0).await;
        self.get("GET /users/me/login-type", "/users/me/login-type", 1, 3.0).await;
        self.get("GET /users/me/roles", "/users/me/roles", 1, 3.0).await;
        self.get("GET /users/me/gitsshkey", "/users/me/gitsshkey", 1, 3.0).await;
        self.get("GET /users/me/appearance", "/users/me/appearance", 1, 3.0).await;
        self.get("GET /users/me/preferences", "/users/me/preferences", 1, 3.0).await;
        self.get("GET /users/me/keys/tokens", "/users/me/keys/tokens", 1, 3.0).await;
        self.get("GET /users/me/keys/tokens/tokenconfig", "/users/me/keys/tokens/tokenconfig", 1, 3.0).await;
        let key = format!("/users/me/keys/{}", self.owner.key_id());
        self.get("GET /users/me/keys/{keyid}", &key, 1, 3.0).await;
        self.get("GET /users/me/organizations", "/users/me/organizations", 1, 3.0).await;
        self.get("GET /users/me/organizations/{organizationname}", "/users/me/organizations/coder", 1, 3.0).await;
        self.get("GET /users/roles", "/users/roles", 1, 3.0).await;
        let entitlements = (Method::GET, "/entitlements", Value::Null);
        let anonymous = self.app.anonymous();
        self.request_of(&anonymous, "GET /entitlements", entitlements, (1, Some(1.0))).await;
        self.get("GET /entitlements, with a token", "/entitlements", 2, 3.0).await;
        self.get("GET /deployment/config", "/deployment/config", 1, 3.0).await;
        self.get("GET /organizations", "/organizations", 1, 3.0).await;
        self.get("GET /organizations/{organization}", "/organizations/coder", 1, 3.0).await;
        let sharing = "/organizations/default/settings/workspace-sharing";
        self.get("GET /organizations/{organization}/settings/workspace-sharing", sharing, 1, 3.0).await;
        self.get("GET /buildinfo, with a token", "/buildinfo", 1, 2.0).await;
        // The use of the key is recorded after the answer.
        self.app.clock.advance(TimeDelta::minutes(61));
        let again = (Method::GET, "/users/me", Value::Null);
        self.request("GET /users/me, an hour after the last use", again, (1, Some(3.0))).await;
    }

    async fn reads_of_others(&mut self) {
        let id = self.owner.get("/users/user-0").await.expect_status(200).text_at("/id");
        self.get("GET /users/{uuid}", &format!("/users/{id}"), 1, 3.0).await;
        self.get("GET /users/{username}", "/users/user-0", 2, 4.0).await;
        self.get("GET /users/{uuid}/roles", &format!("/users/{id}/roles"), 1, 3.0).await;
        self.get("GET /users/{uuid}/gitsshkey", &format!("/users/{id}/gitsshkey"), 1, 4.0).await;
        self.get("GET /users/{username}/gitsshkey", "/users/user-0/gitsshkey", 2, 4.0).await;
        self.get("GET /users/{uuid}/organizations", &format!("/users/{id}/organizations"), 1, 4.0).await;
        self.get("GET /users/{uuid}/keys/tokens", &format!("/users/{id}/keys/tokens"), 2, 5.0).await;
    }

    async fn lists(&mut self) {
        // Authentication takes two units, ten users one more, and the first page includes the counters.
        self.get("GET /users?limit=10", "/users?limit=10", 2, 5.0).await;
        // In a process that has not loaded the user index.
        self.get("GET /users?limit=10&q=status:dormant", "/users?limit=10&q=status:dormant", 2, 5.0).await;
        self.get("GET /users?limit=10&q=role:owner", "/users?limit=10&q=role:owner", 2, 5.0).await;
        let address = "/users?limit=10&q=user-7@example.com";
        self.get("GET /users?limit=10&q={e-mail address}", address, 3, 7.0).await;
        let last = self.owner.get("/users?limit=10&q=status:active").await.expect_status(200).text_at("/users/0/id");
        let rest = format!("/users?limit=10&q=status:active&after_id={last}");
        self.get("GET /users?limit=10&q=status:active&after_id={uuid}", &rest, 2, 5.0).await;
        let counts = "/insights/user-status-counts";
        self.get("GET /insights/user-status-counts", counts, 2, 6.0).await;
        let first = (Method::GET, "/users?limit=10&q=user", Value::Null);
        self.request("GET /users?limit=10&q=user, the first search of a process", first, (2, None)).await;
        let cursor = self.owner.get("/users?limit=10").await.expect_status(200).text_at("/users/9/id");
        let next = format!("/users?limit=10&after_id={cursor}");
        self.get("GET /users?limit=10&after_id={uuid}, after changes", &next, 2, 16.0).await;
        self.get("GET /users?limit=10&after_id={uuid}", &next, 1, 6.0).await;
        self.get("GET /users?limit=10&q=user", "/users?limit=10&q=user", 1, 6.0).await;
        let all = "/users/me/keys/tokens?include_all=true";
        self.request("GET /users/me/keys/tokens?include_all=true", (Method::GET, all, Value::Null), (2, None)).await;
    }

    async fn changes_of_users(&mut self) {
        let new = (Method::POST, "/users", TestApp::new_user("newcomer"));
        self.request("POST /users", new, (2, Some(6.0))).await;
        let id = self.owner.get("/users/newcomer").await.expect_status(200).text_at("/id");
        let changes = [
            ("PUT /users/{uuid}/profile, renaming", "profile", json!({ "username": "renamed", "name": "" })),
            ("PUT /users/{uuid}/password", "password", json!({ "password": "AnotherSecurePassword!" })),
            ("PUT /users/{uuid}/roles", "roles", json!({ "roles": ["auditor"] })),
            ("PUT /users/{uuid}/status/suspend", "status/suspend", Value::Null),
            ("PUT /users/{uuid}/status/activate", "status/activate", Value::Null),
        ];
        for (endpoint, what, body) in changes {
            let path = format!("/users/{id}/{what}");
            self.request(endpoint, (Method::PUT, &path, body), (2, Some(4.0))).await;
        }
        let member = format!("/organizations/default/members/{id}");
        let roles = (Method::PUT, &*format!("{member}/roles"), json!({ "roles": ["organization-auditor"] }));
        let endpoint = "PUT /organizations/{organization}/members/{user}/roles";
        self.request(endpoint, roles, (2, Some(4.0))).await;
        let endpoint = "DELETE /organizations/{organization}/members/{user}";
        self.request(endpoint, (Method::DELETE, &member, Value::Null), (2, Some(4.0))).await;
        let path = format!("/users/{id}");
        self.request("DELETE /users/{uuid}", (Method::DELETE, &path, Value::Null), (2, Some(3.0))).await;
    }

    async fn changes_of_keys(&mut self) {
        let session = (Method::POST, "/users/me/keys", Value::Null);
        self.request("POST /users/me/keys", session, (2, Some(2.0))).await;
        let token = (Method::POST, "/users/me/keys/tokens", json!({ "token_name": "ci" }));
        self.request("POST /users/me/keys/tokens", token, (2, Some(2.0))).await;
        let id = self.owner.get("/users/me/keys/tokens/ci").await.expect_status(200).text_at("/id");
        let path = format!("/users/me/keys/{id}");
        let expire = format!("{path}/expire");
        self.request("PUT /users/me/keys/{keyid}/expire", (Method::PUT, &expire, Value::Null), (2, Some(4.0))).await;
        self.request("DELETE /users/me/keys/{keyid}", (Method::DELETE, &path, Value::Null), (2, Some(4.0))).await;
        let leaving = self.app.sign_in("owner").await;
        leaving.get("/users/me").await.expect_status(200);
        for (endpoint, user) in
            [("POST /users/me/convert-login", "me"), ("POST /users/{username}/convert-login", "user-2")]
        {
            let conversion = json!({ "to_type": "oidc", "password": PASSWORD });
            let path = format!("/users/{user}/convert-login");
            // The trips authenticate the caller, verify the password as a login does, and write the audit entry.
            self.request(endpoint, (Method::POST, &path, conversion), (3, Some(4.0))).await;
        }
        let logout = (Method::POST, "/users/logout", Value::Null);
        self.request_of(&leaving, "POST /users/logout", logout, (2, None)).await;
    }

    async fn changes_of_settings(&mut self) {
        let regenerate = (Method::PUT, "/users/me/gitsshkey", Value::Null);
        self.request("PUT /users/me/gitsshkey", regenerate, (2, Some(3.0))).await;
        let appearance = json!({ "theme_preference": "dark", "terminal_font": "fira-code" });
        let appearance = (Method::PUT, "/users/me/appearance", appearance);
        self.request("PUT /users/me/appearance", appearance, (2, Some(3.0))).await;
        let preferences = json!({ "task_notification_alert_dismissed": true });
        let preferences = (Method::PUT, "/users/me/preferences", preferences);
        self.request("PUT /users/me/preferences", preferences, (2, Some(3.0))).await;
    }

    /// One query finds the users who are due; each of them needs one more read and one more transaction.
    async fn scheduled_runs(&mut self) {
        self.run("dormancy run, no user is due", 1).await;
        self.app.clock.advance(TimeDelta::days(91));
        self.owner = self.app.sign_in("owner").await;
        self.owner.get("/users/me").await.expect_status(200);
        self.run("dormancy run, one user is due", 3).await;
    }

    async fn run(&mut self, endpoint: &'static str, budget_trips: u32) {
        let log = RequestCost::default();
        let report = log.scope(self.app.app.dormancy.run()).await;
        let report = report.unwrap_or_else(|error| panic!("{endpoint}: {error}"));
        assert_eq!(1 + 2 * report.changed, u64::from(budget_trips), "{endpoint}: {report:?}");
        let trips = log.read();
        let cost = Cost {
            trips: trips.sequential,
            calls: trips.calls,
            read_units: trips.read_units,
            write_units: trips.write_units,
        };
        self.push(endpoint, cost, (budget_trips, None));
    }
}
