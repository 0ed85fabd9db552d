//! Faults injected between the SDK and the database, chosen by a seed or by a script. The same choice repeats the same
//! faults.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// One kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// No fault: the call succeeds.
    None,
    /// The database throttles the call and does nothing.
    Throttle,
    /// A write conflicts with a transaction and does nothing. Reads succeed.
    Conflict,
    /// The database executes the call, and the answer is lost.
    LostAnswer,
    /// The call is delayed, so that others overtake it.
    Delay,
    /// The call waits until [`Faults::interleave`] releases it. A seed never chooses this.
    Hold,
    /// One key of a batch stays unprocessed. Calls that are no batch succeed.
    UnprocessedKeys,
}

impl Fault {
    const RANDOM: [Self; 5] = [Self::Throttle, Self::Conflict, Self::LostAnswer, Self::Delay, Self::UnprocessedKeys];
}

/// Which faults the next calls have.
#[derive(Clone)]
pub struct Faults {
    state: Arc<Mutex<State>>,
    gate: Arc<Gate>,
}

/// Synchronises held calls: `arrived` has a permit for each waiting call, `open` one for each released call.
struct Gate {
    arrived: Semaphore,
    open: Semaphore,
}

impl Gate {
    async fn pass(&self) {
        self.arrived.add_permits(1);
        take_permit(&self.open).await;
    }
}

async fn take_permit(semaphore: &Semaphore) {
    match semaphore.acquire().await {
        Ok(permit) => permit.forget(),
        Err(closed) => unreachable!("the semaphore is never closed: {closed}"),
    }
}

struct State {
    plan: Plan,
    history: Vec<(String, Fault)>,
    /// The number of retries by the SDK.
    retries: u32,
}

enum Plan {
    Script(VecDeque<Fault>),
    Seed { seed: u64, percent: u32 },
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.history()).finish()
    }
}

impl Faults {
    /// No faults until [`Faults::script`] or [`Faults::seed`].
    pub fn none() -> Self {
        let state = State { plan: Plan::Script(VecDeque::new()), history: Vec::new(), retries: 0 };
        Self {
            state: Arc::new(Mutex::new(state)),
            gate: Arc::new(Gate { arrived: Semaphore::new(0), open: Semaphore::new(0) }),
        }
    }

    /// Applies these faults to the next calls, one each, and none afterwards.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.begin(Plan::Script(faults.into_iter().collect()));
    }

    /// Applies random faults to a share of the calls. The seed, the operation and the number of the call determine each
    /// fault, so the order of concurrent calls does not matter.
    pub fn seed(&self, seed: u64, percent: u32) {
        self.begin(Plan::Seed { seed, percent });
    }

    /// Runs `held` until one of its calls is held, then all of `meanwhile`, then the rest of `held`. So `meanwhile`
    /// always happens between the same two calls of one request.
    ///
    /// # Panics
    ///
    /// When no call of `held` is held.
    pub async fn interleave<A, B>(&self, held: impl Future<Output = A>, meanwhile: impl Future<Output = B>) -> (A, B) {
        tokio::pin!(held);
        tokio::select! {
            () = take_permit(&self.gate.arrived) => {}
            _ = &mut held => panic!("no call was held: {self:?}"),
        }
        let between = meanwhile.await;
        self.gate.open.add_permits(1);
        (held.await, between)
    }

    fn begin(&self, plan: Plan) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.plan = plan;
        state.history.clear();
        state.retries = 0;
    }

    /// The operations called since the plan began, each with its fault.
    pub fn history(&self) -> Vec<(String, Fault)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).history.clone()
    }

    /// The number of retries by the SDK since the plan began.
    pub fn retries(&self) -> u32 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).retries
    }

    fn count_attempt(&self, request: &HttpRequest) {
        // The SDK numbers its attempts: `attempt=1; max=3`.
        let is_first = request.headers().get("amz-sdk-request").is_some_and(|value| value.starts_with("attempt=1"));
        if !is_first {
            self.state.lock().unwrap_or_else(PoisonError::into_inner).retries += 1;
        }
    }

    fn next(&self, operation: &str) -> Fault {
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let fault = match &mut state.plan {
            Plan::Script(script) => script.pop_front().unwrap_or(Fault::None),
            Plan::Seed { seed, percent } => {
                let earlier = state.history.iter().filter(|(called, _)| called == operation).count();
                let mut hasher = DefaultHasher::new();
                (*seed, operation, earlier).hash(&mut hasher);
                let mut random = StdRng::seed_from_u64(hasher.finish());
                let hit = random.random_range(0..100) < *percent;
                let kind = Fault::RANDOM[random.random_range(0..Fault::RANDOM.len())];
                if hit { kind } else { Fault::None }
            }
        };
        state.history.push((operation.to_owned(), fault));
        fault
    }

    /// An SDK HTTP client (plain HTTP) whose calls have these faults.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(FaultyClient {
            inner: aws_smithy_http_client::Builder::new().build_http(),
            faults: self.clone(),
        })
    }
}

