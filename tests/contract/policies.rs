//! The permissions of each function equal those that its calls need. The policies of the template are generated from
//! these permissions.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roster::notifications::Mail;
use roster::storage::dynamodb::cost::{Permission, RequestCost};
use roster_local::{DEFAULT, GatewayRoute, JOBS, gateway_routes, groups};
use roster_tests::smtp::{Behaviour, Offer};
use roster_tests::{PostOffice, SmtpServer, TestApp, Tour};
use serde_json::json;
use uuid::Uuid;

/// Permissions as text, such as `dynamodb:Query on Tokens`.
type Permissions = BTreeSet<String>;

fn shown(action: &str, index: Option<&str>) -> String {
    format!("{action} on {}", index.unwrap_or("the table"))
}

fn seen(permissions: &BTreeSet<Permission>) -> Permissions {
    permissions.iter().map(|permission| shown(permission.action, permission.index.as_deref())).collect()
}

/// What the policy of a function allows on the table.
fn granted(function: &str) -> Permissions {
    let jobs = JOBS.iter().map(|job| (job.name, job.permissions));
    let mut all = groups().into_iter().map(|group| (group.name, group.permissions)).chain(jobs);
    let (_, permissions) = all.find(|(name, _)| *name == function).expect("the function exists");
    let on_table = permissions.actions.iter().map(|action| shown(&format!("dynamodb:{action}"), None));
    on_table.chain(permissions.indexes.iter().map(|index| shown("dynamodb:Query", Some(index)))).collect()
}

/// The functions of the API without the one that has every route.
fn functions() -> impl Iterator<Item = &'static str> {
    groups().into_iter().map(|group| group.name).filter(|name| *name != DEFAULT)
}

#[tokio::test]
async fn every_api_function_has_the_permissions_of_its_routes() {
    let tour = Tour::take().await;
    let mut all = seen(&tour.permissions("platform"));
    for function in functions() {
        let seen = seen(&tour.permissions(function));
        assert_eq!(granted(function), seen, "{function}");
        all.extend(seen);
    }
    // The function of `$default` serves all routes.
    assert_eq!(granted("platform"), all, "platform");
}

#[tokio::test]
async fn the_tour_calls_every_route() {
    let tour = Tour::take().await;
    let routes: BTreeSet<String> =
        gateway_routes().iter().map(GatewayRoute::key).chain(["$default".to_owned()]).collect();
    assert_eq!(tour.routes().into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), routes);
}

#[tokio::test]
async fn the_admin_function_has_the_permissions_of_its_actions() {
    let app = TestApp::start().await;
    let log = RequestCost::default();
    let invoke = async |event| {
        let report = log.scope(roster_admin::run(&app.app, event, Uuid::nil())).await;
        report.expect("the command is carried out");
    };
    for name in ["first", "second"] {
        let email = format!("{name}@example.com");
        invoke(json!({ "action": "create-owner", "username": name, "email": email })).await;
        for (by, value) in [("username", name), ("email", &email)] {
            invoke(json!({ "action": "reset-password", by: value })).await;
            invoke(json!({ "action": "unlock", by: value })).await;
        }
    }
    assert_eq!(granted("admin"), seen(&log.read().permissions));
}

#[tokio::test]
async fn the_dormancy_function_has_the_permissions_of_a_run() {
    let (app, _owner, _) = TestApp::with_actor("ada", &[]).await;
    app.clock.advance(TimeDelta::days(91));
    let log = RequestCost::default();
    let report = log.scope(app.app.dormancy.run()).await.expect("the run succeeds");
    assert_eq!(report.changed, 2, "{report:?}");
    assert_eq!(granted("dormancy"), seen(&log.read().permissions));
}

#[tokio::test]
async fn the_mailer_has_the_permissions_of_deliveries() {
    let server = SmtpServer::start(Offer::default()).await;
    let office = PostOffice::start(&server.settings()).await;
    let mail = Mail::OneTimePasscode {
        to: "ada@example.com".to_owned(),
        name: "Ada".to_owned(),
        passcode: uuid::Uuid::from_u128(7),
    };
    let log = RequestCost::default();
    for behaviour in [Behaviour::Accept, Behaviour::Defer, Behaviour::Reject] {
        server.set_behaviour(behaviour);
        let id = office.write(Some(&mail), TimeDelta::minutes(10)).await;
        assert!(log.scope(office.deliver(&[id])).await.is_empty());
    }
    assert_eq!((office.metric("MailSent"), office.metric("MailDead")), (1, 2));
    assert_eq!(granted("mailer"), seen(&log.read().permissions));
}
