//! The key that seals secrets at rest: made on the first start, kept beside the data, readable by its owner alone.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roster::clock::Random;

use crate::directory::DataDirectory;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("{} cannot be used", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is data, and the key that sealed it is not here.
    #[error("{} is missing, and the data beside it is sealed with it: set ROSTER_ENCRYPTION_KEY", .0.display())]
    Missing(PathBuf),
}

/// A key for data that is gone when the process ends: 32 random bytes in base64.
#[must_use]
pub(crate) fn generate(random: &Random) -> String {
    STANDARD.encode(random.bytes::<32>())
}

/// The key in a data directory; made on the first start.
pub(crate) fn load_or_generate(directory: &DataDirectory, random: &Random) -> Result<String, SecretError> {
    let file = directory.key();
    match fs::read_to_string(&file) {
        Ok(key) => Ok(key.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound && directory.database().exists() => {
            Err(SecretError::Missing(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = generate(random);
            write(&file, &key).map_err(|source| SecretError::File { file, source })?;
            Ok(key)
        }
        Err(source) => Err(SecretError::File { file, source }),
    }
}

/// Writes the key aside and moves it into place: there is never half a key.
fn write(file: &Path, key: &str) -> io::Result<()> {
    let aside = file.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&aside)?;
    writeln!(written, "{key}")?;
    written.sync_all()?;
    fs::rename(aside, file)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use roster::clock::Random;

    use super::{SecretError, load_or_generate};
    use crate::directory::DataDirectory;
    use crate::testing::TemporaryDirectory;

    #[test]
    fn the_key_is_made_once_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = TemporaryDirectory::new();
        let taken = DataDirectory::take(directory.path()).unwrap();
        let random = Random::from_system();
        let key = load_or_generate(&taken, &random).unwrap();
        assert_eq!(key.len(), 44);
        assert_eq!(load_or_generate(&taken, &random).unwrap(), key);
        assert_eq!(std::fs::metadata(taken.key()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn data_without_its_key_is_left_alone() {
        let directory = TemporaryDirectory::new();
        let taken = DataDirectory::take(directory.path()).unwrap();
        std::fs::write(taken.database(), "").unwrap();
        let refused = load_or_generate(&taken, &Random::from_system());
        assert!(matches!(refused, Err(SecretError::Missing(_))));
        assert!(!taken.key().exists());
    }
}
