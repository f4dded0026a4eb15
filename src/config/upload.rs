//! `[upload]`

use std::path::PathBuf;

use serde::Deserialize;

/// An object store that speaks S3, to which closed recordings are taken as well; the folder is where they wait.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upload {
    /// Name of the bucket. Empty: recordings stay in their folder alone.
    pub bucket: String,
    /// What the names of its objects begin with, for example `recordings`.
    pub prefix: String,
    /// Address of the store where it is not Amazon's, for example `https://minio.example:9000`. Plain HTTP is for stores on this machine.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// Name of the access key.
    pub access_key: String,
    /// A file with its secret.
    pub secret_key_file: PathBuf,
}

impl Default for Upload {
    fn default() -> Self {
        Self {
            bucket: String::new(),
            prefix: String::new(),
            endpoint: String::new(),
            region: "us-east-1".to_owned(),
            access_key: String::new(),
            secret_key_file: PathBuf::new(),
        }
    }
}
