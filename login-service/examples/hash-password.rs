//! Reads a password from standard input and prints its Argon2id hash, as `USERS_FILE` wants it:
//! `cargo run -p login-service --example hash-password`

use std::{error::Error, io};

use argon2::{Argon2, password_hash::PasswordHasher};

fn main() -> Result<(), Box<dyn Error>> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("no password on standard input".into());
    }
    println!("{}", Argon2::default().hash_password(password.as_bytes())?);
    Ok(())
}
