//! The data directory: readable by its owner only, used by one process at a time. Names of its files.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Locked by the process that uses the directory.
const LOCK: &str = "lock";

/// A data directory that this process has locked. Dropping the value unlocks it.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another process uses it.
    #[error("{} is in use by another instance of roster: stop it, or choose another directory with --data", .0.display())]
    InUse(PathBuf),
    /// It cannot be created or locked.
    #[error("{} cannot be used", .path.display())]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl DataDirectory {
    /// Locks a directory for this process and creates it if it is missing. The operating system removes the lock when
    /// the process ends.
    pub fn take(path: &Path) -> Result<Self, DirectoryError> {
        let unusable = |source| DirectoryError::Unusable { path: path.to_owned(), source };
        make(path).map_err(unusable)?;
        let lock = File::create(path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DirectoryError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// The database's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("roster.db")
    }

    /// The encryption key's file.
    pub(crate) fn key(&self) -> PathBuf {
        key_file(&self.path)
    }
}

/// The encryption key's file within a directory.
pub(crate) fn key_file(directory: &Path) -> PathBuf {
    directory.join("encryption.key")
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::{DataDirectory, DirectoryError};
    use crate::testing::TemporaryDirectory;

    #[test]
    fn only_one_process_uses_a_directory() {
        let directory = TemporaryDirectory::new();
        let taken = DataDirectory::take(directory.path()).unwrap();
        let refused = DataDirectory::take(directory.path()).unwrap_err();
        assert!(matches!(refused, DirectoryError::InUse(_)));
        assert!(refused.to_string().contains("in use by another instance"));
        drop(taken);
        DataDirectory::take(directory.path()).unwrap();
    }

    #[test]
    fn only_its_owner_can_access_a_new_directory() {
        use std::os::unix::fs::PermissionsExt;
        let directory = TemporaryDirectory::new();
        let _taken = DataDirectory::take(directory.path()).unwrap();
        assert_eq!(std::fs::metadata(directory.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_file_instead_of_the_directory_is_named_in_the_error() {
        let directory = TemporaryDirectory::new();
        std::fs::write(directory.path(), "").unwrap();
        let refused = DataDirectory::take(directory.path()).unwrap_err().to_string();
        assert!(refused.contains("cannot be used"), "{refused}");
        std::fs::remove_file(directory.path()).unwrap();
    }
}
