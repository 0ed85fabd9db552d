//! An SDK HTTP client with a read cache: the answer to a read is reused until the next write. It serves tests that send
//! a million requests about the same few items, one request at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// The number of batches with an unknown key after which the whole table is read.
const MAX_UNKNOWN_BATCHES: u32 = 16;

#[derive(Default, Debug)]
struct Cache {
    /// Items by the text of their key; `None` for a key without an item.
    items: HashMap<String, Option<Value>>,
    /// Whether `items` holds every item of the table.
    is_all: bool,
    unknown_batches: u32,
    /// Answers to queries by their text.
    queries: HashMap<Vec<u8>, Vec<u8>>,
}

/// The cache.
#[derive(Clone, Default, Debug)]
pub(crate) struct ReadCache(Arc<Mutex<Cache>>);

impl ReadCache {
    /// A client (plain HTTP) with this cache.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        SharedHttpClient::new(CachingClient { inner, cache: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clear(&self) {
        *self.lock() = Cache::default();
    }

    /// The cached answer to a batch; `None` unless every key is known.
    fn batch(&self, table: &str, keys: &[String]) -> Option<Value> {
        let known = self.lock();
        let mut found = Vec::new();
        for key in keys {
            match known.items.get(key) {
                Some(item) => found.extend(item.clone()),
                None if known.is_all => {}
                None => return None,
            }
        }
        Some(json!({ "Responses": { table: found }, "UnprocessedKeys": {} }))
    }

    /// Caches the items of these keys. Returns whether the whole table is to be read now.
    fn store(&self, keys: Vec<String>, found: &Value) -> bool {
        let mut known = self.lock();
        known.items.extend(keys.into_iter().map(|key| (key, None)));
        for item in found.as_array().into_iter().flatten() {
            known.items.insert(key_of(item), Some(item.clone()));
        }
        known.unknown_batches += 1;
        known.unknown_batches == MAX_UNKNOWN_BATCHES
    }
}

fn key_of(item: &Value) -> String {
    json!({ "PK": item["PK"], "SK": item["SK"] }).to_string()
}

#[derive(Debug)]
struct CachingClient {
    inner: SharedHttpClient,
    cache: ReadCache,
}

impl HttpClient for CachingClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(CachingConnector { inner, cache: self.cache.clone() })
    }
}

#[derive(Clone, Debug)]
struct CachingConnector {
    inner: SharedHttpConnector,
    cache: ReadCache,
}

impl HttpConnector for CachingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let connector = self.clone();
        HttpConnectorFuture::new(async move {
            match operation.as_str() {
                "BatchGetItem" => connector.batch(request).await,
                "Query" => connector.query(request).await,
                _ => {
                    connector.cache.clear();
                    let answer = connector.inner.call(request).await;
                    connector.cache.clear();
                    answer
                }
            }
        })
    }
}

impl CachingConnector {
    async fn batch(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let asked: Value = serde_json::from_slice(text(&request)).unwrap_or_default();
        let tables = asked["RequestItems"].as_object();
        let Some((table, batch)) = tables.and_then(|tables| tables.iter().next()) else {
            return self.inner.call(request).await;
        };
        let keys: Vec<String> = batch["Keys"].as_array().into_iter().flatten().map(key_of).collect();
        if let Some(answer) = self.cache.batch(table, &keys) {
            return Ok(response(200, answer.to_string().into_bytes()));
        }
        let scan = with_body(&request, "Scan", json!({ "TableName": table, "ConsistentRead": true }).to_string());
        let (status, bytes) = read(self.inner.call(request).await?).await?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if status == 200 && self.cache.store(keys, &answer["Responses"][table]) {
            let (_, everything) = read(self.inner.call(scan?).await?).await?;
            let everything: Value = serde_json::from_slice(&everything).unwrap_or_default();
            self.cache.store(Vec::new(), &everything["Items"]);
            self.cache.lock().is_all = everything["LastEvaluatedKey"].is_null();
        }
        Ok(response(status, bytes))
    }

    async fn query(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let asked = text(&request).to_vec();
        if let Some(answer) = self.cache.lock().queries.get(&asked) {
            return Ok(response(200, answer.clone()));
        }
        let (status, bytes) = read(self.inner.call(request).await?).await?;
        if status == 200 {
            self.cache.lock().queries.insert(asked, bytes.clone());
        }
        Ok(response(status, bytes))
    }
}

fn text(request: &HttpRequest) -> &[u8] {
    request.body().bytes().unwrap_or_default()
}

/// The same request for another operation.
fn with_body(request: &HttpRequest, operation: &str, body: String) -> Result<HttpRequest, ConnectorError> {
    let other = request.try_clone().ok_or_else(|| ConnectorError::user("the body cannot be sent twice".into()));
    let mut other = other?;
    other.headers_mut().insert("x-amz-target", format!("DynamoDB_20120810.{operation}"));
    other.headers_mut().insert("content-length", body.len().to_string());
    *other.body_mut() = SdkBody::from(body);
    Ok(other)
}

async fn read(response: HttpResponse) -> Result<(u16, Vec<u8>), ConnectorError> {
    use http_body_util::BodyExt;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|error| ConnectorError::other(error, None))?;
    Ok((status, body.to_bytes().to_vec()))
}

fn response(status: u16, body: Vec<u8>) -> HttpResponse {
    let status = StatusCode::try_from(status).unwrap_or_else(|_| unreachable!("a status of three digits"));
    HttpResponse::new(status, SdkBody::from(body))
}
