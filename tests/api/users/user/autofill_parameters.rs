//! Values for the form of a new workspace: the list is empty, and the query is validated
//! (docs/api/settings.md#autofill-parameters).

use roster_tests::TestApp;
use roster_tests::cast::{UNKNOWN, assert_invalid};
use serde_json::json;

use crate::cases::cases;

const PATH: &str = "/users/me/autofill-parameters";

#[tokio::test]
async fn the_list_is_empty_for_every_form_of_a_template_id() {
    let (_app, owner) = TestApp::with_owner().await;
    let forms = [UNKNOWN.to_owned(), UNKNOWN.to_uppercase(), UNKNOWN.replace('-', ""), format!("urn:uuid:{UNKNOWN}")];
    for form in forms {
        let answer = owner.get(&format!("{PATH}?template_id={form}")).await.expect_status(200);
        assert_eq!(answer.json(), json!([]), "{form}");
    }
}

#[tokio::test]
async fn exactly_one_template_id_is_required() {
    let (_app, owner) = TestApp::with_owner().await;
    let repeated = format!("?template_id={UNKNOWN}&template_id={UNKNOWN}");
    for query in ["", "?", "?template_id", "?template_id=", "?template_id=me", "?template_id=%00", &repeated] {
        assert_invalid(&owner.get(&format!("{PATH}{query}")).await, &["template_id"]);
    }
}

#[tokio::test]
async fn every_other_parameter_is_refused_by_name() {
    let (_app, owner) = TestApp::with_owner().await;
    for name in ["limit", "Template_ID", "q"] {
        let query = format!("?template_id={UNKNOWN}&{name}=1");
        assert_invalid(&owner.get(&format!("{PATH}{query}")).await, &[name]);
    }
    let answer = owner.get(&format!("{PATH}?limit=1")).await.expect_status(400);
    let mut fields = answer.invalid_fields();
    fields.sort();
    assert_eq!(fields, ["limit", "template_id"]);
}

#[tokio::test]
async fn a_token_in_the_query_is_refused_as_a_parameter() {
    let (app, owner) = TestApp::with_owner().await;
    let query = format!("?template_id={UNKNOWN}&coder_session_token={}", owner.token());
    let answer = app.anonymous().get(&format!("{PATH}{query}")).await;
    assert_invalid(&answer, &["coder_session_token"]);
    assert!(!answer.text.contains(owner.token()), "{}", answer.text);
}

#[tokio::test]
async fn autofill_parameters_take_one_trip() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let answer = owner.get(&format!("{PATH}?template_id={UNKNOWN}")).await.expect_status(200);
    assert_eq!(answer.cost().trips, 1);
}

cases! {
    a_member_has_no_autofill_parameters:
        member GET "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => 200;
    a_missing_template_is_refused: member GET "/users/me/autofill-parameters" => 400;
    an_empty_template_is_refused: member GET "/users/me/autofill-parameters?template_id=" => 400;
    a_repeated_template_is_refused:
        member GET "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f&template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => 400;
    a_template_that_is_not_an_id_is_refused: member GET "/users/me/autofill-parameters?template_id=me" => 400;
    another_query_parameter_is_refused:
        member GET "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f&limit=1" => 400;
    an_auditor_may_not_read_autofill_parameters:
        auditor GET "/users/ada/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => 403;
    autofill_parameters_of_an_unknown_user_are_not_found:
        owner GET "/users/nobody/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => hidden;
    autofill_parameters_of_a_hidden_user_are_not_found:
        member GET "/users/ada/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => hidden;
    autofill_parameters_without_a_token_are_refused:
        anonymous GET "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => 401;
}
