//! The routes about the settings of a user: appearance, preferences and git SSH key.

mod get_appearance;
mod get_git_ssh_key;
mod get_preferences;
mod list_autofill_parameters;
mod regenerate_git_ssh_key;
mod update_appearance;
mod update_preferences;

use roster::api::git_ssh_keys::GitSshKey;
use roster::api::settings::{
    UpdateUserAppearanceSettingsRequest, UpdateUserPreferenceSettingsRequest, UserAppearanceSettings,
    UserPreferenceSettings,
};
use roster::http::Route;

use self::list_autofill_parameters::list_autofill_parameters;

/// The function's routes, in the order of their paths.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("get-user-appearance", "/users/{user}/appearance", get_appearance::get_appearance)
            .summary("Get a user's appearance settings")
            .response::<UserAppearanceSettings>(),
        Route::put("update-user-appearance", "/users/{user}/appearance", update_appearance::update_appearance)
            .summary("Change a user's appearance settings")
            .request::<UpdateUserAppearanceSettingsRequest>()
            .response::<UserAppearanceSettings>(),
        Route::get("list-autofill-parameters", "/users/{user}/autofill-parameters", list_autofill_parameters)
            .summary("List a user's recent parameter values; always empty")
            .response::<[()]>(),
        Route::get("get-git-ssh-key", "/users/{user}/gitsshkey", get_git_ssh_key::get_git_ssh_key)
            .summary("Get a user's git SSH key")
            .response::<GitSshKey>(),
        Route::put("regenerate-git-ssh-key", "/users/{user}/gitsshkey", regenerate_git_ssh_key::regenerate_git_ssh_key)
            .summary("Replace a user's git SSH key")
            .response::<GitSshKey>(),
        Route::get("get-user-preferences", "/users/{user}/preferences", get_preferences::get_preferences)
            .summary("Get a user's preferences")
            .response::<UserPreferenceSettings>(),
        Route::put("update-user-preferences", "/users/{user}/preferences", update_preferences::update_preferences)
            .summary("Change a user's preferences")
            .request::<UpdateUserPreferenceSettingsRequest>()
            .response::<UserPreferenceSettings>(),
    ]
}
