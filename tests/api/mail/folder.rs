//! Mail written to a directory: the local server without an SMTP server.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use roster::clock::Random;
use roster_tests::PostOffice;

use super::{LIFE, forgotten};

#[tokio::test]
async fn each_mail_is_a_private_file_named_in_order() {
    let folder = std::env::temp_dir().join(format!("roster-mail-{}", Random::from_system().uuid()));
    let settings = [("ROSTER_MAIL_DIR", folder.to_string_lossy().into_owned())];
    let office = PostOffice::start(&settings).await;
    for name in ["ada", "bob"] {
        let id = office.write(Some(&forgotten(&format!("{name}@example.com"))), LIFE).await;
        assert!(office.deliver(&[id]).await.is_empty());
    }
    let mut files: Vec<_> = fs::read_dir(&folder).expect("the folder is there").flatten().map(|it| it.path()).collect();
    files.sort();
    assert!(files.iter().all(|file| file.extension().is_some_and(|it| it == "eml")), "{files:?}");
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).expect("it is text")).collect();
    assert_eq!(texts.len(), 2);
    assert!(texts[0].contains("\r\nTo: ada@example.com\r\n") && texts[1].contains("\r\nTo: bob@example.com\r\n"));
    assert_eq!(fs::metadata(&files[0]).expect("it is there").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&folder).expect("it is there").permissions().mode() & 0o777, 0o700);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

#[tokio::test]
async fn a_password_reset_mail_explains_the_change() {
    let folder = std::env::temp_dir().join(format!("roster-mail-{}", Random::from_system().uuid()));
    let office = PostOffice::start(&[("ROSTER_MAIL_DIR", folder.to_string_lossy().into_owned())]).await;
    let id = office.write(Some(&forgotten("ada@example.com")), LIFE).await;
    assert!(office.deliver(&[id]).await.is_empty());
    let file = fs::read_dir(&folder).expect("the folder is there").flatten().next().expect("a mail").path();
    let mail = fs::read_to_string(file).expect("it is text");
    insta::assert_snapshot!("the_mail_of_a_forgotten_password", roster_tests::snapshot::redact(&mail));
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}
