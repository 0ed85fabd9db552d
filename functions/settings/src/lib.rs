//! Personal settings: appearance, preferences, the git SSH key.

mod get_appearance;
mod get_git_ssh_key;
mod get_preferences;
mod list_autofill_parameters;
mod regenerate_git_ssh_key;
mod update_appearance;
mod update_preferences;

use roster::http::Routes;

/// The function's routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/users/{user}/appearance", get_appearance::get_appearance)
        .put("/users/{user}/appearance", update_appearance::update_appearance)
        .get("/users/{user}/autofill-parameters", list_autofill_parameters::list_autofill_parameters)
        .get("/users/{user}/gitsshkey", get_git_ssh_key::get_git_ssh_key)
        .put("/users/{user}/gitsshkey", regenerate_git_ssh_key::regenerate_git_ssh_key)
        .get("/users/{user}/preferences", get_preferences::get_preferences)
        .put("/users/{user}/preferences", update_preferences::update_preferences)
}
