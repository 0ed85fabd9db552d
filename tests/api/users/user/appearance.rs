//! Themes and fonts (docs/api/settings.md#appearance).

use roster_tests::cast::{assert_invalid, assert_says_only_a_message, with};
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use super::{dark, shown};
use crate::cases::cases;

const PATH: &str = "/users/me/appearance";

/// Sends [`dark`] with some members changed.
async fn put(actor: &Actor, changes: Value) -> Answer {
    actor.put(PATH, with(&dark(), &changes)).await
}

/// The answer to [`put`], after a read that returns the same.
async fn set(actor: &Actor, changes: Value) -> Value {
    let answer = put(actor, changes).await.expect_status(200).json();
    assert_eq!(shown(actor, "me", "appearance").await, answer);
    answer
}

/// A complete appearance with the font of [`dark`].
fn appearance(preference: &str, mode: &str, light: &str, dark: &str) -> Value {
    json!({
        "theme_preference": preference,
        "theme_mode": mode,
        "theme_light": light,
        "theme_dark": dark,
        "terminal_font": "fira-code",
    })
}

/// A deployment whose owner uses the mode `sync` with two themes.
async fn with_sync_mode() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    let slots = json!({ "theme_mode": "sync", "theme_light": "light", "theme_dark": "dark-tritan" });
    set(&owner, slots).await;
    (app, owner)
}

#[tokio::test]
async fn without_a_mode_only_preference_and_font_are_stored() {
    let (_app, owner) = TestApp::with_owner().await;
    assert_eq!(set(&owner, json!({})).await, appearance("dark", "", "", ""));
    let slots = json!({ "theme_light": "light", "theme_dark": "dark" });
    assert_eq!(set(&owner, slots).await, appearance("dark", "", "", ""));
}

#[tokio::test]
async fn every_font_is_accepted() {
    let (_app, owner) = TestApp::with_owner().await;
    for font in ["geist-mono", "ibm-plex-mono", "fira-code", "source-code-pro", "jetbrains-mono"] {
        assert_eq!(set(&owner, json!({ "terminal_font": font })).await["terminal_font"], font);
    }
}

#[tokio::test]
async fn any_text_is_accepted_as_theme_preference() {
    let (_app, owner) = TestApp::with_owner().await;
    for preference in ["purple", " ", "Ünïcode", &"p".repeat(1000)] {
        assert_eq!(set(&owner, json!({ "theme_preference": preference })).await["theme_preference"], preference);
    }
}

#[tokio::test]
async fn light_and_dark_accept_each_of_the_six_themes() {
    let (_app, owner) = TestApp::with_owner().await;
    let themes = ["light", "light-protan-deuter", "light-tritan", "dark", "dark-protan-deuter", "dark-tritan"];
    for (index, light) in themes.iter().enumerate() {
        let dark = themes[themes.len() - 1 - index];
        let slots = json!({ "theme_mode": "sync", "theme_light": light, "theme_dark": dark });
        assert_eq!(set(&owner, slots).await, appearance("dark", "sync", light, dark));
    }
}

#[tokio::test]
async fn an_omitted_mode_keeps_mode_and_themes() {
    let (_app, owner) = with_sync_mode().await;
    let kept = appearance("purple", "sync", "light", "dark-tritan");
    for changes in [
        json!({ "theme_preference": "purple" }),
        json!({ "theme_preference": "purple", "theme_mode": "", "theme_light": "dark", "theme_dark": "light" }),
    ] {
        assert_eq!(set(&owner, changes).await, kept);
    }
}

#[tokio::test]
async fn the_single_mode_replaces_only_the_given_themes() {
    let (_app, owner) = with_sync_mode().await;
    let steps = [
        (json!({}), "light", "dark-tritan"),
        (json!({ "theme_light": "light-tritan" }), "light-tritan", "dark-tritan"),
        (json!({ "theme_dark": "light-protan-deuter" }), "light-tritan", "light-protan-deuter"),
        (json!({ "theme_light": "dark", "theme_dark": "light" }), "dark", "light"),
    ];
    for (slots, light, dark) in steps {
        let changes = with(&slots, &json!({ "theme_mode": "single" }));
        assert_eq!(set(&owner, changes).await, appearance("dark", "single", light, dark));
    }
}

#[tokio::test]
async fn an_automatic_preference_without_a_mode_clears_the_mode_and_keeps_themes() {
    for automatic in ["auto", "auto-protan-deuter", "auto-tritan"] {
        let (_app, owner) = with_sync_mode().await;
        let changes = json!({ "theme_preference": automatic, "theme_light": "dark" });
        assert_eq!(set(&owner, changes).await, appearance(automatic, "", "light", "dark-tritan"));
    }
}

#[tokio::test]
async fn an_automatic_preference_with_a_mode_keeps_the_mode() {
    let (_app, owner) = with_sync_mode().await;
    let changes = json!({ "theme_preference": "auto", "theme_mode": "single" });
    assert_eq!(set(&owner, changes).await, appearance("auto", "single", "light", "dark-tritan"));
}