#[derive(Debug)]
struct FaultyClient {
    inner: SharedHttpClient,
    faults: Faults,
}

impl HttpClient for FaultyClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(FaultyConnector {
            inner: self.inner.http_connector(settings, components),
            faults: self.faults.clone(),
        })
    }
}

#[derive(Debug)]
struct FaultyConnector {
    inner: SharedHttpConnector,
    faults: Faults,
}

impl HttpConnector for FaultyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        self.faults.count_attempt(&request);
        let fault = self.faults.next(&operation);
        let inner = self.inner.clone();
        let gate = self.faults.gate.clone();
        HttpConnectorFuture::new(async move {
            match (fault, operation.as_str()) {
                (Fault::Throttle, _) => Ok(refusal("ThrottlingException", &Value::Null)),
                (Fault::Conflict, "TransactWriteItems") => Ok(conflict(&request)),
                (Fault::Conflict, "UpdateItem") => Ok(refusal("TransactionConflictException", &Value::Null)),
                (Fault::LostAnswer, _) => {
                    inner.call(request).await?;
                    Err(ConnectorError::io("the answer was lost".into()))
                }
                (Fault::Delay, _) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    inner.call(request).await
                }
                (Fault::Hold, _) => {
                    gate.pass().await;
                    inner.call(request).await
                }
                (Fault::UnprocessedKeys, "BatchGetItem") => withhold_a_key(&inner, request).await,
                (Fault::None | Fault::Conflict | Fault::UnprocessedKeys, _) => inner.call(request).await,
            }
        })
    }
}

fn answer(status: u16, body: &Value) -> HttpResponse {
    let status = StatusCode::try_from(status).unwrap_or_else(|_| unreachable!("a status of three digits"));
    HttpResponse::new(status, SdkBody::from(body.to_string()))
}

fn refusal(code: &str, reasons: &Value) -> HttpResponse {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    answer(400, &json!({ "__type": kind, "message": code, "CancellationReasons": reasons }))
}

fn body(request: &HttpRequest) -> Value {
    request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default()
}

fn conflict(request: &HttpRequest) -> HttpResponse {
    let operations = body(request)["TransactItems"].as_array().map_or(1, Vec::len);
    let mut reasons = vec![json!({ "Code": "None" }); operations];
    reasons[0] = json!({ "Code": "TransactionConflict", "Message": "conflict" });
    refusal("TransactionCanceledException", &Value::Array(reasons))
}

/// Answers a batch without its last key, which is reported as unprocessed. A batch of one key is answered in full.
async fn withhold_a_key(inner: &SharedHttpConnector, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let all = body(&request);
    let mut asked = all.clone();
    let mut withheld = json!({});
    for (table, batch) in asked["RequestItems"].as_object_mut().into_iter().flatten() {
        let keys = batch["Keys"].as_array_mut();
        if let Some(key) = keys.and_then(|keys| if keys.len() > 1 { keys.pop() } else { None }) {
            withheld[table] = batch.clone();
            withheld[table]["Keys"] = json!([key]);
        }
    }
    let text = asked.to_string();
    let mut request = request;
    request.headers_mut().insert("content-length", text.len().to_string());
    *request.body_mut() = SdkBody::from(text);
    let response = inner.call(request).await?;
    let bytes = response.body().bytes().map(<[u8]>::to_vec);
    let bytes = match bytes {
        Some(bytes) => bytes,
        None => collect(response).await?,
    };
    let mut answered: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    answered["UnprocessedKeys"] = withheld;
    Ok(answer(200, &answered))
}

async fn collect(response: HttpResponse) -> Result<Vec<u8>, ConnectorError> {
    use http_body_util::BodyExt;
    let body = response.into_body().collect().await;
    let body = body.map_err(|error| ConnectorError::other(error, None))?;
    Ok(body.to_bytes().to_vec())
}
