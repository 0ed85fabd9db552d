//! Sources of the token, and their precedence.

use http::Method;
use roster_tests::{Answer, TestApp};

use super::UNKNOWN;

async fn me(app: &TestApp, query: &str, headers: &[(&str, &str)]) -> Answer {
    app.anonymous().send(Method::GET, &format!("/api/v2/users/me{query}"), headers, "").await
}

#[tokio::test]
async fn a_token_is_found_in_each_source() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.token();
    let cookie = format!("a=b; coder_session_token={token}; c=d");
    let bearer = format!("Bearer {token}");
    let shouting = format!("bEARER   {token} ");
    for (query, headers) in [
        (String::new(), [("cookie", cookie.as_str())]),
        (format!("?coder_session_token={token}"), [("x-nothing", "")]),
        (String::new(), [("coder-session-token", token)]),
        (String::new(), [("authorization", &bearer)]),
        (String::new(), [("authorization", &shouting)]),
        (format!("?access_token=%20{token}+"), [("x-nothing", "")]),
    ] {
        let answer = me(&app, &query, &headers).await.expect_status(200);
        assert_eq!(answer.text_at("/username"), "owner", "{query} {}", headers[0].0);
    }
}

#[tokio::test]
async fn the_first_source_with_a_token_wins_even_if_it_is_invalid() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.token();
    let place = |index: usize, token: &str| match index {
        0 => (String::new(), Some(("cookie", format!("coder_session_token={token}")))),
        1 => (format!("&coder_session_token={token}"), None),
        2 => (String::new(), Some(("coder-session-token", token.to_owned()))),
        3 => (String::new(), Some(("authorization", format!("Bearer {token}")))),
        _ => (format!("&access_token={token}"), None),
    };
    for (first, second) in [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)] {
        for (earlier, later, status) in [(UNKNOWN, token, 401), (token, UNKNOWN, 200), ("x", token, 401)] {
            let (one, other) = (place(first, earlier), place(second, later));
            let headers: Vec<(&str, &str)> =
                [&one.1, &other.1].into_iter().flatten().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = me(&app, &format!("?a=b{}{}", one.0, other.0), &headers).await;
            assert_eq!(answer.status.as_u16(), status, "{first} before {second}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_empty_source_is_skipped() {
    let (app, owner) = TestApp::with_owner().await;
    let headers = [("cookie", "coder_session_token="), ("coder-session-token", owner.token())];
    me(&app, "?coder_session_token=", &headers).await.expect_status(200);
}

#[tokio::test]
async fn an_empty_bearer_token_hides_later_sources() {
    let (app, owner) = TestApp::with_owner().await;
    let query = format!("?access_token={}", owner.token());
    let refused = me(&app, &query, &[("authorization", "Bearer  ")]).await.expect_status(401);
    assert_eq!(refused.text, me(&app, "", &[]).await.text);
}

#[tokio::test]
async fn another_authorization_scheme_is_ignored() {
    let (app, owner) = TestApp::with_owner().await;
    let basic = format!("Basic {}", owner.token());
    me(&app, "", &[("authorization", &basic)]).await.expect_status(401);
    me(&app, &format!("?access_token={}", owner.token()), &[("authorization", "Basic x")]).await.expect_status(200);
}

#[tokio::test]
async fn a_prefixed_cookie_is_ignored_by_default() {
    let (app, owner) = TestApp::with_owner().await;
    let cookie = format!("__Host-coder_session_token={}", owner.token());
    me(&app, "", &[("cookie", &cookie)]).await.expect_status(401);
}
