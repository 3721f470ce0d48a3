//! Sends the requests, at a steady pace whatever the answers do, and has every answer judged.

use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use fastrand::Rng;
use reqwest::Client;
use serde_json::Value;
use tokio::{task::JoinSet, time::sleep};

use super::{
    conditions::Conditions,
    judge::{Answer, Kind, judge},
    tally::Tally,
    tokens::{Chosen, Tokens},
};

/// What every request needs.
pub(super) struct Load {
    pub(super) http: Client,
    pub(super) url: String,
    pub(super) tokens: Tokens,
    pub(super) conditions: Conditions,
    pub(super) tally: Tally,
}

impl Load {
    /// Does not end. What is under way is given up when the future is dropped.
    pub(super) async fn press(self: Arc<Self>, mut rng: Rng) {
        let mut under_way = JoinSet::new();
        loop {
            sleep(rng_duration(&mut rng, PAUSE)).await;
            while under_way.try_join_next().is_some() {}
            if under_way.len() < MOST_UNDER_WAY {
                let chosen = self.choose(&mut rng);
                under_way.spawn(self.clone().ask(chosen));
            }
        }
    }

    /// As many forged key ids, and as many tokens of withdrawn keys, as it takes to use the budget up.
    pub(super) async fn flood(self: &Arc<Self>, rng: &mut Rng) {
        self.conditions.flood_begins();
        let mut under_way = JoinSet::new();
        for _ in 0..rng.usize(FLOOD) {
            let kind = if rng.u8(..8) == 0 { Kind::RetiredKey } else { Kind::ForgedKeyId };
            if let Some(chosen) = self.tokens.spoiled(kind, rng) {
                under_way.spawn(self.clone().ask(chosen));
            }
            if under_way.len() >= MOST_UNDER_WAY {
                under_way.join_next().await;
            }
            sleep(Duration::from_millis(rng.u64(..10))).await;
        }
        while under_way.join_next().await.is_some() {}
        self.conditions.flood_ends();
    }

    fn choose(&self, rng: &mut Rng) -> Chosen {
        let spoiled = match rng.u8(..100) {
            ..7 => Some(Kind::Stranger),
            7..14 => Some(Kind::ForgedSignature),
            14..20 => Some(Kind::Expired),
            20..26 => Some(Kind::OtherAudience),
            _ => None,
        };
        spoiled.and_then(|kind| self.tokens.spoiled(kind, rng)).unwrap_or_else(|| self.tokens.genuine(rng))
    }

    async fn ask(self: Arc<Self>, Chosen { kind, token, subject, key }: Chosen) {
        let sent = Instant::now();
        let answer = self.send(&token).await;
        let answered = Instant::now();
        let excuses = self.conditions.excuses(sent, answered, key.published);
        let verdict = match &answer {
            Ok(answer) => judge(kind, subject, excuses, answer),
            Err(error) => Err(format!("{kind:?} was not answered: {error:?}")),
        };
        let status = answer.map_or(0, |answer| answer.status);
        if kind == Kind::GenuineNewKey && status == 200 {
            self.tokens.accepted(key);
        }
        self.tally.count(kind, status, answered - sent, verdict);
    }

    async fn send(&self, token: &str) -> reqwest::Result<Answer> {
        let response = self.http.get(&self.url).bearer_auth(token).send().await?;
        let has = |name: &str| response.headers().contains_key(name);
        let (status, has_challenge, has_retry_after) =
            (response.status().as_u16(), has("www-authenticate"), has("retry-after"));
        let body = response.bytes().await?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let subject = body.get("subject").and_then(Value::as_str).map(str::to_owned);
        Ok(Answer { status, has_challenge, has_retry_after, subject })
    }
}

/// A random time within these bounds, in milliseconds.
pub(super) fn rng_duration(rng: &mut Rng, milliseconds: Range<u64>) -> Duration {
    Duration::from_millis(rng.u64(milliseconds))
}

/// Between two requests. About what one core answers when nothing is optimised.
const PAUSE: Range<u64> = 1..6;
const FLOOD: Range<usize> = 60..200;
const MOST_UNDER_WAY: usize = 64;
