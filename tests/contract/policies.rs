//! Each function's policy in the template against the calls that its routes make: nothing less, and nothing more.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roster::notifications::Mail;
use roster::storage::dynamodb::cost::{Permission, RequestCost};
use roster_local::template::Resource;
use roster_local::{DEFAULT, GatewayRoute, Template, gateway_routes, groups};
use roster_tests::smtp::{Behaviour, Offer};
use roster_tests::{PostOffice, SmtpServer, TestApp, Tour};
use serde_json::json;
use uuid::Uuid;

/// Permissions as people read them, such as `dynamodb:Query on Tokens`.
type Permissions = BTreeSet<String>;

fn shown(action: &str, index: Option<&str>) -> String {
    format!("{action} on {}", index.unwrap_or("the table"))
}

fn seen(permissions: &BTreeSet<Permission>) -> Permissions {
    permissions.iter().map(|permission| shown(permission.action, permission.index.as_deref())).collect()
}

/// What the template's policy of a function allows.
fn granted(template: &Template, function: &str) -> Permissions {
    let function = template.function(function).expect("the function is in the template");
    let statements = function.permissions.iter().flat_map(|statement| {
        let index = match &statement.resource {
            Resource::Table => None,
            Resource::Index(index) => Some(index.as_str()),
            Resource::Stream => Some("the stream"),
            Resource::Queue(queue) => Some(queue.as_str()),
        };
        statement.actions.iter().map(move |action| shown(action, index))
    });
    statements.collect()
}

/// The functions behind the API other than the one that has every route.
fn functions() -> impl Iterator<Item = &'static str> {
    groups().into_iter().map(|group| group.name).filter(|name| *name != DEFAULT)
}

#[tokio::test]
async fn every_function_behind_the_api_may_do_what_its_routes_do_and_no_more() {
    let tour = Tour::take().await;
    let template = &Template::bundled().expect("the template can be read");
    let mut all = seen(&tour.permissions("platform"));
    for function in functions() {
        let seen = seen(&tour.permissions(function));
        assert_eq!(granted(template, function), seen, "{function}");
        all.extend(seen);
    }
    // Behind $default it answers for all of them.
    assert_eq!(granted(template, "platform"), all, "platform");
}

#[tokio::test]
async fn the_tour_that_proves_the_policies_takes_every_route() {
    let tour = Tour::take().await;
    let routes: BTreeSet<String> =
        gateway_routes().iter().map(GatewayRoute::key).chain(["$default".to_owned()]).collect();
    assert_eq!(tour.routes().into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), routes);
}

#[tokio::test]
async fn the_admin_function_may_do_what_its_actions_do_and_no_more() {
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
    let template = Template::bundled().expect("the template can be read");
    assert_eq!(granted(&template, "admin"), seen(&log.read().permissions));
}

#[tokio::test]
async fn the_dormancy_function_may_do_what_a_run_does_and_no_more() {
    let (app, owner) = TestApp::with_owner().await;
    app.user_with_roles(&owner, "ada", &[]).await;
    app.clock.advance(TimeDelta::days(91));
    let log = RequestCost::default();
    let report = log.scope(app.app.dormancy.run()).await.expect("the run succeeds");
    assert_eq!(report.changed, 2, "{report:?}");
    let template = Template::bundled().expect("the template can be read");
    assert_eq!(granted(&template, "dormancy"), seen(&log.read().permissions));
}

#[tokio::test]
async fn the_mailer_may_do_what_deliveries_do_and_what_lambda_does_for_it_and_no_more() {
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
    let mut needed = seen(&log.read().permissions);
    // Lambda reads the stream, and tells of what could not be worked on, in the function's name.
    for action in ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"] {
        needed.insert(shown(&format!("dynamodb:{action}"), Some("the stream")));
    }
    needed.insert(shown("sqs:SendMessage", Some("MailerFailures")));
    let template = Template::bundled().expect("the template can be read");
    assert_eq!(granted(&template, "mailer"), needed);
}
