//! From what was seen to the simulation's own observations, in the order of time, and through its recorder and auditor to
//! findings.
//!
//! A fact of the driver has its own time. What only the services know (a message sent, a task given up) is put between the
//! facts that bound it, so that nothing happens before its cause whatever the clocks say.

mod buffered;
mod direct;
mod voice;

use crate::experiment::run::guarded;
use crate::live::drive::Driven;
use crate::live::plan::Plan;
use crate::live::reconcile::Reconciled;
use crate::measure::findings::Design;
use crate::measure::order_log::OrderLog;
use crate::measure::recorded::Recorded;
use crate::measure::recorder::{Recorder, RecorderSettings};
use crate::measure::{AuditSettings, Auditor};
use crate::time::SimTime;

/// What a design's run came to.
#[derive(Debug)]
pub struct Told {
    /// What the recorder knows.
    pub recorded: Recorded,
    /// What became of each order.
    pub log: OrderLog,
    /// The first rule that the auditor found broken.
    pub breach: Option<String>,
    /// When the run was over.
    pub end: SimTime,
}

/// Tells a run to a recorder and an auditor.
pub fn tell(
    plan: &Plan,
    driven: &Driven,
    found: &Reconciled,
    (recording, audit): (&RecorderSettings, &AuditSettings),
) -> Told {
    let (recorded, log, end) = {
        let mut watch = (Recorder::new(recording.clone()), OrderLog::new());
        let end = say(plan, driven, found, &mut watch);
        (watch.0.finish(end), watch.1, end)
    };
    let audited = guarded(|| {
        let mut auditor = Auditor::new(audit.clone());
        let end = say(plan, driven, found, &mut auditor);
        auditor.finish(end, &recorded);
    });
    let breach = audited.err();
    Told { recorded, log, breach, end }
}

fn say<O: crate::observer::Observer<crate::observation::Observation>>(
    plan: &Plan,
    driven: &Driven,
    found: &Reconciled,
    watch: &mut O,
) -> SimTime {
    match plan.design {
        Design::Buffered => buffered::say(plan, driven, found, watch),
        Design::Direct => direct::say(plan, driven, found, watch),
    }
}
