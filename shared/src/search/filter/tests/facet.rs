//! Filters that ask for one listing.

use super::parse;
use crate::domain::facet::Facet;
use crate::domain::user::UserStatus;

#[test]
fn a_filter_asks_for_a_group_when_it_has_one_condition_with_one_value() {
    let facet = |q: &str| parse(q).map(|filter| filter.facet());
    let role = |name: &str| Ok(Some(Facet::Role(name.to_owned())));
    assert_eq!(facet("Status:SUSPENDED"), Ok(Some(Facet::Status(UserStatus::Suspended))));
    assert_eq!(facet("status:active,active status:active"), Ok(Some(Facet::Status(UserStatus::Active))));
    assert_eq!(facet("role:auditor"), role("auditor"));
    assert_eq!(facet("role:site-manager,admin,owner"), role("owner"));
    // Nobody has it, which is known without a look at everybody.
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
