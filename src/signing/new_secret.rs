//! Secrets, made here.

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::key_pair::KeyPairError;

/// The fewest bits of a secret that nobody can guess.
pub const LEAST_SECRET_BITS: u32 = 128;

/// The most that anybody asks for: an HMAC makes a digest of a longer key.
pub const MOST_SECRET_BITS: u32 = 4096;

/// Makes random bytes.
///
/// # Errors
/// If the system has no random numbers.
pub fn new_secret(bytes: usize) -> Result<Zeroizing<Vec<u8>>, KeyPairError> {
    let mut secret = Zeroizing::new(vec![0; bytes]);
    rand::fill(&mut secret)?;
    Ok(secret)
}
