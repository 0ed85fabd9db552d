//! A real SMTP server, aiosmtpd, that requires STARTTLS and authentication, with a certificate of a private authority.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use roster_tests::authority::Authority;
use roster_tests::smtp::{PASSWORD, USERNAME};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The server; dropping it stops the process.
pub(crate) struct MailServer {
    authority: Authority,
    folder: PathBuf,
    port: u16,
    _process: Child,
}

impl MailServer {
    /// Starts a server on a free port. Needs `python3` with aiosmtpd.
    pub(crate) async fn start() -> Self {
        let authority = Authority::default();
        let folder = authority.directory().join("mails");
        std::fs::create_dir_all(&folder).expect("a directory can be made");
        let leaf = authority.issue("localhost");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/smtp_server.py");
        let mut process = Command::new("python3")
            .arg(script)
            .args([&leaf.certificate, &leaf.key, &folder])
            .envs([("SMTP_USERNAME", USERNAME), ("SMTP_PASSWORD", PASSWORD)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("python3 starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output is piped");
        BufReader::new(output).read_line(&mut line).await.expect("its output can be read");
        let port = line.trim().parse().expect("it prints its port: is aiosmtpd installed?");
        Self { authority, folder, port, _process: process }
    }

    /// The settings that make the mailer use the server.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ROSTER_EMAIL_FROM", "Roster <roster@example.com>".to_owned()),
            ("ROSTER_EMAIL_SMARTHOST", format!("localhost:{}", self.port)),
            ("ROSTER_EMAIL_TLS_STARTTLS", "true".to_owned()),
            ("ROSTER_EMAIL_TLS_CACERTFILE", self.authority.file().to_string_lossy().into_owned()),
            ("ROSTER_EMAIL_AUTH_USERNAME", USERNAME.to_owned()),
            ("ROSTER_EMAIL_AUTH_PASSWORD", PASSWORD.to_owned()),
        ]
    }

    /// The received mails, oldest first.
    pub(crate) fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.folder).expect("the folder is there").flatten().map(|file| file.path());
        let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|kind| kind == "eml")).collect();
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).expect("a mail is text")).collect()
    }

    /// The next mail to an email address, decoded.
    pub(crate) async fn wait_for_mail(&self, to: &str) -> String {
        for _ in 0..600 {
            let mails = self.mails();
            if let Some(mail) = mails.iter().rev().find(|mail| mail.contains(&format!("\r\nTo: {to}\r\n"))) {
                return roster_tests::smtp::readable(mail);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no mail to {to} arrived");
    }
}
