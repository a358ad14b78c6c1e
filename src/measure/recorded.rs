//! From what the recorder kept to findings. Integers become seconds and averages here and nowhere else.

use crate::measure::findings::{
    CallbackFindings, CostFindings, Design, DesignFindings, EventFindings, LambdaFindings, LatencyFindings, Orders,
    QueueFindings, StageFindings, StepFunctionsFindings, Usage, WaitFindings, WorkAmount, WorkFindings,
};
use crate::measure::histogram::Histogram;
use crate::measure::limits::{LimitSetting, Peaks};
use crate::measure::recorder::{Recorder, RecorderSettings};
use crate::measure::tally::{Amount, OrderTally};
use crate::measure::timeline::{RecordedTimeline, Timeline};
use crate::measure::window::Integrals;
use crate::observation::{Outcome, Stage, Worth};
use crate::observer::Observer;
use crate::time::SimTime;

/// MiB in a GB, as Lambda counts GB-seconds.
const MB_PER_GB: f64 = 1_024.0;

/// What a recorder knows when the run is over.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The findings, with the timeline at its own step.
    pub findings: DesignFindings,
    /// The levels' exact integrals over the window.
    pub integrals: Integrals,
    /// For a timeline at another step: two designs are shown at the longer of their steps.
    pub timeline: RecordedTimeline,
    /// Whether the timeline's connections mean anything.
    pub has_inventory: bool,
}

impl Recorder {
    /// The run is over at `end`, at or after the last observation.
    pub fn finish(mut self, end: SimTime) -> Recorded {
        assert!(end >= self.last, "a run that ended at {} ns has reached {} ns", end.0, self.last.0);
        self.reach(end);
        self.settle();
        if self.open {
            self.limits.close(end, self.levels.backlog.area_until(end));
        }
        let integrals = match self.closed {
            Some(integrals) => integrals,
            None if self.open => self.integrals(end),
            None => Integrals::default(),
        };
        let peaks = Peaks {
            environments: self.busy_peak.run(),
            batches: self.batches_peak.run(),
            in_flight: self.in_flight_peak.run(),
            connections: self.downstream.peak.run(),
            connections_bound: self.downstream.bound(end, &self.window),
            connections_waited: integrals.connecting,
        };
        self.orders.wait.record_zeros(self.orders.waited_not);
        let highest = self.end_step();
        let timeline = std::mem::replace(&mut self.timeline, Timeline::new(None)).finish(end, highest);
        let findings = DesignFindings {
            design: self.design,
            end,
            orders: orders(&self.orders),
            causes: self.orders.causes,
            work_done_after_giving_up: self.orders.work_done_after_giving_up,
            latency: latency(&self.orders),
            wait: wait(&self.orders.wait),
            stages: stages(&self.orders),
            queue: (self.design == Design::Buffered).then(|| self.queue_findings(&integrals)),
            events: (self.design == Design::Direct && self.has_queue).then(|| self.event_findings(&integrals)),
            tried: self.orders.tries.rows(),
            work: work(&self.orders.work, self.memory_mb),
            lambda: self.lambda_findings(&integrals),
            inventory: self.downstream.findings(&integrals),
            usage: self.usage_findings(&integrals, end),
            cost: CostFindings::default(),
            callbacks: CallbackFindings {
                accepted: self.orders.callbacks_accepted,
                late: self.orders.callbacks_late,
                throttled: self.orders.callbacks_throttled,
            },
            step_functions: StepFunctionsFindings {
                transitions: self.orders.transitions,
                start_throttled: self.orders.starts_throttled,
            },
            faults: self.faults.findings(),
            limits: self.limits.findings(self.design == Design::Buffered, &peaks),
            timeline: timeline.rows(timeline.step(), self.has_inventory),
        };
        Recorded { findings, integrals, timeline, has_inventory: self.has_inventory }
    }

    /// A queue that never held a message at the end of an instant was drained from the beginning.
    fn drained_at_s(&self) -> Option<f64> {
        let drained_at = if self.backlog_peak.at().is_none() { Some(SimTime::ZERO) } else { self.drained_at };
        drained_at.map(SimTime::as_secs_f64)
    }

    fn event_findings(&self, integrals: &Integrals) -> EventFindings {
        let [too_old, retries_spent, never_runs] = self.events.dropped;
        EventFindings {
            accepted: self.queue.sent,
            read: self.queue.received,
            read_again: self.queue.redelivered,
            handled: self.queue.deleted,
            waits_after_throttle: self.events.waits_after_throttle,
            waits_after_error: self.events.waits_after_error,
            dropped: too_old + retries_spent + never_runs,
            too_old,
            retries_spent,
            never_runs,
            sent_to_destination: self.events.sent_on,
            peak_waiting: self.backlog_peak.run(),
            peak_waiting_at_s: self.backlog_peak.at().map(SimTime::as_secs_f64),
            mean_waiting: integrals.average(integrals.backlog),
            drained_at_s: self.drained_at_s(),
            max_event_age_s: self.queue.oldest.as_secs_f64(),
        }
    }

