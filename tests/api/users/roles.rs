//! `GET /users/roles`.

use crate::cases::cases;
use crate::users::{Cast, assert_signed_out};

#[tokio::test]
async fn every_user_lists_the_site_roles_and_which_are_assignable() {
    let cast = Cast::assemble().await;
    let callers = [
        (&cast.owner, true),
        (&cast.user_admin, false),
        (&cast.auditor, false),
        (&cast.template_admin, false),
        (&cast.member, false),
    ];
    for (actor, assignable) in callers {
        let roles = actor.get("/users/roles").await.expect_status(200).json();
        let roles = roles.as_array().expect("a list");
        assert_eq!(roles.len(), 4);
        assert!(roles.iter().all(|role| role["assignable"] == assignable), "{roles:?}");
    }
    assert_signed_out(&cast.app.anonymous().get("/users/roles").await);
}

cases! {
    a_member_reads_the_site_roles: member GET "/users/roles" => 200;
    an_owner_reads_the_site_roles: owner GET "/users/roles" => 200;
    site_roles_without_a_token_are_refused: anonymous GET "/users/roles" => 401;
}
