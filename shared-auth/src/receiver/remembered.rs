//! Tokens that were verified, so that a request with the same token costs no second check of its signature.
//!
//! A token is found again only if it is the same from the first byte to the last. Whoever finds one must still ask
//! whether its key is trusted. The number and the bytes are limited, since a caller can have as many tokens made as it
//! likes; the tokens that are in use stay when room is made, and one that had to go costs one more check.

use std::{
    array::from_fn,
    collections::{HashMap, VecDeque},
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Caller, jwk::Key};

/// What the verifier found out about a token.
pub(super) struct Verified {
    pub(super) caller: Caller,
    /// The key that made the signature.
    pub(super) key: Arc<Key>,
    /// From when until before when the claims hold, in Unix seconds, with the verifier's tolerance for clocks.
    pub(super) valid: Range<u64>,
}

/// A bounded number of verified tokens.
#[derive(Default)]
pub(super) struct RememberedTokens(Mutex<Tokens>);

#[derive(Default)]
struct Tokens {
    by_end: HashMap<End, Entry>,
    /// The keys of `by_end`, each once: those longest remembered first, as long as there is room for all.
    queue: VecDeque<End>,
    bytes: usize,
}

struct Entry {
    token: String,
    verified: Arc<Verified>,
    /// Whether it was asked for since room was last looked for at its place.
    in_use: bool,
}

/// The end of a token is the end of its signature: as good as random, and quicker to hash than the whole.
type End = [u8; 16];

impl RememberedTokens {
    /// What is known about exactly this token, if the claims hold at `now` (Unix seconds).
    pub(super) fn find(&self, token: &[u8], now: u64) -> Option<Arc<Verified>> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = tokens.by_end.get_mut(token.last_chunk::<16>()?)?;
        if entry.token.as_bytes() != token || !entry.verified.valid.contains(&now) {
            return None;
        }
        entry.in_use = true;
        Some(entry.verified.clone())
    }

    /// Remembers a token, and forgets others where room is needed.
    pub(super) fn remember(&self, token: &str, verified: Verified, now: u64) {
        let Some(end) = token.as_bytes().last_chunk::<16>().copied() else { return };
        let entry = Entry { token: token.to_owned(), verified: Arc::new(verified), in_use: false };
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.make_room(token.len(), now);
        tokens.bytes += token.len();
        match tokens.by_end.insert(end, entry) {
            Some(replaced) => tokens.bytes -= replaced.token.len(),
            None => tokens.queue.push_back(end),
        }
    }
}

impl Tokens {
    /// Forgets what has expired, as far as it was remembered first, and as much as it takes for `bytes` more.
    fn make_room(&mut self, bytes: usize, now: u64) {
        while self.at(0).is_some_and(|first| now >= first.verified.valid.end) {
            self.forget(0);
        }
        while !self.queue.is_empty() && (self.queue.len() >= MOST_TOKENS || self.bytes + bytes > MOST_BYTES) {
            let place = self.one_that_can_go();
            self.forget(place);
        }
    }

    /// The place in the queue of one that is not in use, or of any when only others were met. It is looked for at random
    /// places: the oldest is the worst choice when a few more callers than there is room for come in turn.
    fn one_that_can_go(&mut self) -> usize {
        let places: [_; MOST_LOOKED_AT] = from_fn(|_| fastrand::usize(..self.queue.len()));
        let idle = places.iter().position(|place| self.at(*place).is_none_or(|entry| !entry.in_use));
        // Those that were passed over have to be asked for again until the next time.
        for place in places.iter().take(idle.unwrap_or(MOST_LOOKED_AT)) {
            if let Some(entry) = self.at(*place) {
                entry.in_use = false;
            }
        }
        places.get(idle.unwrap_or(0)).copied().unwrap_or(0)
    }

    fn at(&mut self, place: usize) -> Option<&mut Entry> {
        self.by_end.get_mut(self.queue.get(place)?)
    }

    fn forget(&mut self, place: usize) {
        let forgotten = if place == 0 { self.queue.pop_front() } else { self.queue.swap_remove_back(place) };
        if let Some(entry) = forgotten.and_then(|end| self.by_end.remove(&end)) {
            self.bytes -= entry.token.len();
        }
    }
}

