//! The users and their passwords, read once from a file. A real service would keep them in a database, and would slow
//! down whoever guesses.

use std::{
    collections::BTreeMap,
    fmt, fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};

use argon2::{
    Argon2, Params, Version,
    password_hash::{PasswordVerifier, phc::PasswordHash},
};
use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// All users. Never empty.
pub(crate) struct Users {
    hashes: BTreeMap<String, PasswordHash>,
    /// Chooses whose hash an unknown name is checked against. It comes from all hashes, so nobody outside can foresee
    /// the choice, and every instance makes the same.
    decoy_seed: u64,
    /// Each check takes a core, and as much memory as its hash demands, [`LARGEST_MEMORY`] at most.
    checks: Arc<Semaphore>,
}

impl Users {
    /// Reads a JSON object: user name to Argon2id hash in PHC form.
    pub(crate) fn load(path: &str) -> Result<Self, StoreError> {
        Self::parse(&fs::read(path)?)
    }

    /// Whether `password` is that of `username`. An unknown name takes as long as a known one: it is checked against
    /// somebody's hash, always the same one for the same name, and refused whatever comes out.
    pub(crate) async fn check(self: &Arc<Self>, username: String, password: String) -> Result<bool, CheckError> {
        let permit = timeout(LONGEST_WAIT, self.checks.clone().acquire_owned()).await;
        let permit = permit.ok().and_then(Result::ok).ok_or(CheckError::Busy)?;
        let users = self.clone();
        let check = move || {
            // It goes along, since a client that hangs up ends the request and not the work.
            let _permit = permit;
            users.check_blocking(&username, &password)
        };
        spawn_blocking(check).await.map_err(|_| CheckError::Failed)
    }

    fn check_blocking(&self, username: &str, password: &str) -> bool {
        let known = self.hashes.get(username);
        let decoy = || {
            let number = hash_of((self.decoy_seed, username)) as usize;
            self.hashes.values().nth(number % self.hashes.len())
        };
        let Some(hash) = known.or_else(decoy) else { return false };
        let matches = Argon2::default().verify_password(password.as_bytes(), hash).is_ok();
        matches && known.is_some()
    }

    fn parse(json: &[u8]) -> Result<Self, StoreError> {
        let json_error = |error: serde_json::Error| StoreError::Json { line: error.line(), column: error.column() };
        let Members(texts) = serde_json::from_slice(json).map_err(json_error)?;
        let decoy_seed = hash_of(&texts);
        let mut hashes = BTreeMap::new();
        for (username, text) in texts {
            if !is_username(&username) {
                return Err(StoreError::Username(username));
            }
            let hash = parse_hash(&text).ok_or_else(|| StoreError::Hash(username.clone()))?;
            if hashes.insert(username.clone(), hash).is_some() {
                return Err(StoreError::Twice(username));
            }
        }
        if hashes.is_empty() {
            return Err(StoreError::Empty);
        }
        let checks = Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from)));
        Ok(Self { hashes, decoy_seed, checks })
    }
}

/// The members of a JSON object in their order; a map would keep the last one of a name that occurs twice.
struct Members(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of user names and hashes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The name becomes a part of a URL, so it holds nothing that means something there.
fn is_username(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') && !text.is_empty()
}

/// A complete Argon2id hash, the variant that RFC 9106 section 4 recommends, at a cost that a login can bear.
fn parse_hash(text: &str) -> Option<PasswordHash> {
    let hash = PasswordHash::new(text).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let complete = hash.salt.is_some() && hash.hash.is_some() && hash.version == Some(Version::V0x13.into());
    let bearable = params.m_cost() <= LARGEST_MEMORY && params.t_cost() <= MOST_PASSES && params.p_cost() <= MOST_LANES;
    (hash.algorithm.as_str() == "argon2id" && complete && bearable).then_some(hash)
}

/// Why a password was not checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error("too many passwords are being checked")]
    Busy,
    #[error("the check failed")]
    Failed,
}

/// Why there are no users.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// Without the parser's own words, which could quote the file.
    #[error("the file is not a JSON object of user names and hashes (line {line}, column {column})")]
    Json { line: usize, column: usize },
    #[error("{0:?} is listed twice")]
    Twice(String),
    #[error("the user name {0:?} is not made of letters, digits, '-' and '_'")]
    Username(String),
    #[error("the hash of {0:?} is not an Argon2id hash in PHC form (v=19), or costs more than a login can bear")]
    Hash(String),
    #[error("there is no user in the file, so nobody could log in")]
    Empty,
}

