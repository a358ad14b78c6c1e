//! What the workers know of each order's answer: an end that the services tell cannot come before it.

use std::collections::BTreeMap;

use super::letters::Letter;
use crate::live::drive::Driven;
use crate::live::log::{Answer, Fact};
use crate::live::reconcile::Ending;
use crate::observation::{Cause, Outcome};
use crate::time::SimTime;

/// The last that was heard of an order's answers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reply {
    /// The last accepted answer: the message it was about, and what it said.
    accepted: Option<(usize, Answer)>,
    /// When the work was over whose answer was sent last, whatever became of that.
    pub(super) worked_until: SimTime,
}

impl Reply {
    /// Whether the order ended with this answer, and not later in another way.
    pub(super) fn ends_it(&self, ending: &Ending, letters: &[Letter]) -> bool {
        self.accepted
            .is_some_and(|(message, answer)| letters[message].next.is_none() && outcome_of(answer).0 == ending.outcome)
    }
}

/// By order.
pub(super) fn replies(driven: &Driven) -> BTreeMap<u64, Reply> {
    let mut replies: BTreeMap<u64, Reply> = BTreeMap::new();
    let mut worked: BTreeMap<usize, SimTime> = BTreeMap::new();
    let order = |message: usize| driven.book.messages[message].order;
    for (at, fact) in &driven.book.facts {
        match fact {
            Fact::AttemptEnded { message, .. } => _ = worked.insert(*message, *at),
            Fact::Accepted { message, answer, .. } => {
                let reply = replies.entry(order(*message)).or_default();
                reply.accepted = Some((*message, *answer));
                reply.worked_until = worked.get(message).copied().unwrap_or(*at);
            }
            Fact::AnswerLost(message) => {
                let until = worked.get(message).copied().unwrap_or(*at);
                replies.entry(order(*message)).or_default().worked_until = until;
            }
            _ => {}
        }
    }
    replies
}

/// What an accepted answer makes of its order, if nothing follows.
pub(super) fn outcome_of(answer: Answer) -> (Outcome, Option<Cause>) {
    match answer {
        Answer::Done => (Outcome::Confirmed, None),
        Answer::Declined => (Outcome::Declined, None),
        Answer::FunctionError => (Outcome::Failed, Some(Cause::FunctionError)),
        Answer::InventoryRejected => (Outcome::Failed, Some(Cause::InventoryRejected)),
    }
}

/// Whether an order can only have ended so because somebody answered.
pub(super) fn needs_an_answer(ending: &Ending) -> bool {
    matches!(ending.outcome, Outcome::Confirmed | Outcome::Declined | Outcome::Failed)
}
