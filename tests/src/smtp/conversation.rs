//! The conversation with one client: commands and replies (RFC 5321, 3207, 4954).

use std::io;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Behaviour, PASSWORD, Received, Security, Shared, USERNAME};

/// Answers the commands of a client until it disconnects.
pub(super) async fn hold(stream: TcpStream, shared: Arc<Shared>, tls: TlsAcceptor) -> io::Result<()> {
    match shared.offer.security {
        Security::None => Client::new(stream, &shared, false).serve(true).await.map(drop),
        Security::StartTls => {
            let Some(stream) = Client::new(stream, &shared, false).serve(true).await? else { return Ok(()) };
            Client::new(tls.accept(stream).await?, &shared, true).serve(false).await.map(drop)
        }
        Security::Implicit | Security::Mutual => {
            Client::new(tls.accept(stream).await?, &shared, true).serve(true).await.map(drop)
        }
    }
}

struct Client<'a, S> {
    stream: BufReader<S>,
    shared: &'a Shared,
    is_encrypted: bool,
    hello: String,
    mechanism: String,
    from: String,
    to: Vec<String>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Client<'a, S> {
    fn new(stream: S, shared: &'a Shared, is_encrypted: bool) -> Self {
        let [hello, mechanism, from] = [const { String::new() }; 3];
        Self { stream: BufReader::new(stream), shared, is_encrypted, hello, mechanism, from, to: Vec::new() }
    }

    /// Serves commands. Returns the stream when the client asks for TLS.
    async fn serve(mut self, greets: bool) -> io::Result<Option<S>> {
        if greets {
            self.say("220 sink ready").await?;
        }
        loop {
            let line = self.line().await?;
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let must_encrypt = self.shared.offer.security == Security::StartTls && !self.is_encrypted;
            let must_authenticate = !self.shared.offer.mechanisms.is_empty() && self.mechanism.is_empty();
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.greet(rest).await?,
                "QUIT" => {
                    self.say("221 bye").await?;
                    return Ok(None);
                }
                "STARTTLS" if must_encrypt => {
                    self.say("220 go ahead").await?;
                    return Ok(Some(self.stream.into_inner()));
                }
                _ if must_encrypt => self.say("530 STARTTLS first").await?,
                "AUTH" => self.authenticate(rest).await?,
                _ if must_authenticate => self.say("530 AUTH first").await?,
                "MAIL" => {
                    self.from = address(rest);
                    self.say("250 ok").await?;
                }
                "RCPT" => self.recipient(&address(rest)).await?,
                "DATA" => self.data().await?,
                _ => self.say("502 what?").await?,
            }
        }
    }

    async fn greet(&mut self, name: &str) -> io::Result<()> {
        name.clone_into(&mut self.hello);
        self.say("250-sink").await?;
        if self.shared.offer.security == Security::StartTls && !self.is_encrypted {
            self.say("250-STARTTLS").await?;
        } else if !self.shared.offer.mechanisms.is_empty() {
            let mechanisms = self.shared.offer.mechanisms.join(" ");
            self.say(&format!("250-AUTH {mechanisms}")).await?;
        }
        self.say("250 8BITMIME").await
    }

    async fn authenticate(&mut self, asked: &str) -> io::Result<()> {
        let (mechanism, initial) = asked.split_once(' ').unwrap_or((asked, ""));
        let given = match mechanism {
            "PLAIN" => decoded(initial),
            "LOGIN" => {
                self.say("334 VXNlcm5hbWU6").await?;
                let username = decoded(&self.line().await?);
                self.say("334 UGFzc3dvcmQ6").await?;
                let password = decoded(&self.line().await?);
                format!("\0{username}\0{password}")
            }
            _ => String::new(),
        };
        let is_offered = self.shared.offer.mechanisms.contains(&mechanism);
        if is_offered && given == format!("\0{USERNAME}\0{PASSWORD}") {
            mechanism.clone_into(&mut self.mechanism);
            return self.say("235 welcome").await;
        }
        self.say("535 no").await
    }

    async fn recipient(&mut self, address: &str) -> io::Result<()> {
        match self.shared.behaviour() {
            Behaviour::Accept | Behaviour::Disconnect => {
                self.to.push(address.to_owned());
                self.say("250 ok").await
            }
            Behaviour::Defer => self.say("451 try again later").await,
            Behaviour::Reject => self.say(&format!("550 no mailbox {address} here")).await,
        }
    }

    async fn data(&mut self) -> io::Result<()> {
        self.say("354 go ahead").await?;
        let mut text = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                break;
            }
            text += line.strip_prefix('.').unwrap_or(&line);
            text += "\r\n";
        }
        self.shared.keep(Received {
            hello: self.hello.clone(),
            from: std::mem::take(&mut self.from),
            to: std::mem::take(&mut self.to),
            mechanism: self.mechanism.clone(),
            is_encrypted: self.is_encrypted,
            text,
        });
        self.say("250 taken").await
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.get_mut().flush().await
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// The address between the angle brackets of `FROM:<…>`.
fn address(argument: &str) -> String {
    let inside = argument.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

fn decoded(text: &str) -> String {
    STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
