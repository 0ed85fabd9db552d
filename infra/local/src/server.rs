//! The HTTP/1.1 server in front of the gateway: it accepts connections, limits bodies and shuts down gracefully.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use roster::app::App;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::task::TaskTracker;

use crate::gateway::{Gateway, refusal};
use crate::schedule;

/// The largest body that API Gateway accepts.
const BODY_LIMIT_BYTES: usize = 10 * 1024 * 1024;
/// How long running requests may take after the signal to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(30);

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Another process listens on the address.
    #[error("{0} is in use: stop the process that listens there, or choose another address with --listen")]
    Taken(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// Binds an address.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServerError::Taken(address),
        _ => ServerError::Listen { address, source },
    })
}

/// The state of the server.
#[derive(Debug)]
pub(crate) struct Endpoint {
    gateway: Gateway,
    app: App,
    /// Running requests and their deferred tasks.
    tasks: TaskTracker,
    bookkeeping: Bookkeeping,
}

/// The deferred tasks that have not ended. The next request waits for them, as the next event of a function does, so a
/// client that has an answer sees all its effects (docs/decisions/0013).
#[derive(Debug, Default)]
struct Bookkeeping(Mutex<Vec<watch::Receiver<()>>>);

impl Bookkeeping {
    /// Registers the tasks of a request, before its answer leaves. They have ended when the returned guard is dropped.
    fn begin(&self) -> watch::Sender<()> {
        let (done, running) = watch::channel(());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|earlier| earlier.has_changed().is_ok());
        all.push(running);
        done
    }

    /// Waits for all registered tasks.
    async fn done(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for mut one in running {
            // The sender sends nothing; its drop ends the wait.
            let _dropped = one.changed().await;
        }
    }
}

/// A running server; [`stop`](Self::stop) ends it.
#[derive(Debug)]
pub(crate) struct Server {
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Serves the connections of the listener.
    pub(crate) fn start(listener: TcpListener, endpoint: Endpoint) -> Self {
        let (stop, stopping) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, Arc::new(endpoint), stopping));
        Self { stop, accepting }
    }

    /// Accepts no new connection, closes idle ones, and waits for running requests.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        // The task neither panics nor returns a value.
        let _ended = self.accepting.await;
    }
}

async fn accept(listener: TcpListener, endpoint: Arc<Endpoint>, mut stopping: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(serve(stream, peer, endpoint.clone(), stopping.clone()));
                }
                Err(error) => {
                    // Probably no file descriptor is free; other connections may end soon.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_ended) = connections.join_next() => {}
            () = told(&mut stopping) => break,
        }
    }
    drop(listener);
    let finished = async {
        while connections.join_next().await.is_some() {}
        endpoint.tasks.close();
        endpoint.tasks.wait().await;
    };
    if tokio::time::timeout(LAST_REQUESTS, finished).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// Waits for the signal to stop. Dropping the server sends it too.
async fn told(stopping: &mut watch::Receiver<bool>) {
    let _dropped = stopping.wait_for(|stopping| *stopping).await;
}

