//! `GET /users/roles`.

use serde_json::json;

use crate::users::{Cast, assert_signed_out};

#[tokio::test]
async fn everybody_is_told_the_site_roles_and_which_of_them_he_may_give() {
    let cast = Cast::assemble().await;
    let role = |name: &str, display_name: &str, assignable: bool| {
        json!({
            "name": name,
            "display_name": display_name,
            "site_permissions": [],
            "user_permissions": [],
            "organization_permissions": [],
            "organization_member_permissions": [],
            "assignable": assignable,
            "built_in": true,
        })
    };
    let told = [
        (&cast.owner, true),
        (&cast.user_admin, false),
        (&cast.auditor, false),
        (&cast.template_admin, false),
        (&cast.member, false),
    ];
    for (actor, assignable) in told {
        let expected = json!([
            role("auditor", "Auditor", assignable),
            role("owner", "Owner", assignable),
            role("template-admin", "Template Admin", assignable),
            role("user-admin", "User Admin", assignable),
        ]);
        let mut roles = actor.get("/users/roles").await.expect_status(200).json();
        roles.as_array_mut().expect("a list").sort_by_key(|role| role["name"].to_string());
        assert_eq!(roles, expected);
    }
    assert_signed_out(&cast.app.anonymous().get("/users/roles").await);
}
