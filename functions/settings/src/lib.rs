//! Personal settings: the git SSH key.

mod get_git_ssh_key;
mod regenerate_git_ssh_key;

use roster::http::Routes;

/// The function's routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/users/{user}/gitsshkey", get_git_ssh_key::get_git_ssh_key)
        .put("/users/{user}/gitsshkey", regenerate_git_ssh_key::regenerate_git_ssh_key)
}
