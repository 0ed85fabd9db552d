//! Recorded answers of Coder about six users (`users-list-filters`).

use super::{TestUser, filter, refused, time};
use crate::domain::user::{LoginType, UserStatus};

fn six_users() -> Vec<TestUser> {
    vec![
        TestUser {
            name: "Anna Example".to_owned(),
            roles: vec!["auditor".to_owned()],
            last_seen_at: time("2026-03-01T11:00:00Z"),
            ..TestUser::new("lf-anna")
        },
        TestUser { status: UserStatus::Dormant, email: "lf-ben@list.example".to_owned(), ..TestUser::new("lf-Ben") },
        TestUser { status: UserStatus::Suspended, ..TestUser::new("lf-cara") },
        TestUser { name: "Dan O'Example".to_owned(), login_type: LoginType::None, ..TestUser::new("lf-dan") },
        TestUser { email: "Lf-Eve@List.Example".to_owned(), login_type: LoginType::Github, ..TestUser::new("lf-eve") },
        TestUser {
            email: "other@list.example".to_owned(),
            login_type: LoginType::None,
            roles: vec!["member".to_owned()],
            ..TestUser::new("lf-fay")
        },
    ]
}

/// The usernames of the matching users without the prefix `lf-`.
fn found(q: &str) -> String {
    let asked = filter(q);
    let users = six_users();
    let matching = users.iter().filter(|user| user.matches(&asked));
    let names: Vec<&str> = matching.map(|user| &user.username[3..]).collect();
    names.join(" ")
}

const ALL: &str = "anna Ben cara dan eve fay";

#[test]
fn valid_queries_match_the_users_that_coder_found() {
    for (q, expected) in [
        ("lf-", ALL),
        ("lf- status:active", "anna dan eve fay"),
        ("lf- status:dormant,suspended", "Ben cara"),
        ("lf- status:dormant status:suspended", "Ben cara"),
        ("LF- STATUS:SUSPENDED", "cara"),
        ("lf- role:auditor", "anna"),
        ("lf- role:member", ALL),
        ("lf- role:member,auditor", "anna fay"),
        ("lf- role:nonsense", ""),
        ("lf- role:admin", ""),
        ("lf- login_type:none", "dan fay"),
        ("lf- login_type:none,github", "dan eve fay"),
        ("lf- service_account:true", ""),
        ("lf- service_account:0", ALL),
        (r#"lf- name:"a example""#, "anna"),
        ("lf- name:example", "anna dan"),
        ("search:lf-d", "dan"),
        (r#"search:"lf-d""#, "dan"),
        (r#""lf-d""#, ""),
        ("lf- anna", ""),
        ("lf-eve@list.example", "eve"),
        ("list.example", ALL),
        ("other@list", "fay"),
        ("  lf-   status:active  ", "anna dan eve fay"),
        (r#"lf- "status":active"#, "anna dan eve fay"),
        (r#"lf- status:"""#, ALL),
        (r#"lf- created_after:"2020-01-01T00:00:00Z""#, ALL),
        (r#"lf- created_before:"2020-01-01T00:00:00Z""#, ""),
        (r#"lf- created_after:"2020-01-01T01:00:00.5+01:00""#, ALL),
        (r#"lf- last_seen_before:"2020-01-01T00:00:00Z""#, "Ben cara dan eve fay"),
        (r#"lf- last_seen_after:"2020-01-01T00:00:00Z""#, "anna"),
        (r#"lf- created_before:"0001-01-01T00:00:00Z""#, ALL),
        ("lf- github_com_user_id:7", ""),
        ("lf- github_com_user_id:0", ALL),
        ("lf- role:auditor status:active login_type:password name:anna", "anna"),
        ("lf-anna", "anna"),
        ("lf-d", "dan"),
    ] {
        assert_eq!(found(q), expected, "{q}");
    }
}

/// Coder finds users here. The recorded cases accept an empty list too (docs/api/deviations.md#literal-wildcards).
#[test]
fn sql_patterns_match_no_user() {
    assert_eq!(found("lf-%a"), "");
    assert_eq!(found("lf_anna"), "");
}

#[test]
fn errors_name_the_same_fields_as_coder() {
    for (q, fields) in [
        ("username:x", &["username"][..]),
        ("id:1 email:2", &["id", "email"]),
        ("status:inactive", &["status"]),
        ("status:active,inactive", &["status"]),
        ("login_type:magic", &["login_type"]),
        ("service_account:maybe", &["service_account"]),
        (r#"created_after:"2023-01-01""#, &["created_after"]),
        ("created_after:2023-01-01T00:00:00Z", &["q"]),
        ("github_com_user_id:x", &["github_com_user_id"]),
        (":x", &["q"]),
        ("status:", &["q"]),
        ("search:a:b", &["q"]),
        ("search:foo bar", &["search"]),
        ("name:a name:b", &["name"]),
        ("status:nope created_before:x foo:bar", &["status", "created_before", "foo"]),
        ("foo:bar", &["foo"]),
    ] {
        assert_eq!(refused(q), fields, "{q}");
    }
}