/// Before one is forgotten that is in use.
const MOST_LOOKED_AT: usize = 16;
/// Of service accounts, each of which asks for a token an hour and audience, that is a large company.
const MOST_TOKENS: usize = 10_000;
/// Of the tokens' text; Google's have about a thousand each.
const MOST_BYTES: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::receiver::{Issuer, claims::CheckedClaims, jwk::Jwk};

    const NOW: u64 = 1_800_000_000;

    fn verified(valid: Range<u64>) -> Verified {
        let (sub, audience) = ("1".to_owned(), "https://a.example".parse().unwrap());
        let caller = Caller::new(CheckedClaims { sub, email: None, audience, exp: valid.end, valid: valid.clone() });
        let n = URL_SAFE_NO_PAD.encode([0xc5; 256]);
        let jwk: Jwk = serde_json::from_value(json!({ "kid": "1", "kty": "RSA", "n": n, "e": "AQAB" })).unwrap();
        Verified { caller, key: Arc::new(Key::from_jwk(jwk, Issuer::GOOGLE_ACCOUNTS).unwrap()), valid }
    }

    fn remember(tokens: &RememberedTokens, token: &str) {
        tokens.remember(token, verified(NOW..NOW + 60), NOW);
    }

    /// Texts of one length that differ at their ends.
    fn token(number: usize, length: usize) -> String {
        format!("{number:0>length$}")
    }

    /// What they hold: the number and the bytes.
    fn size(tokens: &RememberedTokens) -> (usize, usize) {
        let tokens = tokens.0.lock().unwrap();
        let bytes: usize = tokens.by_end.values().map(|entry| entry.token.len()).sum();
        assert_eq!((tokens.queue.len(), tokens.bytes), (tokens.by_end.len(), bytes), "the books are right");
        (tokens.by_end.len(), tokens.bytes)
    }

    #[test]
    fn a_token_is_found_when_it_is_the_same_from_the_first_byte_to_the_last() {
        let tokens = RememberedTokens::default();
        remember(&tokens, "first.0123456789abcdef");
        assert!(tokens.find(b"first.0123456789abcdef", NOW).is_some());
        for other in ["First.0123456789abcdef", "second.0123456789abcdef", "0123456789abcdef", "first", ""] {
            assert!(tokens.find(other.as_bytes(), NOW).is_none(), "{other}");
        }
        remember(&tokens, "second.0123456789abcdef");
        assert!(tokens.find(b"first.0123456789abcdef", NOW).is_none(), "of two with one end, the last is remembered");
        assert!(tokens.find(b"second.0123456789abcdef", NOW).is_some() && size(&tokens) == (1, 23));
    }

    #[test]
    fn a_token_is_found_while_its_claims_hold() {
        let tokens = RememberedTokens::default();
        remember(&tokens, &token(1, 20));
        let found = |now| tokens.find(token(1, 20).as_bytes(), now).is_some();
        assert_eq!([found(NOW - 1), found(NOW), found(NOW + 59), found(NOW + 60)], [false, true, true, false]);
    }

    #[test]
    fn expired_tokens_make_room_even_when_there_is_enough() {
        let tokens = RememberedTokens::default();
        for number in 0..100 {
            tokens.remember(&token(number, 20), verified(NOW..NOW + number as u64), NOW);
        }
        assert!(tokens.find(token(40, 20).as_bytes(), NOW).is_some(), "in use, and it will expire all the same");
        tokens.remember(&token(100, 20), verified(NOW..NOW + 200), NOW + 50);
        assert_eq!(size(&tokens), (50, 50 * 20));
    }

    #[test]
    fn no_more_than_the_limits_are_remembered_and_those_in_use_stay() {
        for (length, most) in [(20, MOST_TOKENS), (8192, MOST_BYTES / 8192)] {
            let tokens = RememberedTokens::default();
            remember(&tokens, &token(0, length));
            for number in 1..most + 500 {
                assert!(tokens.find(token(0, length).as_bytes(), NOW).is_some(), "in use");
                remember(&tokens, &token(number, length));
            }
            assert_eq!(size(&tokens), (most, most * length));
            let unused =
                (1..most + 500).filter(|number| tokens.find(token(*number, length).as_bytes(), NOW).is_some()).count();
            assert_eq!(unused, most - 1, "all others were never used again, and made room");
        }
    }

    #[test]
    fn those_that_come_again_are_not_driven_out_by_those_that_come_once() {
        let tokens = RememberedTokens::default();
        (0..MOST_TOKENS).for_each(|number| remember(&tokens, &token(number, 20)));
        let in_use = MOST_TOKENS / 2;
        let found = || (0..in_use).filter(|number| tokens.find(token(*number, 20).as_bytes(), NOW).is_some()).count();
        assert_eq!(found(), in_use);
        (0..500).for_each(|number| remember(&tokens, &token(MOST_TOKENS + number, 20)));
        // At a random place half of the 500 would be of these, were they not passed over.
        let lost = in_use - found();
        assert!(lost < 125, "{lost} of those in use were lost");
    }

    #[test]
    fn when_more_come_in_turn_than_there_is_room_for_many_are_still_found() {
        let tokens = RememberedTokens::default();
        let (mut found, all) = (0, MOST_TOKENS + MOST_TOKENS / 5);
        for number in (0..all).cycle().take(5 * all) {
            match tokens.find(token(number, 20).as_bytes(), NOW) {
                Some(_) => found += 1,
                None => remember(&tokens, &token(number, 20)),
            }
        }
        assert!(found > all, "in four rounds of {all}, {found} were found");
    }

    #[test]
    fn a_text_that_is_too_short_for_a_token_is_not_remembered() {
        let tokens = RememberedTokens::default();
        remember(&tokens, "0123456789abcde");
        assert_eq!(size(&tokens), (0, 0));
    }

    proptest! {
        #[test]
        fn whatever_comes_and_goes_the_books_are_right(steps: Vec<(u8, u8, bool)>) {
            let tokens = RememberedTokens::default();
            for (step, (number, length, is_find)) in steps.into_iter().enumerate() {
                let (now, text) = (NOW + step as u64, token(number.into(), 16 + usize::from(length)));
                if is_find {
                    tokens.find(text.as_bytes(), now);
                } else {
                    tokens.remember(&text, verified(now..now + u64::from(number)), now);
                }
                size(&tokens);
            }
        }
    }
}
