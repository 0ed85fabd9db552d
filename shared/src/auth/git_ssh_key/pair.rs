//! Generation of SSH key pairs. All randomness comes from [`Random`], so a seeded run generates the same pairs.

use std::convert::Infallible;

use rsa::BoxedUint;
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use ssh_key::private::{EcdsaKeypair, Ed25519Keypair, RsaKeypair, RsaPrivateKey};
use ssh_key::public::RsaPublicKey;
use ssh_key::rand_core::{CryptoRng, RngCore};
use ssh_key::{EcdsaCurve, Mpint, PrivateKey};

use super::KeyPairError;
use crate::clock::Random;
use crate::domain::wire_names::wire_names;

wire_names! {
    /// The algorithm of new key pairs (docs/api/settings.md#git-ssh-key).
    #[derive(Default)]
    pub enum KeyAlgorithm {
        /// Ed25519: small and fast. Only very old servers do not support it.
        #[default]
        Ed25519 = "ed25519",
        /// ECDSA on the curve P-256.
        Ecdsa = "ecdsa",
        /// RSA with a modulus of 4096 bits. Its generation takes about a second of a whole processor.
        Rsa4096 = "rsa4096",
    }
}

impl KeyAlgorithm {
    /// A pair without comment.
    pub(super) fn generate(self, random: &Random) -> Result<PrivateKey, KeyPairError> {
        Ok(match self {
            Self::Ed25519 => Ed25519Keypair::from_seed(&random.bytes()).into(),
            Self::Ecdsa => EcdsaKeypair::random(&mut RandomAdapter(random), EcdsaCurve::NistP256)?.into(),
            Self::Rsa4096 => rsa_pair(random)?.into(),
        })
    }
}

const RSA_BITS: usize = 4096;

/// Calls `rsa` directly: the older release that `ssh-key` uses takes ten times as long.
fn rsa_pair(random: &Random) -> Result<RsaKeypair, KeyPairError> {
    let key = rsa::PrivateKey::new(&mut RandomAdapter(random), RSA_BITS)?;
    let ([p, q], Some(iqmp)) = (key.primes(), key.crt_coefficient()) else {
        return Err(rsa::Error::InvalidPrime.into());
    };
    let public = RsaPublicKey { e: mpint(key.e())?, n: mpint(key.n())? };
    let private = RsaPrivateKey { d: mpint(key.d())?, iqmp: mpint(&iqmp)?, p: mpint(p)?, q: mpint(q)? };
    Ok(RsaKeypair { public, private })
}

fn mpint(number: &BoxedUint) -> Result<Mpint, ssh_key::Error> {
    Mpint::from_positive_bytes(&number.to_be_bytes())
}

/// Implements the random traits of both releases of `rand_core` for [`Random`].
struct RandomAdapter<'a>(&'a Random);

impl CryptoRng for RandomAdapter<'_> {}

impl RngCore for RandomAdapter<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.0.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.0.bytes())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), ssh_key::rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for RandomAdapter<'_> {}

impl TryRng for RandomAdapter<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rsa::BoxedUint;
    use ssh_key::Mpint;

    use super::{KeyAlgorithm, rsa_pair};
    use crate::clock::Random;

    fn number(mpint: &Mpint) -> BoxedUint {
        BoxedUint::from_be_slice_vartime(mpint.as_positive_bytes().unwrap())
    }

    #[test]
    fn the_parts_of_an_rsa_key_form_a_valid_key() {
        let pair = rsa_pair(&Random::from_seed(5)).unwrap();
        let (public, private) = (&pair.public, &pair.private);
        assert_eq!(number(&public.n).bit_width(), 4096);
        let primes = vec![number(&private.p), number(&private.q)];
        let key = rsa::PrivateKey::from_components(number(&public.n), number(&public.e), number(&private.d), primes);
        assert_eq!(key.unwrap().crt_coefficient(), Some(number(&private.iqmp)));
    }

    #[test]
    fn the_pair_depends_only_on_the_seed() {
        for algorithm in [KeyAlgorithm::Ed25519, KeyAlgorithm::Ecdsa] {
            let pair = |seed| algorithm.generate(&Random::from_seed(seed)).unwrap();
            assert!(pair(1) == pair(1) && pair(1) != pair(2), "{algorithm:?}");
        }
    }
}