    fn queue_findings(&self, integrals: &Integrals) -> QueueFindings {
        QueueFindings {
            sent: self.queue.sent,
            received: self.queue.received,
            empty_receives: self.usage.empty_receives,
            deleted: self.queue.deleted,
            redelivered: self.queue.redelivered,
            duplicated: self.queue.duplicated,
            dead_lettered: self.queue.dead_lettered,
            redriven: self.queue.redriven,
            expired: self.queue.expired,
            peak_backlog: self.backlog_peak.run(),
            peak_backlog_at_s: self.backlog_peak.at().map(SimTime::as_secs_f64),
            mean_backlog: integrals.average(integrals.backlog),
            mean_in_flight: integrals.average(integrals.in_flight),
            drained_at_s: self.drained_at_s(),
            max_oldest_message_s: self.queue.oldest.as_secs_f64(),
        }
    }

    fn usage_findings(&self, integrals: &Integrals, end: SimTime) -> Usage {
        let usage = &self.usage;
        let nanos = |milliseconds: u64| u128::from(milliseconds) * 1_000_000;
        let (environments, lasting) = match self.provisioned_asked {
            Some((asked, at)) => (asked, self.window.overlap(at, end)),
            None => (self.provisioned.1, integrals.length),
        };
        let stood = u128::from(environments) * u128::from(lasting.0);
        Usage {
            transitions: usage.transitions,
            sqs_requests: if self.design == Design::Buffered {
                usage.sends + usage.receives + usage.deletes
            } else {
                usage.sent_on
            },
            empty_receives: usage.empty_receives,
            lambda_requests: self.function.invocations,
            gb_s: gb_seconds(nanos(usage.milliseconds), self.memory_mb),
            provisioned_run_gb_s: gb_seconds(nanos(self.provisioned.0), self.memory_mb),
            provisioned_gb_s: gb_seconds(stood, self.memory_mb),
        }
    }

    fn lambda_findings(&self, integrals: &Integrals) -> LambdaFindings {
        LambdaFindings {
            invocations: self.function.invocations,
            throttles: self.function.throttles,
            errors: self.function.errors,
            timeouts: self.function.timeouts,
            cold_starts: self.function.cold_starts,
            peak_concurrency: self.busy_peak.run(),
            mean_concurrency: integrals.average(integrals.concurrency),
            mean_environments: integrals.average(integrals.environments),
            gb_s: gb_seconds(integrals.concurrency, self.memory_mb),
        }
    }
}

impl DesignFindings {
    /// The findings of a run in which nothing happens: every path of a report exists in it.
    pub fn blank(design: Design, asynchronous: bool, limits: Vec<LimitSetting>) -> DesignFindings {
        let (window, resolution, inventory) = (None, None, false);
        let settings = RecorderSettings { design, window, memory_mb: 0, resolution, limits, inventory, asynchronous };
        Recorder::new(settings).finish(SimTime::ZERO).findings
    }
}

fn gb_seconds(nanos: u128, memory_mb: u32) -> f64 {
    nanos as f64 / 1e9 * (f64::from(memory_mb) / MB_PER_GB)
}

fn orders(tally: &OrderTally) -> Orders {
    let of = |outcome: Outcome| tally.tries.ended(outcome);
    Orders {
        offered: tally.offered,
        confirmed: of(Outcome::Confirmed),
        declined: of(Outcome::Declined),
        failed: of(Outcome::Failed),
        timed_out: of(Outcome::TimedOut),
        refused: of(Outcome::Refused),
        open: of(Outcome::Open),
    }
}

fn latency(tally: &OrderTally) -> LatencyFindings {
    let latency = &tally.latency;
    LatencyFindings {
        count: latency.count(),
        mean: latency.mean(),
        max: latency.max(),
        confirmed: latency.percentiles_of(latency.count()),
        all_offered: latency.percentiles_of(tally.offered),
        histogram: latency.counts(),
    }
}

fn wait(wait: &Histogram) -> WaitFindings {
    WaitFindings {
        count: wait.count(),
        waited: wait.nonzero(),
        mean: wait.mean(),
        max: wait.max(),
        percentiles: wait.percentiles_of(wait.count()),
    }
}

fn stages(tally: &OrderTally) -> [StageFindings; Stage::ALL.len()] {
    Stage::ALL.map(|stage| {
        let mut spent = tally.stages[stage as usize].clone();
        spent.record_zeros(tally.answered - spent.count());
        StageFindings { stage, mean: spent.mean(), p99: spent.percentiles_of(spent.count()).p99 }
    })
}

fn work(amounts: &[Amount], memory_mb: u32) -> WorkFindings {
    let shown = |amount: Amount| WorkAmount { attempts: amount.attempts, gb_s: gb_seconds(amount.time, memory_mb) };
    let of = |worth: Worth| shown(amounts[worth as usize]);
    let wasted = [Worth::TaskOver, Worth::TooLate, Worth::Duplicate, Worth::Batch, Worth::Failed];
    let sum = wasted.iter().fold(Amount::default(), |sum, worth| {
        let amount = amounts[*worth as usize];
        Amount { attempts: sum.attempts + amount.attempts, time: sum.time + amount.time }
    });
    WorkFindings {
        useful: of(Worth::Useful),
        wasted: shown(sum),
        task_over: of(Worth::TaskOver),
        too_late: of(Worth::TooLate),
        duplicate: of(Worth::Duplicate),
        batch: of(Worth::Batch),
        failed: of(Worth::Failed),
    }
}
