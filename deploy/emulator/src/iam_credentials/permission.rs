//! Who may act as which service account: what `roles/iam.serviceAccountTokenCreator` grants on Google Cloud.
//!
//! Nobody may at the start. Not even an account for itself: on Google Cloud too, that has to be granted.

use std::collections::HashSet;

use arc_swap::ArcSwap;

use super::{Chain, Refusal};
use crate::access_tokens::Bearer;

/// Pairs: a principal, and the e-mail of an account that it may act as.
#[derive(Default)]
pub(crate) struct Permissions(ArcSwap<HashSet<(String, String)>>);

impl Permissions {
    pub(crate) fn allow(&self, principal: &str, email: &str) {
        self.0.rcu(|allowed| {
            let mut allowed = HashSet::clone(allowed);
            allowed.insert((principal.to_owned(), email.to_owned()));
            allowed
        });
    }

    /// Each link is checked, and nothing is inferred: whoever may act as a delegate has to name it, to act as those that
    /// the delegate may act as.
    pub(super) fn check(&self, bearer: &Bearer, chain: &Chain<'_>, permission: &str) -> Result<(), Refusal> {
        let allowed = self.0.load();
        let mut principal = bearer.principal.clone();
        for next in chain.delegates.iter().copied().chain([chain.target]) {
            let link = (principal, next.email.clone());
            if !allowed.contains(&link) {
                return Err(Refusal::permission_denied(permission));
            }
            (_, principal) = link;
        }
        Ok(())
    }
}
