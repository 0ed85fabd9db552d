//! The embedded DynamoDB: in memory or in a directory, behind its own HTTP endpoint on the loopback interface, with the
//! table.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableDescription, TimeToLiveSpecification, TimeToLiveStatus,
};
use roster::storage::dynamodb::table::{INDEXES, Index, PK, SK, TTL};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::directory::{DataDirectory, DirectoryError};

/// A running database; [`stop`](Self::stop) ends it.
pub struct EmbeddedDatabase {
    database: dynoxide::Database,
    endpoint: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), String>>,
    directory: Option<DataDirectory>,
}

impl fmt::Debug for EmbeddedDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedDatabase").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Why the database does not start, or failed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The database cannot be opened.
    #[error("the database cannot be opened")]
    Open(#[from] dynoxide::DynoxideError),
    /// The endpoint cannot be opened.
    #[error("the database's endpoint cannot be opened")]
    Endpoint(#[source] io::Error),
    /// The endpoint failed while it served.
    #[error("the database's endpoint failed: {0}")]
    Server(String),
    /// The table has the schema of an earlier version.
    #[error(
        "the table {table} was created by another version of roster and lacks the index {index}: use another directory"
    )]
    Outdated {
        /// The table.
        table: String,
        /// The index.
        index: String,
    },
    /// The table cannot be created.
    #[error("the table cannot be created")]
    Table(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<BuildError> for DatabaseError {
    fn from(error: BuildError) -> Self {
        Self::Table(error.into())
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<SdkError<E>> for DatabaseError {
    fn from(error: SdkError<E>) -> Self {
        Self::Table(error.into())
    }
}

impl EmbeddedDatabase {
    /// A database in memory, which ends with the process.
    pub async fn memory() -> Result<Self, DatabaseError> {
        Self::start(None, any_port().await?)
    }

    /// The database in a directory, which is created if it is missing.
    pub async fn open(directory: &Path) -> Result<Self, DatabaseError> {
        Self::start(Some(DataDirectory::take(directory)?), any_port().await?)
    }

    /// The database in a locked directory, or in memory without one, behind the given listener.
    pub fn start(directory: Option<DataDirectory>, listener: TcpListener) -> Result<Self, DatabaseError> {
        let database = match &directory {
            // SQLite in WAL mode with its default `synchronous = FULL`: an answered write survives a killed process.
            Some(directory) => dynoxide::Database::new(&directory.database().to_string_lossy())?,
            None => dynoxide::Database::memory()?,
        };
        let endpoint = format!("http://{}", listener.local_addr().map_err(DatabaseError::Endpoint)?);
        let (stop, stopped) = oneshot::channel();
        let serving = dynoxide::server::serve_with_shutdown(listener, database.clone(), async {
            // Dropping the sender stops the server too.
            let _dropped = stopped.await;
        });
        Ok(Self { database, endpoint, stop, server: tokio::spawn(serving), directory })
    }

    /// The URL of the endpoint, which accepts any credentials.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Puts items into a table without the endpoint, for benchmarks.
    pub fn import(&self, table: &str, items: Vec<dynoxide::types::Item>) -> Result<(), DatabaseError> {
        self.database.import_items(table, items, dynoxide::ImportOptions::default())?;
        Ok(())
    }

    /// Removes expired items and returns their number. DynamoDB does this by itself.
    pub fn sweep_expired(&self) -> Result<usize, DatabaseError> {
        Ok(self.database.sweep_ttl()?)
    }

    /// A handle for operations that the endpoint does not offer. It keeps the database open.
    pub(crate) fn handle(&self) -> dynoxide::Database {
        self.database.clone()
    }

    /// Waits for running calls, closes the database, and unlocks the directory.
    pub async fn stop(self) -> Result<(), DatabaseError> {
        // The server may have failed already; its error follows.
        let _gone = self.stop.send(());
        let served = self.server.await;
        drop(self.database);
        drop(self.directory);
        match served {
            Ok(result) => result.map_err(DatabaseError::Server),
            Err(error) => Err(DatabaseError::Server(error.to_string())),
        }
    }
}

/// A free port on the loopback interface.
pub(crate) async fn any_port() -> Result<TcpListener, DatabaseError> {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(loopback).await.map_err(DatabaseError::Endpoint)
}

/// Creates the table under that name unless it exists. Without its stream, which `stream` emulates.
pub async fn create_table(client: &Client, name: &str) -> Result<(), DatabaseError> {
    create_table_with(client, name, INDEXES).await
}

async fn create_table_with(client: &Client, name: &str, indexes: &[Index]) -> Result<(), DatabaseError> {
    let request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let mut request = request.set_key_schema(Some(key_schema(PK, SK)?));
    for attribute in [PK, SK].into_iter().chain(indexes.iter().map(|index| index.partition_key)) {
        request = request.attribute_definitions(definition(attribute, ScalarAttributeType::S)?);
    }
    for index in indexes {
        request = request.attribute_definitions(definition(index.sort_key, ScalarAttributeType::N)?);
        request = request.global_secondary_indexes(global_index(index)?);
    }
    match request.send().await {
        Ok(_) => {}
        Err(error) if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) => {
            let described = client.describe_table().table_name(name).send().await?;
            let present = described.table().ok_or_else(|| DatabaseError::Table("it is not described".into()))?;
            require_indexes(present, name, indexes)?;
        }
        Err(error) => return Err(error.into()),
    }
    enable_ttl(client, name).await
}

fn definition(name: &str, kind: ScalarAttributeType) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
}

fn key_schema(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![element(partition, KeyType::Hash)?, element(sort, KeyType::Range)?])
}