/// In KiB.
const LARGEST_MEMORY: u32 = 64 * 1024;
const MOST_PASSES: u32 = 16;
const MOST_LANES: u32 = 16;
const LONGEST_WAIT: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use argon2::password_hash::PasswordHasher;
    use tokio::runtime::Builder;

    use super::*;

    fn users(password: &str) -> Arc<Users> {
        let hash = Argon2::default().hash_password(password.as_bytes()).unwrap().to_string();
        Arc::new(Users::parse(&serde_json::to_vec(&BTreeMap::from([("ada", hash)])).unwrap()).unwrap())
    }

    #[tokio::test]
    async fn the_right_password_is_accepted_and_a_wrong_one_is_not() {
        let users = users("right");
        assert!(users.check("ada".into(), "right".into()).await.unwrap());
        for password in ["wrong", "", "Right", "right "] {
            assert!(!users.check("ada".into(), password.into()).await.unwrap(), "{password:?}");
        }
    }

    #[tokio::test]
    async fn an_unknown_name_is_refused_even_with_the_password_of_its_decoy() {
        let users = users("right");
        for name in ["", "Ada", "grace"] {
            assert!(!users.check(name.into(), "right".into()).await.unwrap(), "{name:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn when_too_many_passwords_are_being_checked_the_next_one_does_not_wait_for_ever() {
        let users = users("right");
        let permits = u32::try_from(users.checks.available_permits()).unwrap();
        let all = users.checks.acquire_many(permits).await.unwrap();
        assert!(users.check("ada".into(), "right".into()).await.is_err());
        drop(all);
        assert!(users.check("ada".into(), "right".into()).await.unwrap());
    }

    #[test]
    fn a_client_that_hangs_up_does_not_make_room_for_another_check() {
        let runtime = Builder::new_current_thread().enable_time().max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let users = users("right");
            let (release, held) = mpsc::channel::<()>();
            let busy = spawn_blocking(move || held.recv());
            let permits = users.checks.available_permits();
            let hung_up = timeout(Duration::ZERO, users.check("ada".into(), "right".into())).await;
            assert!(hung_up.is_err());
            assert_eq!(users.checks.available_permits(), permits - 1, "the check is still to be made");
            drop(release);
            let _ = busy.await;
        });
    }

    #[test]
    fn a_hash_that_is_not_complete_argon2id_spoils_the_file() {
        for hash in ["", "secret", "$argon2id$v=19$m=19456,t=2,p=1", "$2b$12$abcdefghijklmnopqrstuv"] {
            let json = serde_json::to_vec(&BTreeMap::from([("ada", hash)])).unwrap();
            assert!(matches!(Users::parse(&json), Err(StoreError::Hash(_))), "{hash:?}");
        }
        let argon2i = "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b1hNAJDV+A";
        let argon2id = argon2i.replace("argon2i", "argon2id");
        assert!(parse_hash(argon2i).is_none() && parse_hash(&argon2id).is_some());
        for (part, wrong) in [("v=19", "v=7"), ("v=19$", ""), ("m=19456", "m=4294967295"), ("t=2", "t=4294967295")] {
            assert!(parse_hash(&argon2id.replace(part, wrong)).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_user_name_that_means_something_in_a_url_spoils_the_file() {
        for name in ["", "a/b", "..", "a?b", "a b", "\u{430}"] {
            let json = serde_json::to_vec(&BTreeMap::from([(name, "")])).unwrap();
            assert!(matches!(Users::parse(&json), Err(StoreError::Username(_))), "{name:?}");
        }
    }

    #[test]
    fn a_file_without_users_is_a_mistake() {
        assert!(matches!(Users::parse(b"{}"), Err(StoreError::Empty)));
        assert!(matches!(Users::parse(b"[]"), Err(StoreError::Json { .. })));
    }

    #[test]
    fn a_user_who_is_listed_twice_is_a_mistake() {
        let hash = Argon2::default().hash_password(b"right").unwrap().to_string();
        let twice = format!(r#"{{"ada":"{hash}","ada":"{hash}"}}"#);
        assert!(matches!(Users::parse(twice.as_bytes()), Err(StoreError::Twice(_))));
    }

    #[test]
    fn a_broken_file_is_not_quoted() {
        let error = Users::parse(br#""a-secret-that-is-only-a-string""#).err().unwrap();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
