//! Who stands between the caller and the account that is asked for: nobody, or delegates who each act as the next.

use super::{Body, Refusal};
use crate::identity::Identity;

pub(crate) struct Chain<'a> {
    /// The one next to the caller comes first.
    pub(super) delegates: Vec<&'a Identity>,
    pub(super) target: &'a Identity,
}

impl<'a> Chain<'a> {
    pub(super) fn parse(known: &'a [Identity], project: &str, account: &str, body: &Body) -> Result<Self, Refusal> {
        let delegates = body.texts("delegates")?;
        let delegates = delegates.into_iter().map(|delegate| {
            let name = delegate.strip_prefix("projects/").and_then(|name| name.split_once("/serviceAccounts/"));
            let (project, account) = name.ok_or_else(|| invalid_name(delegate))?;
            find(known, project, account)
        });
        Ok(Self { delegates: delegates.collect::<Result<_, _>>()?, target: find(known, project, account)? })
    }
}

fn find<'a>(known: &'a [Identity], project: &str, account: &str) -> Result<&'a Identity, Refusal> {
    // The account names its project, and Google refuses to hear it twice.
    if project != "-" {
        return Err(invalid_name(&format!("projects/{project}/serviceAccounts/{account}")));
    }
    let found = known.iter().find(|identity| identity.email == account || identity.unique_id == account);
    found.ok_or_else(|| Refusal::not_found(account))
}

fn invalid_name(name: &str) -> Refusal {
    Refusal::invalid_argument(&format!("Invalid form of service account name: {name}"))
}