fn global_index(index: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let projection = match index.projection {
        None => Projection::builder().projection_type(ProjectionType::All),
        Some(attributes) => {
            let attributes = attributes.iter().map(|name| (*name).to_owned()).collect();
            Projection::builder().projection_type(ProjectionType::Include).set_non_key_attributes(Some(attributes))
        }
    };
    GlobalSecondaryIndex::builder()
        .index_name(index.name)
        .set_key_schema(Some(key_schema(index.partition_key, index.sort_key)?))
        .projection(projection.build())
        .build()
}

/// Refuses a table of an earlier version that lacks an index.
fn require_indexes(table: &TableDescription, name: &str, indexes: &[Index]) -> Result<(), DatabaseError> {
    let present = table.global_secondary_indexes();
    let is_missing = |index: &&Index| !present.iter().any(|other| other.index_name() == Some(index.name));
    match indexes.iter().find(is_missing) {
        Some(index) => Err(DatabaseError::Outdated { table: name.to_owned(), index: index.name.to_owned() }),
        None => Ok(()),
    }
}

async fn enable_ttl(client: &Client, name: &str) -> Result<(), DatabaseError> {
    let described = client.describe_time_to_live().table_name(name).send().await?;
    let status = described.time_to_live_description().and_then(|ttl| ttl.time_to_live_status());
    if status == Some(&TimeToLiveStatus::Enabled) {
        return Ok(());
    }
    let specification = TimeToLiveSpecification::builder().attribute_name(TTL).enabled(true).build()?;
    client.update_time_to_live().table_name(name).time_to_live_specification(specification).send().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::Client;
    use aws_sdk_dynamodb::types::AttributeValue;
    use roster::storage::dynamodb::client;

    use super::{DatabaseError, EmbeddedDatabase, INDEXES, create_table, create_table_with};
    use crate::directory::DirectoryError;
    use crate::testing::TemporaryDirectory;

    async fn prepared(database: &EmbeddedDatabase) -> Client {
        let client = client::connect(Some(database.endpoint())).await;
        create_table(&client, "Roster").await.unwrap();
        client
    }

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.to_owned())
    }

    #[tokio::test]
    async fn the_table_is_created_once_and_found_the_second_time() {
        let database = EmbeddedDatabase::memory().await.unwrap();
        let client = prepared(&database).await;
        prepared(&database).await;
        let described = client.describe_table().table_name("Roster").send().await.unwrap();
        assert_eq!(described.table().unwrap().global_secondary_indexes().len(), 2);
        let ttl = client.describe_time_to_live().table_name("Roster").send().await.unwrap();
        assert_eq!(ttl.time_to_live_description().unwrap().attribute_name(), Some("ttl"));
        database.stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_table_that_lacks_an_index_is_refused() {
        let database = EmbeddedDatabase::memory().await.unwrap();
        let client = client::connect(Some(database.endpoint())).await;
        create_table_with(&client, "Roster", &INDEXES[..1]).await.unwrap();
        let refused = create_table(&client, "Roster").await;
        assert!(matches!(refused, Err(DatabaseError::Outdated { index, .. }) if index == "Tokens"));
        database.stop().await.unwrap();
    }

    #[tokio::test]
    async fn written_items_survive_a_restart() {
        let directory = TemporaryDirectory::new();
        let database = EmbeddedDatabase::open(directory.path()).await.unwrap();
        let put = prepared(&database).await.put_item().table_name("Roster");
        put.item("PK", text("a")).item("SK", text("b")).send().await.unwrap();
        database.stop().await.unwrap();

        let database = EmbeddedDatabase::open(directory.path()).await.unwrap();
        let get = prepared(&database).await.get_item().table_name("Roster");
        let found = get.key("PK", text("a")).key("SK", text("b")).send().await.unwrap();
        assert!(found.item().is_some());
        database.stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_stopped_database_unlocks_its_directory() {
        let directory = TemporaryDirectory::new();
        let first = EmbeddedDatabase::open(directory.path()).await.unwrap();
        let refused = EmbeddedDatabase::open(directory.path()).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::Directory(DirectoryError::InUse(_))));
        first.stop().await.unwrap();
        EmbeddedDatabase::open(directory.path()).await.unwrap().stop().await.unwrap();
    }

    #[tokio::test]
    async fn an_expired_item_is_removed() {
        let database = EmbeddedDatabase::memory().await.unwrap();
        let put = prepared(&database).await.put_item().table_name("Roster");
        let expired = AttributeValue::N("1".to_owned());
        put.item("PK", text("a")).item("SK", text("b")).item("ttl", expired).send().await.unwrap();
        assert_eq!(database.sweep_expired().unwrap(), 1);
        assert_eq!(database.sweep_expired().unwrap(), 0);
        database.stop().await.unwrap();
    }
}
