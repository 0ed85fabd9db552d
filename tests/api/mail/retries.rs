//! Retries when the server is down, busy or refuses a recipient, in simulated time.

use chrono::TimeDelta;
use roster::clock::Clock;
use roster_tests::smtp::{Behaviour, Offer};
use roster_tests::{PostOffice, SmtpServer};
use uuid::Uuid;

use super::{LIFE, forgotten};

async fn office(behaviour: Behaviour) -> (SmtpServer, PostOffice) {
    let server = SmtpServer::start(Offer::default()).await;
    server.set_behaviour(behaviour);
    let office = PostOffice::start(&server.settings()).await;
    (server, office)
}

/// The reason for which a message was given up.
async fn reason(office: &PostOffice, id: Uuid) -> String {
    let items = office.app.items().await;
    let row = items.iter().find(|item| item["SK"].as_s().is_ok_and(|sort| *sort == id.to_string()));
    row.expect("the message is kept")["dead"].as_s().expect("a reason is a text").clone()
}

async fn messages(office: &PostOffice) -> usize {
    office.app.item_keys().await.iter().filter(|key| key.starts_with("OUTBOX#")).count()
}

#[tokio::test]
async fn a_message_is_given_up_after_five_attempts_in_ten_minutes() {
    let (server, office) = office(Behaviour::Disconnect).await;
    let begun = office.app.clock.now();
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    assert!(office.deliver(&[id]).await.is_empty());
    let took = office.app.clock.now().since(begun);
    assert!(took > TimeDelta::seconds(450) && took < TimeDelta::minutes(10), "{took}");
    assert_eq!(server.connections(), 5);
    assert_eq!((office.metric("MailSent"), office.metric("MailDead"), messages(&office).await), (0, 1, 1));
    assert_eq!(reason(&office, id).await, "the server closed the connection or did not answer in SMTP");

    // The message stays given up when the stream repeats its record.
    server.set_behaviour(Behaviour::Accept);
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!((server.connections(), office.metric("MailDead")), (5, 1));
}

#[tokio::test]
async fn an_unreachable_server_is_tried_five_times() {
    let (server, office) = office(Behaviour::Accept).await;
    drop(server);
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!(office.metric("MailDead"), 1);
}

#[tokio::test]
async fn a_recovered_server_gets_the_mail_once() {
    for behaviour in [Behaviour::Disconnect, Behaviour::Defer] {
        let (server, office) = office(behaviour).await;
        let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
        // Two short invocations: one attempt in the first, two in the second.
        assert_eq!(office.deliver_within(&[id], TimeDelta::seconds(50)).await, ["0"]);
        assert_eq!(server.connections(), 1);
        assert_eq!(office.deliver_within(&[id], TimeDelta::seconds(120)).await, ["0"]);
        assert_eq!((server.connections(), server.mails().len()), (3, 0));
        server.set_behaviour(Behaviour::Accept);
        assert!(office.deliver(&[id]).await.is_empty());
        assert!(office.deliver(&[id]).await.is_empty());
        assert_eq!((server.connections(), server.mails().len()), (4, 1), "{behaviour:?}");
        assert_eq!((office.metric("MailSent"), office.metric("MailDead"), messages(&office).await), (1, 0, 0));
    }
}

#[tokio::test]
async fn a_permanent_refusal_is_not_retried_and_its_text_is_not_stored() {
    let (server, office) = office(Behaviour::Reject).await;
    let id = office.write(Some(&forgotten("canary@example.com")), LIFE).await;
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!((server.connections(), office.metric("MailDead")), (1, 1));
    assert_eq!(reason(&office, id).await, "the server refused with status 550");
}

#[tokio::test]
async fn messages_of_a_batch_are_sent_concurrently() {
    let (server, office) = office(Behaviour::Disconnect).await;
    let mut ids = Vec::new();
    for index in 0..10 {
        ids.push(office.write(Some(&forgotten(&format!("user-{index}@example.com"))), LIFE).await);
    }
    let begun = office.app.clock.now();
    assert!(office.deliver(&ids).await.is_empty());
    assert!(office.app.clock.now().since(begun) < TimeDelta::minutes(10));
    assert_eq!((server.connections(), office.metric("MailDead")), (50, 10));
}

#[tokio::test]
async fn an_interrupted_attempt_counts() {
    let server = SmtpServer::start(Offer::default()).await;
    server.set_behaviour(Behaviour::Disconnect);
    let mut settings = server.settings();
    settings.push(("ROSTER_NOTIFICATIONS_MAX_SEND_ATTEMPTS", "1".to_owned()));
    let office = PostOffice::start(&settings).await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    // The process stops after the server disconnected and before it records the failure.
    office.app.faults.script([roster_tests::Fault::None, roster_tests::Fault::None, roster_tests::Fault::Hold]);
    let ids = [id];
    let dying = office.deliver(&ids);
    tokio::select! {
        _ = dying => panic!("it was to die"),
        () = async { while server.connections() == 0 { tokio::task::yield_now().await; } } => {}
    }
    office.app.faults.script([]);
    server.set_behaviour(Behaviour::Accept);
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!((server.mails().len(), office.metric("MailDead")), (0, 1));
    assert_eq!(reason(&office, id).await, "the last attempt was interrupted");
}
