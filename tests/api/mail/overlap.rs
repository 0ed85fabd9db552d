//! Repeated and concurrent deliveries of the same message.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use roster::clock::{Asleep, Clock, Sleep};
use roster_tests::post_office::invoke;
use roster_tests::smtp::Offer;
use roster_tests::{Fault, PostOffice, SmtpServer, TestClock};
use tokio::sync::Notify;

use super::{LIFE, forgotten};

async fn office() -> (SmtpServer, PostOffice) {
    let server = SmtpServer::start(Offer::default()).await;
    let office = PostOffice::start(&server.settings()).await;
    (server, office)
}

#[tokio::test]
async fn a_repeated_record_sends_one_mail() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    for _ in 0..3 {
        assert!(office.deliver(&[id]).await.is_empty());
    }
    assert_eq!((server.mails().len(), office.metric("MailSent")), (1, 1));
}

#[tokio::test]
async fn two_processes_with_the_same_message_send_one_mail() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    let ids = [id];
    // The first process has read the message and not yet claimed it when the second one sends it.
    office.app.faults.script([Fault::None, Fault::Hold]);
    let (first, second) = office.app.faults.interleave(office.deliver(&ids), office.deliver(&ids)).await;
    assert!(first.is_empty() && second.is_empty());
    assert_eq!((server.mails().len(), office.metric("MailSent")), (1, 1));
}

/// Sleeps until it is notified.
struct Notified(Notify, Arc<TestClock>);

impl Sleep for Notified {
    fn sleep(&self, span: Duration) -> Asleep<'_> {
        Box::pin(async move {
            self.0.notified().await;
            self.1.advance(TimeDelta::from_std(span).unwrap_or_default());
        })
    }
}

#[tokio::test]
async fn a_process_waits_for_or_skips_a_message_that_another_sends() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    let ids = [id];
    let sleep = Arc::new(Notified(Notify::new(), office.app.clock.clone()));
    let waiting = office.another_mailer(sleep.clone());
    // The first process has sent the mail and not yet recorded it.
    office.app.faults.script([Fault::None, Fault::None, Fault::Hold]);
    let meanwhile = async {
        assert_eq!(invoke(&waiting, &ids, TimeDelta::minutes(1)).await, ["0"]);
        assert_eq!(server.mails().len(), 1);
    };
    let (first, ()) = office.app.faults.interleave(office.deliver(&ids), meanwhile).await;
    assert!(first.is_empty());
    sleep.0.notify_one();
    assert!(invoke(&waiting, &ids, TimeDelta::minutes(15)).await.is_empty());
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_message_is_taken_over_when_its_lease_expires() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    let ids = [id];
    // The first process claims the message and stops before the answer of the database.
    office.app.faults.script([Fault::None, Fault::LostAnswer, Fault::Hold]);
    tokio::select! {
        _ = office.deliver(&ids) => panic!("it was to die"),
        () = async { while office.app.faults.history().len() < 3 { tokio::task::yield_now().await; } } => {}
    }
    assert_eq!(office.deliver_within(&ids, TimeDelta::minutes(1)).await, ["0"]);
    assert!(server.mails().is_empty());
    let before = office.app.clock.now();
    assert!(office.deliver(&ids).await.is_empty());
    assert!(office.app.clock.now().since(before) > TimeDelta::minutes(1));
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn lost_database_answers_neither_lose_nor_repeat_a_mail() {
    for place in 0..3 {
        let (server, office) = office().await;
        let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
        let mut script = vec![Fault::None; place];
        script.push(Fault::LostAnswer);
        office.app.faults.script(script);
        assert!(office.deliver(&[id]).await.is_empty());
        assert_eq!(server.mails().len(), 1, "call {place}");
    }
}

#[tokio::test]
async fn an_unreachable_database_leaves_the_record_for_the_next_delivery() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    office.app.faults.script(vec![Fault::Throttle; 20]);
    assert_eq!(office.deliver(&[id]).await, ["0"]);
    office.app.faults.script([]);
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn every_attempt_has_the_same_message_id() {
    let (server, office) = office().await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    assert!(office.deliver(&[id]).await.is_empty());
    let mail = server.mails().pop().expect("the mail arrived");
    assert!(mail.text.contains(&format!("Message-Id: <{id}@roster.test>\r\n")), "{}", mail.text);
}
