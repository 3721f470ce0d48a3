//! Calls a URL with an ID token, like curl: for a developer who wants to see whom the credentials of this environment
//! make them, and what the service answers.
//!
//!     cargo run -p shared-auth --example call -- https://SERVICE-PROJECT_NUMBER.REGION.run.app/whoami

use std::{env, io, process::ExitCode, sync::Arc, time::SystemTime};

use axum::BoxError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use shared_auth::{
    Audience, SecureUrl,
    caller::{AuthenticatedClient, DefaultCredentials, Error, IdToken, ServiceUrl, TokenCache},
    service::Environment,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(arguments) = Arguments::read(env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(64);
    };
    match call(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("call: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because {error}");
                cause = error.source();
            }
            if let Some(hint) = error.downcast_ref::<Error>().and_then(Error::hint) {
                eprintln!("  {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    url: String,
    audience: Option<String>,
    print_token: bool,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let (mut url, mut audience, mut print_token) = (None, None, false);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--print-token" => print_token = true,
                "--audience" => audience = Some(words.next()?),
                option if option.starts_with('-') => return None,
                _ if url.is_none() => url = Some(word),
                _ => return None,
            }
        }
        Some(Self { url: url?, audience, print_token })
    }
}

async fn call(arguments: Arguments) -> Result<(), BoxError> {
    let url: SecureUrl = arguments.url.parse()?;
    let mut service: ServiceUrl = url.origin().parse()?;
    if let Some(audience) = arguments.audience {
        service = service.with_audience(audience.parse()?);
    }
    // Says which credentials were chosen, and why.
    tracing_subscriber::fmt().with_writer(io::stderr).without_time().with_target(false).init();
    let source = Environment::of_process(DefaultCredentials::read)?.into_source()?;
    let tokens = Arc::new(TokenCache::new(source));
    let token = tokens.token(service.audience()).await?;
    describe(&token, service.audience())?;
    if arguments.print_token {
        println!("{}", token.dangerous_text());
    }
    let client = AuthenticatedClient::with_cache(service, tokens)?;
    let path = url
        .as_url()
        .query()
        .map_or_else(|| url.as_url().path().to_owned(), |query| format!("{}?{query}", url.as_url().path()));
    let response = client.get(&path).send().await?;
    eprintln!("status    {}", response.status());
    println!("{}", String::from_utf8_lossy(&response.bytes().await?));
    Ok(())
}

/// Nothing of the token is verified here: this only tells its owner what is in it.
fn describe(token: &IdToken, audience: &Audience) -> Result<(), BoxError> {
    let payload = token.dangerous_text().split('.').nth(1).unwrap_or_default();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or("none").to_owned();
    let minutes = token.time_left(SystemTime::now()).as_secs() / 60;
    eprintln!("account   {}, unique id {}", text("email"), text("sub"));
    eprintln!("audience  {audience}");
    eprintln!("expires   in {minutes} minutes");
    Ok(())
}

const USAGE: &str = "Usage: call [--audience AUDIENCE] [--print-token] URL\n
Asks for an ID token with the credentials of this environment, as Application Default
Credentials are found, prints whose it is, for which audience and until when, and sends it
to URL with a GET. The audience is the origin of URL unless another is given.
--print-token prints the token, too: whoever reads it can call as that account.";
