//! The key that encrypts secrets at rest: generated on the first start and kept beside the data, in a file that only its
//! owner can read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roster::clock::Random;

use crate::directory::DataDirectory;

/// Why no key could be loaded or generated.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("{} cannot be used", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The data is there, but the key that encrypts it is not.
    #[error("{} is missing, and the data beside it is encrypted with it: restore the file, or set ROSTER_ENCRYPTION_KEY", .0.display())]
    Missing(PathBuf),
}

/// A new key: 32 random bytes in base64.
pub(crate) fn generate(random: &Random) -> String {
    STANDARD.encode(random.bytes::<32>())
}

/// The key in a data directory; generated on the first start.
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

/// Writes the key to another file and renames it: a crash leaves no partial key.
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
mod tests {
    use roster::clock::Random;

    use super::{SecretError, load_or_generate};
    use crate::directory::DataDirectory;
    use crate::testing::TemporaryDirectory;

    #[test]
    fn the_key_is_generated_once_and_only_its_owner_can_read_it() {
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
    fn data_without_its_key_is_refused_and_no_key_is_generated() {
        let directory = TemporaryDirectory::new();
        let taken = DataDirectory::take(directory.path()).unwrap();
        std::fs::write(taken.database(), "").unwrap();
        let refused = load_or_generate(&taken, &Random::from_system());
        assert!(matches!(refused, Err(SecretError::Missing(_))));
        assert!(!taken.key().exists());
    }
}
