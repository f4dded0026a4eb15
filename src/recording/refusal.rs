//! What a disk or an object store that takes nothing says, as a code.

use std::io::ErrorKind;

use carillon_model::StorageTrouble;
use object_store::Error;

/// What the system calls it.
pub(crate) fn storage_trouble(kind: ErrorKind) -> StorageTrouble {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => StorageTrouble::Full,
        ErrorKind::ReadOnlyFilesystem => StorageTrouble::ReadOnly,
        ErrorKind::PermissionDenied => StorageTrouble::Forbidden,
        ErrorKind::NotFound | ErrorKind::NotADirectory => StorageTrouble::Missing,
        _ => StorageTrouble::Other,
    }
}

/// What the object store calls it.
pub(super) fn of_store(error: &anyhow::Error) -> StorageTrouble {
    match error.downcast_ref::<Error>() {
        Some(Error::PermissionDenied { .. } | Error::Unauthenticated { .. }) => StorageTrouble::Forbidden,
        Some(Error::NotFound { .. }) => StorageTrouble::Missing,
        _ => StorageTrouble::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_there_is_to_do() {
        let store = |error: Error| of_store(&anyhow::Error::from(error));
        let source = || "said by the store".into();
        assert_eq!(store(Error::PermissionDenied { path: String::new(), source: source() }), StorageTrouble::Forbidden);
        assert_eq!(store(Error::NotFound { path: String::new(), source: source() }), StorageTrouble::Missing);
        assert_eq!(store(Error::Generic { store: "S3", source: source() }), StorageTrouble::Other);
        assert_eq!(storage_trouble(ErrorKind::StorageFull), StorageTrouble::Full);
        assert_eq!(storage_trouble(ErrorKind::ReadOnlyFilesystem), StorageTrouble::ReadOnly);
    }
}