async fn serve(stream: TcpStream, peer: SocketAddr, endpoint: Arc<Endpoint>, mut stopping: watch::Receiver<bool>) {
    // Otherwise small answers wait for acknowledgements. A failure costs only time.
    let _refused = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let endpoint = endpoint.clone();
        async move { Ok::<_, Infallible>(respond(endpoint, request, peer).await.map(Full::new)) }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = told(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}

async fn respond(endpoint: Arc<Endpoint>, request: Request<Incoming>, peer: SocketAddr) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    // A body that is announced as too large is refused before it is sent.
    if body.size_hint().lower() > BODY_LIMIT_BYTES as u64 {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    let body = match Limited::new(body, BODY_LIMIT_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        Err(_) => return refusal(StatusCode::BAD_REQUEST, "Bad Request"),
    };
    // As in Lambda, a request runs to its end even if the client disconnects, and a panic ends only that request.
    let (answer, answered) = oneshot::channel();
    let tasks = endpoint.tasks.clone();
    tasks.spawn(async move {
        endpoint.bookkeeping.done().await;
        let response = endpoint.answer(Request::from_parts(parts, body), peer).await;
        let bookkeeping = endpoint.bookkeeping.begin();
        // The client may have disconnected.
        let _left = answer.send(response);
        endpoint.gateway.drain().await;
        drop(bookkeeping);
    });
    answered.await.unwrap_or_else(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

impl Endpoint {
    pub(crate) fn new(gateway: Gateway, app: App) -> Self {
        Self { gateway, app, tasks: TaskTracker::new(), bookkeeping: Bookkeeping::default() }
    }

    async fn answer(&self, request: Request<Bytes>, peer: SocketAddr) -> Response<Bytes> {
        match schedule::named_function(request.uri().path()) {
            Some(function) => schedule::answer(&self.app, function, &request, peer).await,
            None => self.gateway.handle(request, peer).await,
        }
    }
}

/// The URL at which a client on this machine reaches a listener.
pub(crate) fn url(address: SocketAddr) -> String {
    let reachable = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        _ => address,
    };
    format!("http://{reachable}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::net::SocketAddr;
    use std::sync::Arc;

    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::Notify;

    use super::{BODY_LIMIT_BYTES, Endpoint, Server, listen, url};
    use crate::functions::groups;
    use crate::gateway::Gateway;
    use crate::local::Local;
    use crate::options::Options;
    use crate::routing::RouteMap;
    use crate::testing::exchange;

    /// Serves a router under every path of the API.
    async fn serve(router: Router) -> (Server, String) {
        let functions = groups().into_iter().map(|group| (group.name.to_owned(), router.clone()));
        let functions: HashMap<String, Router> = functions.collect();
        let gateway = Gateway::over(RouteMap::of_deployment().unwrap(), functions);
        let local = Local::start(Options::in_memory()).await.unwrap();
        let app = local.app().clone();
        local.stop().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(listener.local_addr().unwrap());
        (Server::start(listener, Endpoint::new(gateway, app)), url)
    }

    fn ask(path: &str, last: bool) -> String {
        let connection = if last { "close" } else { "keep-alive" };
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n")
    }

    #[tokio::test]
    async fn one_connection_carries_several_requests() {
        let (server, url) = serve(Router::new().route("/a", get("one")).route("/b", get("two"))).await;
        let answer = exchange(&url, &(ask("/a", false) + &ask("/b", true))).await;
        assert!(answer.contains("\r\n\r\noneHTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\ntwo"), "{answer}");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_running_request_is_answered_before_the_server_stops() {
        let (begun, may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = {
            let (begun, may_end) = (begun.clone(), may_end.clone());
            async move || {
                begun.notify_one();
                may_end.notified().await;
                "done"
            }
        };
        let (server, url) = serve(Router::new().route("/slow", get(slow))).await;
        let asked = tokio::spawn(async move { exchange(&url, &ask("/slow", false)).await });
        begun.notified().await;
        let stopped = tokio::spawn(server.stop());
        may_end.notify_one();
        stopped.await.unwrap();
        assert!(asked.await.unwrap().ends_with("\r\n\r\ndone"));
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_delay_the_stop() {
        let (server, url) = serve(Router::new().route("/a", get("one"))).await;
        let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
        stream.write_all(ask("/a", false).as_bytes()).await.unwrap();
        let mut first = [0; 8];
        stream.read_exact(&mut first).await.unwrap();
        server.stop().await;
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        assert!(rest.ends_with("one"), "{rest}");
    }

    #[tokio::test]
    async fn a_panic_ends_only_its_own_request() {
        let failing = get(async || -> &'static str { panic!("as the test wants it") });
        let (server, url) = serve(Router::new().route("/bad", failing).route("/good", get("fine"))).await;
        let answer = exchange(&url, &(ask("/bad", false) + &ask("/good", true))).await;
        assert!(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"), "{answer}");
        assert!(answer.ends_with("fine"), "{answer}");
        server.stop().await;
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused() {
        let (server, url) = serve(Router::new()).await;
        let length = BODY_LIMIT_BYTES + 1;
        let head = format!("POST /api/v2/users HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
        let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 413");
        drop(stream);
        server.stop().await;
    }

    #[tokio::test]
    async fn a_wildcard_address_is_reached_on_the_loopback_interface() {
        assert_eq!(url("0.0.0.0:3000".parse().unwrap()), "http://127.0.0.1:3000");
        assert_eq!(url("[::1]:3000".parse().unwrap()), "http://[::1]:3000");
        let taken = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        assert!(listen(taken.local_addr().unwrap()).await.is_err());
    }
}
