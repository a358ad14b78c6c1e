//! What real services cannot be made to do as a scenario says: all of it is found before anything is created.

use crate::live::plan::QueuePlan;
use crate::live::{Settings, Worker};
use crate::measure::findings::Design;
use crate::scenario::Scenario;
use crate::system::spec::{FunctionSpec, InventorySpec, WorkflowSpec};
use crate::time::{NANOS_PER_SEC, SimDuration};

/// AWS's least `MaximumConcurrency` of a mapping.
const LEAST_MAPPING_CONCURRENCY: u32 = 2;

/// What is wrong with the scenario for real services, all of it.
pub(super) struct Checks {
    /// By how much everything is driven faster.
    pub(super) speed: u64,
    /// What is refused, a paragraph each.
    pub(super) wrong: Vec<String>,
    /// What the target does not do as the scenario says.
    pub(super) notes: Vec<String>,
}

impl Checks {
    pub(super) fn refuse(&mut self, what: &str, help: &str) {
        self.wrong.push(format!("error: {what}\n  = help: {help}"));
    }

    pub(super) fn scenario(&mut self, scenario: &Scenario, design: Design) {
        if scenario.replications > 1 {
            self.refuse("a measurement is one run, and the scenario asks for several", "set replications=1");
        }
        if !scenario.faults().is_empty() {
            self.refuse(
                "[[faults]] cannot be made to happen in real services",
                "leave them out of a measured scenario",
            );
        }
        if scenario.workload.initial_backlog > 0 && design == Design::Buffered {
            self.refuse("a queue that is created is empty", "set queue.initial_backlog=0");
        }
        if design == Design::Direct && scenario.direct.asynchronous.is_some() {
            self.refuse("asynchronous invocation is not driven", "set direct.invocation=\"request_response\"");
        }
        let source = &scenario.buffered.event_source;
        if design == Design::Buffered && !source.maximum_batching_window.is_zero() {
            self.refuse("no batching window is driven", "set event_source.maximum_batching_window=\"0s\"");
        }
        if design == Design::Buffered && source.batch_size > 10 {
            self.refuse("one receive returns 10 messages at most", "set event_source.batch_size=10 or less");
        }
        if design == Design::Buffered && scenario.buffered.noise.duplicate_delivery > 0.0 {
            self.notes.push("queue.duplicate_delivery is left to the target".into());
        }
    }

    pub(super) fn function(
        &mut self,
        function: &FunctionSpec,
        inventory: Option<&InventorySpec>,
        (design, worker): (Design, Worker),
        settings: &Settings,
    ) {
        if function.repaired_at.is_some() {
            self.refuse(
                "the dead-letter queue is not redriven here, nor the handler repaired",
                "leave out queue.dead_letter.redrive_at",
            );
        }
        if function.provisioned_concurrency > 0 {
            self.notes.push(format!("{}: lambda.provisioned_concurrency is not driven", design.name()));
        }
        let elsewhere = worker == Worker::Lambda;
        if elsewhere && inventory.is_some_and(|inventory| inventory.settings.max_connections.is_some()) {
            self.notes.push(format!(
                "{}: environments share no connections; inventory.max_connections does not bind there",
                design.name()
            ));
        }
        if elsewhere && inventory.is_some_and(|inventory| inventory.settings.slowdown.is_some()) {
            self.notes.push(format!("{}: calls of the inventory do not slow each other down there", design.name()));
        }
        if elsewhere && inventory.is_some_and(|inventory| inventory.settings.stock.is_some()) {
            self.refuse("environments of a function share no stock", "leave out inventory.stock");
        }
        if design == Design::Direct && settings.heartbeats {
            self.notes.push("direct: a synchronous task has no heartbeat".into());
        }
        if function.cold_start.is_zero() {
            return;
        }
        self.notes
            .push(format!("{}: cold starts are the target's own; lambda.cold_start is not driven", design.name()));
    }

    /// What AWS asks of an event source mapping.
    pub(super) fn mapping(&mut self, queue: &QueuePlan, function: &FunctionSpec, workers: u32) {
        if workers < LEAST_MAPPING_CONCURRENCY {
            self.refuse(
                "an event source mapping lets 2 batches run at once at least",
                "set event_source.maximum_concurrency=2 or more, or leave out --worker lambda",
            );
        }
        if function.timeout.is_some_and(|limit| queue.visibility_timeout < limit) {
            self.refuse(
                "AWS maps no queue whose visibility timeout is below the function's timeout",
                "set queue.visibility_timeout to lambda.timeout or more, or leave out --worker lambda",
            );
        }
    }

    /// Divided by the speed.
    pub(super) fn divided(&self, length: SimDuration) -> SimDuration {
        SimDuration(length.0 / self.speed)
    }

    /// A timer that services count in whole seconds, divided by the speed.
    pub(super) fn timer(&mut self, key: &str, length: SimDuration) -> SimDuration {
        let exact = length.0.is_multiple_of(self.speed);
        let driven = self.divided(length);
        if !exact || !driven.0.is_multiple_of(NANOS_PER_SEC) || driven.0 < NANOS_PER_SEC {
            let what = format!(
                "{key} would be {} s as driven, and services take whole seconds, at least one",
                driven.as_secs_f64()
            );
            self.refuse(&what, "choose a --speed that divides it, or another value with --set");
        }
        driven
    }

    pub(super) fn workflow(&mut self, workflow: &WorkflowSpec) -> WorkflowSpec {
        let mut driven = workflow.clone();
        driven.timeout = workflow.timeout.map(|limit| self.timer("step_functions.timeout", limit));
        driven.heartbeat = workflow.heartbeat.map(|limit| self.timer("step_functions.heartbeat", limit));
        driven.execution_timeout =
            workflow.execution_timeout.map(|limit| self.timer("step_functions.execution_timeout", limit));
        if driven.retry.max_attempts > 0 {
            driven.retry.interval = self.timer("retry.interval", workflow.retry.interval);
            driven.retry.max_delay = workflow.retry.max_delay.map(|delay| self.timer("retry.max_delay", delay));
        }
        driven
    }

    pub(super) fn queue(&mut self, scenario: &Scenario) -> QueuePlan {
        let spec = &scenario.buffered;
        let visibility = spec.queue.visibility_timeout.unwrap_or(SimDuration::from_secs(43_200 * self.speed));
        let delay = SimDuration::from_secs_f64(spec.delay.length.mean());
        let constant = spec.delay.length.cv() == 0.0;
        if !constant {
            self.refuse("a queue delays all messages alike", "give queue.delay one length");
        }
        let retention = spec.queue.message_retention_period.map(|period| self.divided(period));
        if retention.is_some_and(|period| period < SimDuration::from_secs(60)) {
            self.refuse("SQS keeps messages for a minute at least", "choose a smaller --speed");
        }
        QueuePlan {
            visibility_timeout: self.timer("queue.visibility_timeout", visibility),
            retention,
            delay: if delay.is_zero() { delay } else { self.timer("queue.delay", delay) },
            max_receive_count: spec.queue.max_receive_count,
            batch_size: spec.event_source.batch_size,
            report_batch_item_failures: spec.event_source.report_batch_item_failures,
        }
    }
}
