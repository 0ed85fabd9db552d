//! The part of the Lambda runtime API that a function needs for one invocation.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Serves the same event to every function and waits for its answer.
pub(crate) struct RuntimeApi {
    /// The address of the API.
    pub(crate) address: SocketAddr,
    answered: Arc<Mutex<Option<oneshot::Sender<Bytes>>>>,
}

impl RuntimeApi {
    /// Serves on a free port of the loopback interface.
    pub(crate) async fn start(event: String) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let answered = Arc::default();
        let api = Self { address, answered: Arc::clone(&answered) };
        let event = Bytes::from(event);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (event, answered) = (event.clone(), Arc::clone(&answered));
                tokio::spawn(async move {
                    let service = service_fn(|request| serve(request, event.clone(), Arc::clone(&answered)));
                    // A killed function breaks its connection between two requests.
                    let _broken = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Ok(api)
    }

    /// The answer of the next invocation.
    pub(crate) fn next_answer(&self) -> oneshot::Receiver<Bytes> {
        let (sender, receiver) = oneshot::channel();
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }
}

type Waiting = Arc<Mutex<Option<oneshot::Sender<Bytes>>>>;

async fn serve(
    request: Request<Incoming>,
    event: Bytes,
    answered: Waiting,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_next = request.method() == Method::GET && request.uri().path().ends_with("/invocation/next");
    if is_next {
        let is_awaited = answered.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if !is_awaited {
            // The function waits between invocations.
            std::future::pending::<()>().await;
        }
        let response = Response::builder()
            .header("lambda-runtime-aws-request-id", "00000000-0000-0000-0000-000000000001")
            .header("lambda-runtime-deadline-ms", "4102444800000")
            .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:local:000000000000:function:bench")
            .body(Full::new(event));
        return Ok(response.unwrap_or_default());
    }
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let waiting = answered.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(waiting) = waiting {
        // There is no receiver when the measurement was aborted.
        let _given_up = waiting.send(body);
    }
    let mut accepted = Response::new(Full::new(Bytes::new()));
    *accepted.status_mut() = StatusCode::ACCEPTED;
    Ok(accepted)
}
