//! The object store that recordings are taken to.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use carillon_model::AlarmCause;
use object_store::{
    BackoffConfig, ClientOptions, Error, MultipartUpload as _, ObjectStore as _, ObjectStoreExt as _, PutMode, PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path as Name,
};
use tokio::io::AsyncReadExt;

use crate::config;

/// What is sent whole; longer files go in parts of this.
const PART: usize = 16 << 20;
/// How long a part may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An object store, and how it does.
#[derive(Debug)]
pub struct Uploads {
    store: AmazonS3,
    prefix: String,
    refusal: Mutex<Option<AlarmCause>>,
}

impl Uploads {
    /// The store that the configuration names, if it does. It is not asked for anything yet.
    ///
    /// # Errors
    /// The secret cannot be read, or the address makes no sense.
    pub fn of(config: &config::Upload) -> anyhow::Result<Option<Arc<Self>>> {
        if config.bucket.is_empty() {
            return Ok(None);
        }
        let secret = std::fs::read_to_string(&config.secret_key_file)
            .with_context(|| format!("upload.secret_key_file {} cannot be read", config.secret_key_file.display()))?;
        let options = ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(Duration::from_secs(5));
        // Trying again is the keeper's: it goes on with other work meanwhile, and says so.
        let once = RetryConfig { backoff: BackoffConfig::default(), max_retries: 0, retry_timeout: PATIENCE };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_access_key_id(&config.access_key)
            .with_secret_access_key(secret.trim())
            .with_client_options(options)
            .with_retry(once);
        if !config.endpoint.is_empty() {
            builder = builder.with_endpoint(&config.endpoint).with_allow_http(is_local(&config.endpoint));
        }
        let store = builder.build().context("[upload]")?;
        Ok(Some(Arc::new(Self { store, prefix: config.prefix.trim_matches('/').to_owned(), refusal: Mutex::default() })))
    }

    /// Why the store takes nothing, while it does not.
    pub fn complaint(&self) -> Option<AlarmCause> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, refusal: Option<AlarmCause>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    /// Takes a file there under its name below the folder, once: what is there already stays.
    pub(super) async fn take(&self, folder: &Path, file: &str) -> anyhow::Result<()> {
        let name = Name::from(format!("{}/{file}", self.prefix));
        let mut local = tokio::fs::File::open(folder.join(file)).await.with_context(|| format!("{file} cannot be read"))?;
        let length = local.metadata().await?.len();
        if length > PART as u64 {
            return self.take_in_parts(&name, local, length).await;
        }
        let mut bytes = Vec::with_capacity(length as usize);
        local.read_to_end(&mut bytes).await?;
        match self.store.put_opts(&name, PutPayload::from(bytes), PutMode::Create.into()).await {
            Ok(_) | Err(Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what was taken there; what is not there is gone already.
    pub(crate) async fn remove(&self, file: &str) -> anyhow::Result<()> {
        match self.store.delete(&Name::from(format!("{}/{file}", self.prefix))).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn take_in_parts(&self, name: &Name, mut local: tokio::fs::File, length: u64) -> anyhow::Result<()> {
        if self.store.head(name).await.is_ok_and(|there| there.size == length) {
            return Ok(());
        }
        let mut upload = self.store.put_multipart(name).await?;
        let sent: anyhow::Result<()> = async {
            let mut left = length;
            while left > 0 {
                let mut part = vec![0; left.min(PART as u64) as usize];
                local.read_exact(&mut part).await?;
                left -= part.len() as u64;
                upload.put_part(PutPayload::from(part)).await?;
            }
            upload.complete().await?;
            Ok(())
        }
        .await;
        // Parts that are left would lie there unseen for ever; a store that does not answer is asked to forget them by its own rules.
        if sent.is_err()
            && let Err(error) = upload.abort().await
        {
            tracing::warn!(%error, "parts of a recording may be left in the object store");
        }
        sent
    }
}

/// What is said to a store on this machine is heard by nobody else.
fn is_local(endpoint: &str) -> bool {
    ["http://127.", "http://[::1]", "http://localhost"].iter().any(|local| endpoint.starts_with(local))
}
