//! What a receiver may answer to whom: the limits of the soak, in one table.

use super::conditions::Excuses;

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A genuine token of someone on the list, by a key that the service has accepted before.
    Genuine,
    /// The same, by a key that it may not have seen yet.
    GenuineNewKey,
    /// Genuine, of someone who is not on the list.
    Stranger,
    /// A token whose signature is not that of its key.
    ForgedSignature,
    /// A token that names a key nobody has published.
    ForgedKeyId,
    /// Genuine once: its key has left the set, and the service has fetched a later one.
    RetiredKey,
    Expired,
    OtherAudience,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) has_challenge: bool,
    pub(super) has_retry_after: bool,
    /// Whom the service took the caller for, when it let one in: the `sub`.
    pub(super) subject: Option<String>,
}

impl Kind {
    /// The statuses that are right.
    fn allowed(self, excuses: Excuses) -> Vec<u16> {
        let (unavailable, unknown) = (excuses.certs_failing.then_some(503), excuses.budget_spent.then_some(401));
        match self {
            Self::Genuine => vec![200],
            Self::GenuineNewKey => [Some(200), unavailable, unknown].into_iter().flatten().collect(),
            Self::ForgedKeyId | Self::RetiredKey => [Some(401), unavailable].into_iter().flatten().collect(),
            Self::ForgedSignature | Self::Expired | Self::OtherAudience => vec![401],
            Self::Stranger => vec![403],
        }
    }
}

/// Whether `answer` is right for a token of `kind` that speaks for `subject`.
///
/// # Errors
/// What is wrong with it.
pub(super) fn judge(kind: Kind, subject: &str, excuses: Excuses, answer: &Answer) -> Result<(), String> {
    let (status, allowed) = (answer.status, kind.allowed(excuses));
    if !allowed.contains(&status) {
        return Err(format!("{kind:?} was answered {status}, allowed was {allowed:?}"));
    }
    match status {
        200 if answer.subject.as_deref() != Some(subject) => {
            Err(format!("{kind:?} of {subject} was taken for {:?}", answer.subject))
        }
        401 | 403 if !answer.has_challenge => Err(format!("{kind:?} was answered {status} without a challenge")),
        503 if !answer.has_retry_after => Err(format!("{kind:?} was answered 503 without Retry-After")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 8] = [
        Kind::Genuine,
        Kind::GenuineNewKey,
        Kind::Stranger,
        Kind::ForgedSignature,
        Kind::ForgedKeyId,
        Kind::RetiredKey,
        Kind::Expired,
        Kind::OtherAudience,
    ];

    fn answer(status: u16) -> Answer {
        Answer { status, has_challenge: true, has_retry_after: true, subject: Some("1".to_owned()) }
    }

    /// Of all statuses, those that pass for each kind, in the order of `KINDS`.
    fn passing(certs_failing: bool, budget_spent: bool) -> [Vec<u16>; 8] {
        let excuses = Excuses { certs_failing, budget_spent };
        KINDS.map(|kind| (100..600).filter(|status| judge(kind, "1", excuses, &answer(*status)).is_ok()).collect())
    }

    #[test]
    fn in_quiet_times_each_kind_has_one_right_answer() {
        let expected = [[200], [200], [403], [401], [401], [401], [401], [401]];
        assert_eq!(passing(false, false), expected.map(Vec::from));
    }

    #[test]
    fn while_certs_fail_503_is_right_for_keys_that_may_be_unknown_and_for_no_other() {
        let expected: [&[u16]; 8] = [&[200], &[200, 503], &[403], &[401], &[401, 503], &[401, 503], &[401], &[401]];
        assert_eq!(passing(true, false), expected.map(Vec::from));
    }

    #[test]
    fn after_a_flood_401_is_right_for_a_new_key_and_for_no_other_that_is_genuine() {
        let expected: [&[u16]; 8] = [&[200], &[200, 401], &[403], &[401], &[401], &[401], &[401], &[401]];
        assert_eq!(passing(false, true), expected.map(Vec::from));
    }

    #[test]
    fn a_right_status_with_the_wrong_head_or_for_someone_else_is_seen() {
        let excuses = Excuses { certs_failing: true, budget_spent: true };
        let wrong = |kind, answer| judge(kind, "1", excuses, &answer).unwrap_err();
        assert!(wrong(Kind::Genuine, Answer { subject: Some("2".to_owned()), ..answer(200) }).contains("taken for"));
        assert!(wrong(Kind::Genuine, Answer { subject: None, ..answer(200) }).contains("taken for"));
        assert!(wrong(Kind::Expired, Answer { has_challenge: false, ..answer(401) }).contains("challenge"));
        assert!(wrong(Kind::Stranger, Answer { has_challenge: false, ..answer(403) }).contains("challenge"));
        assert!(wrong(Kind::GenuineNewKey, Answer { has_retry_after: false, ..answer(503) }).contains("Retry-After"));
    }
}
