//! Filters that select one facet.

use super::parse;
use crate::domain::facet::Facet;
use crate::domain::user::UserStatus;

#[test]
fn a_filter_with_one_status_or_role_and_no_other_condition_selects_a_facet() {
    let facet = |q: &str| parse(q).map(|filter| filter.facet());
    let role = |name: &str| Ok(Some(Facet::Role(name.to_owned())));
    assert_eq!(facet("Status:SUSPENDED"), Ok(Some(Facet::Status(UserStatus::Suspended))));
    assert_eq!(facet("status:active,active status:active"), Ok(Some(Facet::Status(UserStatus::Active))));
    assert_eq!(facet("role:auditor"), role("auditor"));
    assert_eq!(facet("role:site-manager,admin,owner"), role("owner"));
    // The facet of a role that no user has is an empty list, so the index is not needed.
    assert_eq!(facet("role:no-such-role"), role("no-such-role"));
    for q in ["", "role:member", "status:active,dormant", "role:member,owner", "status:active role:owner"] {
        assert_eq!(facet(q), Ok(None), "{q}");
    }
    for more in ["ada", "name:ada", "login_type:none", "service_account:false", "github_com_user_id:7"] {
        assert_eq!(facet(&format!("status:active {more}")), Ok(None), "{more}");
    }
    for key in ["created_before", "created_after", "last_seen_before", "last_seen_after"] {
        assert_eq!(facet(&format!("status:active {key}:\"2026-03-01T00:00:00Z\"")), Ok(None), "{key}");
    }
}
