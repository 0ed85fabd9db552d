//! Contents of stored messages, and messages that are not sent.

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::TimeDelta;
use roster_tests::smtp::Offer;
use roster_tests::{PostOffice, SmtpServer};
use serde_json::json;

use super::{LIFE, PASSCODE, forgotten};

async fn office() -> (SmtpServer, PostOffice) {
    let server = SmtpServer::start(Offer::default()).await;
    let office = PostOffice::start(&server.settings()).await;
    (server, office)
}

/// The size of an item as DynamoDB charges for it: names and values of the attributes.
fn size(item: &std::collections::HashMap<String, AttributeValue>) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        other => panic!("a message has no {other:?}"),
    };
    item.iter().map(|(name, attribute)| name.len() + value(attribute)).sum()
}

#[tokio::test]
async fn a_message_without_mail_has_the_same_size_and_is_dropped() {
    let (server, office) = office().await;
    let without_mail = office.write(None, LIFE).await;
    office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    office.write(Some(&forgotten(&format!("{}@example.com", "a".repeat(200)))), LIFE).await;
    let sizes: Vec<usize> = office.app.items().await.iter().map(size).collect();
    assert_eq!(sizes.len(), 3);
    assert!(sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");

    assert!(office.deliver(&[without_mail]).await.is_empty());
    assert_eq!((server.connections(), office.app.items().await.len()), (0, 2));
    assert_eq!(["MailSent", "MailExpired", "MailDead"].map(|name| office.metric(name)), [0, 0, 0]);
}

#[tokio::test]
async fn a_message_stores_email_address_name_and_passcode_encrypted() {
    let (_, office) = office().await;
    office.write(Some(&forgotten("canary@example.com")), LIFE).await;
    let shown = office.app.items().await;
    let shown: Vec<String> = shown
        .iter()
        .flat_map(|item| item.values())
        .map(|value| match value {
            AttributeValue::B(bytes) => String::from_utf8_lossy(bytes.as_ref()).to_lowercase(),
            other => format!("{other:?}").to_lowercase(),
        })
        .collect();
    for secret in ["canary", "example.com", &PASSCODE.to_string(), &PASSCODE.simple().to_string()] {
        assert!(shown.iter().all(|text| !text.contains(secret)), "{secret}");
    }
}

#[tokio::test]
async fn an_expired_message_is_not_sent() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    office.app.clock.advance(LIFE + TimeDelta::seconds(1));
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!((server.connections(), office.app.items().await.len()), (0, 0));
    assert_eq!((office.metric("MailSent"), office.metric("MailExpired")), (0, 1));
}

#[tokio::test]
async fn without_a_server_messages_are_dropped() {
    let office = PostOffice::start(&[]).await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!((office.app.items().await.len(), office.metric("MailDead")), (0, 0));
}

#[tokio::test]
async fn an_invalid_recipient_is_given_up_at_once() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("no address at all")), LIFE).await;
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!((server.connections(), office.metric("MailDead")), (0, 1));
}

#[tokio::test]
async fn the_mailer_ignores_other_records_of_the_stream() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    let deadline = office.mailer.now().plus(TimeDelta::minutes(15));
    for (name, partition) in [("REMOVE", "OUTBOX#1"), ("MODIFY", "OUTBOX#1"), ("INSERT", "USER#0aB9zZ")] {
        let mut event = PostOffice::event(&[id]);
        event["Records"][0]["eventName"] = json!(name);
        event["Records"][0]["dynamodb"]["Keys"]["PK"]["S"] = json!(partition);
        let answer = roster_mailer::run(&office.mailer, event, deadline).await.expect("the event is one");
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    assert_eq!(server.connections(), 0);
    assert!(roster_mailer::run(&office.mailer, json!({ "detail": "{}" }), deadline).await.is_err());
}