#[tokio::test]
async fn every_invalid_member_is_named_in_order() {
    let (_app, owner) = TestApp::with_owner().await;
    let wrong = [
        (json!({}), vec!["theme_preference", "terminal_font"]),
        (json!({ "theme_preference": "", "terminal_font": null }), vec!["theme_preference", "terminal_font"]),
        (json!({ "theme_preference": "dark", "terminal_font": "" }), vec!["terminal_font"]),
        (with(&dark(), &json!({ "theme_mode": "both" })), vec!["theme_mode"]),
        (with(&dark(), &json!({ "theme_mode": "Sync" })), vec!["theme_mode"]),
        (with(&dark(), &json!({ "theme_mode": "sync" })), vec!["theme_light", "theme_dark"]),
        (with(&dark(), &json!({ "theme_mode": "sync", "theme_dark": "dark" })), vec!["theme_light"]),
        (with(&dark(), &json!({ "theme_mode": "sync", "theme_light": "light" })), vec!["theme_dark"]),
        (
            json!({ "theme_mode": "x", "theme_light": "x", "theme_dark": "x" }),
            vec!["theme_preference", "theme_mode", "theme_light", "theme_dark", "terminal_font"],
        ),
    ];
    for (body, fields) in wrong {
        assert_invalid(&owner.put(PATH, body).await, &fields);
    }
}

#[tokio::test]
async fn a_theme_must_be_one_of_the_six_in_every_mode() {
    let (_app, owner) = TestApp::with_owner().await;
    for mode in ["", "single", "sync"] {
        for purple in ["purple", "auto", "Dark"] {
            let changes = json!({ "theme_mode": mode, "theme_light": purple, "theme_dark": purple });
            assert_invalid(&put(&owner, changes).await, &["theme_light", "theme_dark"]);
        }
    }
}

#[tokio::test]
async fn an_unknown_font_is_refused_without_a_field_after_other_members() {
    let (_app, owner) = TestApp::with_owner().await;
    for font in ["comic-sans", "Fira-Code", " "] {
        assert_says_only_a_message(&put(&owner, json!({ "terminal_font": font })).await.expect_status(400));
    }
    let both = json!({ "terminal_font": "comic-sans", "theme_mode": "both" });
    assert_invalid(&put(&owner, both).await, &["theme_mode"]);
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let (_app, owner) = with_sync_mode().await;
    let before = shown(&owner, "me", "appearance").await;
    for changes in [json!({ "terminal_font": "comic-sans" }), json!({ "theme_mode": "both" })] {
        put(&owner, changes).await.expect_status(400);
    }
    assert_eq!(shown(&owner, "me", "appearance").await, before);
}

#[tokio::test]
async fn the_appearance_of_a_user_changes_no_other_record() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let before = ada.get("/users/me").await.expect_status(200).json();
    set(&ada, json!({})).await;
    assert_eq!(ada.get("/users/me").await.expect_status(200).json(), before);
    assert_eq!(shown(&owner, "me", "appearance").await["theme_preference"], "");
    assert_eq!(shown(&ada, "me", "preferences").await, super::default_preferences());
}

#[tokio::test]
async fn reading_an_appearance_takes_one_trip_and_writing_two() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    assert_eq!(owner.get(PATH).await.expect_status(200).cost().trips, 1);
    for font in ["fira-code", "geist-mono"] {
        let written = put(&owner, json!({ "terminal_font": font })).await.expect_status(200);
        assert!(written.cost().trips <= 2, "{:?}", written.cost());
    }
    assert_eq!(owner.get(PATH).await.expect_status(200).cost().trips, 1);
}

cases! {
    a_member_reads_their_own_appearance: member GET "/users/me/appearance" => 200;
    an_auditor_may_not_read_an_appearance: auditor GET "/users/ada/appearance" => 403;
    the_appearance_of_an_unknown_user_is_not_found: owner GET "/users/nobody/appearance" => hidden;
    the_appearance_of_a_hidden_user_is_not_found: member GET "/users/ada/appearance" => hidden;
    an_appearance_without_a_token_is_refused: anonymous GET "/users/me/appearance" => 401;
    a_member_changes_their_own_appearance:
        member PUT "/users/me/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => 200;
    a_missing_theme_preference_is_refused: member PUT "/users/me/appearance" { "terminal_font": "fira-code" } => 400;
    themes_of_the_mode_sync_are_checked:
        member PUT "/users/me/appearance" { "theme_mode": "sync", "theme_light": "pink" } => 400;
    an_unknown_font_is_refused:
        member PUT "/users/me/appearance" { "theme_preference": "dark", "terminal_font": "comic-sans" } => 400;
    an_auditor_may_not_change_an_appearance:
        auditor PUT "/users/ada/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => 403;
    the_appearance_of_an_unknown_user_is_not_changed:
        owner PUT "/users/nobody/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => hidden;
    the_appearance_of_a_hidden_user_is_not_changed:
        member PUT "/users/ada/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => hidden;
    changing_an_appearance_without_a_token_is_refused:
        anonymous PUT "/users/me/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => 401;
}
