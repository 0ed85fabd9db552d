//! `GET /entitlements`.

use roster_tests::{Actor, TestApp};
use serde_json::json;

use crate::cases::cases;

async fn seats(actor: &Actor) -> Option<u64> {
    actor.get("/entitlements").await.expect_status(200).json()["features"]["user_limit"]["actual"].as_u64()
}

/// Which users take a seat: docs/api/dormancy.md#seats.
#[tokio::test]
async fn the_number_of_seats_is_exact_after_every_change_of_status() {
    let (app, owner) = TestApp::with_owner().await;
    let mut expected = 1;
    assert_eq!(seats(&owner).await, Some(expected));
    app.create_user(&owner, "ada").await;
    let mut robot = TestApp::new_user("robot");
    for (member, value) in [
        ("service_account", json!(true)),
        ("email", json!("")),
        ("password", json!("")),
        ("login_type", json!("none")),
        ("user_status", json!("active")),
    ] {
        robot[member] = value;
    }
    owner.post("/users", robot).await.expect_status(201);
    assert_eq!(seats(&owner).await, Some(expected), "dormant users and service accounts take no seat");
    let steps: [(&str, i64); 8] = [
        ("activate", 1),
        ("activate", 0),
        ("suspend", -1),
        ("suspend", 0),
        ("activate", 1),
        ("rename", 0),
        ("delete", -1),
        ("delete a dormant user", 0),
    ];
    for (step, difference) in steps {
        match step {
            "rename" => {
                let profile = json!({ "username": "lovelace", "name": "" });
                owner.put("/users/ada/profile", profile).await.expect_status(200);
            }
            "delete" => {
                owner.delete("/users/lovelace").await.expect_status(200);
            }
            "delete a dormant user" => {
                app.create_user(&owner, "bob").await;
                owner.delete("/users/bob").await.expect_status(200);
            }
            status => {
                owner.put(&format!("/users/ada/status/{status}"), json!(null)).await.expect_status(200);
            }
        }
        expected = expected.saturating_add_signed(difference);
        assert_eq!(seats(&owner).await, Some(expected), "{step}");
    }
}

#[tokio::test]
async fn activation_takes_a_seat_and_dormancy_frees_it() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    app.create_user(&owner, "bob").await;
    app.sign_in("ada").await;
    assert_eq!(seats(&owner).await, Some(2));
    app.sign_in("ada").await;
    assert_eq!(seats(&owner).await, Some(2));
    let bob = owner.create_token_for("bob", json!({})).await;
    bob.get("/users/me").await.expect_status(200);
    assert_eq!(seats(&owner).await, Some(3));
    app.clock.advance(chrono::TimeDelta::days(91));
    app.app.dormancy.run().await.expect("the run succeeds");
    assert_eq!(seats(&app.anonymous()).await, Some(0));
}

#[tokio::test]
async fn entitlements_cost_one_trip_with_and_without_a_token() {
    let (app, owner) = TestApp::with_owner().await;
    for actor in [&app.anonymous(), &owner] {
        let cost = actor.get("/entitlements").await.expect_status(200).cost();
        assert_eq!((cost.trips, cost.calls), (1, 1));
        assert!(cost.read_units <= 1.0, "{cost:?}");
    }
}

cases! {
    entitlements_need_no_token: anonymous GET "/entitlements" => 200;
}
