//! profile-service under attack: its answer to a row, and the reason that it logs.

use std::{error::Error, path::Path};

use serde_json::Value;

use super::{Answer, Attack, Chapter, Forger, catalogue, wire};
use crate::{
    environment::profile_service,
    service::Service,
    stage::{become_ready, client},
};

/// All that runs. Dropping it stops everything.
pub struct Target {
    /// Who attacks.
    pub forger: Forger,
    /// What is to be sent.
    pub chapters: Vec<Chapter>,
    /// What is attacked.
    pub service: Service,
}

impl Target {
    /// Makes the catalogue and starts profile-service, whose program is in the folder `programs`.
    ///
    /// # Errors
    /// A port is missing, or the service does not start, with what it wrote.
    pub async fn start(programs: &Path) -> Result<Self, Box<dyn Error>> {
        let forger = Forger::start().await?;
        let chapters = catalogue(&forger);
        let service = Service::start(&programs.join("profile-service"), &profile_service(&forger.google)).await?;
        become_ready(&client()?, "profile-service", &service).await?;
        Ok(Self { forger, chapters, service })
    }

    /// Sends `attack`, and returns what came of it. `number` is another one each time: it finds the log lines of this
    /// request.
    ///
    /// # Errors
    /// The service did not answer, or does not log.
    pub async fn answer(&self, number: usize, attack: &Attack) -> Result<Answer, Box<dyn Error>> {
        let trace = format!("{:032x}", number + 1);
        let (status, challenge) = wire::send(self.service.address(), &trace, attack).await?;
        // What the HTTP server refuses by itself names no challenge, and does not come to the log.
        let is_of_the_server = matches!(status, 400 | 431) && challenge.is_none();
        let reason = if is_of_the_server { None } else { self.reason(&trace).await? };
        Ok(Answer { status, challenge: challenge.map(Into::into), reason: reason.map(Into::into) })
    }

    /// The rows of which a token, or a segment of one, stands in the log.
    pub fn logged(&self) -> Vec<&str> {
        let log = self.service.log().join("\n");
        let rows = self.chapters.iter().flat_map(|chapter| &chapter.attacks);
        let logged = rows.filter(|attack| attack.secrets().iter().any(|secret| log.contains(secret)));
        logged.map(|attack| attack.name.as_str()).collect()
    }

    async fn reason(&self, trace: &str) -> Result<Option<String>, Box<dyn Error>> {
        // The line about the whole request is the last one with its trace id.
        let is_last = |line: &str| line.contains(trace) && line.contains("httpRequest");
        self.service.logged_line(is_last).await.ok_or("profile-service has not logged the request")?;
        let lines = self.service.log();
        let own = lines.iter().filter(|line| line.contains(trace));
        let mut own = own.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let refused = own.find(|line| line.get("message").is_some_and(|message| message == "refused"));
        Ok(refused.and_then(|line| Some(line.get("reason")?.as_str()?.to_owned())))
    }
}
