//! Stories of executions, each a rule of the header.

use super::*;
use crate::time::SimDuration;

fn at(seconds: u64) -> SimTime {
    SimTime(seconds * 1_000_000_000)
}

fn policy(max_attempts: u32) -> RetryPolicy {
    RetryPolicy {
        errors: TaskErrors::ALL,
        interval: SimDuration::from_secs(1),
        max_attempts,
        backoff_rate: 2.0,
        max_delay: None,
        full_jitter: false,
    }
}

/// The next attempt begins, the first or another.
fn begin(executions: &mut Executions, now: SimTime, slot: u32) -> Handle {
    if executions.waits_for_retry(slot) {
        return executions.begin_retry(now, slot);
    }
    executions.begin(now, slot)
}

fn no_jitter(_retry: u32) -> f64 {
    panic!("jitter was asked for")
}

#[test]
fn the_first_answer_to_a_token_wins_and_the_second_finds_it_answered() {
    let mut executions = Executions::new(RetryPolicy::NONE, TaskErrors::NONE);
    let (slot, _) = executions.start(0, at(0), 7);
    let token = begin(&mut executions, at(0), slot);
    executions.get_mut(slot).add_reference();
    assert_eq!(executions.standing(token), Standing::Current);
    executions.end(slot, End::Confirmed);
    assert_eq!(executions.standing(token), Standing::Answered);
}

#[test]
fn each_attempt_has_a_new_token_and_the_old_one_is_given_up() {
    let mut executions = Executions::new(policy(1), TaskErrors::NONE);
    let (slot, _) = executions.start(0, at(0), 7);
    let first = begin(&mut executions, at(0), slot);
    let failure = executions.fail(at(5), slot, TaskError::Timeout, no_jitter);
    let Failure::Retry { due_at, wait } = failure else { panic!("{failure:?}") };
    assert_eq!(due_at, at(6));
    assert_eq!(executions.standing(first), Standing::GivenUp);
    assert!(executions.is_backing_off(wait) && !executions.awaits(first));
    let second = begin(&mut executions, at(6), slot);
    assert_ne!(first, second);
    assert_eq!((executions.standing(first), executions.standing(second)), (Standing::GivenUp, Standing::Current));
    assert!(!executions.is_backing_off(wait));
}

#[test]
fn max_attempts_counts_retries_not_tries() {
    let mut executions = Executions::new(policy(2), TaskErrors::NONE);
    let (slot, _) = executions.start(0, at(0), 7);
    let mut waits = Vec::new();
    loop {
        begin(&mut executions, at(0), slot);
        match executions.fail(at(0), slot, TaskError::Throttled, no_jitter) {
            Failure::Retry { due_at, .. } => waits.push(due_at),
            Failure::Over { caught } => break assert!(!caught),
        }
    }
    assert_eq!(waits, [at(1), at(2)]);
    assert_eq!(executions.get(slot).attempts, 3);
}

#[test]
fn the_wait_grows_by_the_backoff_rate_up_to_the_cap_and_full_jitter_takes_a_share_of_it() {
    let capped = RetryPolicy { max_delay: Some(SimDuration::from_secs(5)), ..policy(9) };
    let waits: Vec<u64> = (1..=5).map(|k| capped.wait(k, 0.5).0 / 1_000_000_000).collect();
    assert_eq!(waits, [1, 2, 4, 5, 5]);
    let jittered = RetryPolicy { full_jitter: true, ..capped };
    assert_eq!(jittered.wait(3, 0.25), SimDuration::from_secs(1));
    assert_eq!(jittered.wait(3, 0.0), SimDuration::ZERO);
    assert_eq!(policy(9).wait(4_000, 0.0), SimDuration::MAX, "an endless wait saturates");
}

#[test]
fn an_error_that_retry_does_not_name_ends_the_execution_and_catch_may_take_it() {
    let retry = RetryPolicy { errors: TaskErrors::NONE.with(TaskError::Throttled), ..policy(3) };
    let mut executions = Executions::new(retry, TaskErrors::NONE.with(TaskError::FunctionError));
    for (error, expected) in [(TaskError::FunctionError, true), (TaskError::Timeout, false)] {
        let (slot, _) = executions.start(0, at(0), 7);
        begin(&mut executions, at(0), slot);
        assert_eq!(executions.fail(at(0), slot, error, no_jitter), Failure::Over { caught: expected });
    }
}

#[test]
fn a_record_is_kept_while_a_message_refers_to_it_and_its_slot_used_again_afterwards() {
    let mut executions = Executions::new(RetryPolicy::NONE, TaskErrors::NONE);
    let (slot, _) = executions.start(0, at(0), 7);
    let name = executions.get(slot).name(slot);
    let token = begin(&mut executions, at(0), slot);
    executions.get_mut(slot).add_reference();
    executions.end(slot, End::GaveUp);
    assert_ne!(executions.start(1, at(1), 8).0, slot);
    assert_eq!(executions.standing(token), Standing::GivenUp);
    executions.drop_reference(slot);
    let (next, _) = executions.start(2, at(2), 9);
    assert_eq!(next, slot);
    let fresh = begin(&mut executions, at(2), next);
    assert!(!executions.awaits(token) && executions.awaits(fresh) && !executions.is_open(name));
}

#[test]
fn error_names_match_as_aws_matches_them() {
    let matches = |name: &str, error| TaskErrors::named(name).expect(name).matches(error);
    assert!(matches("States.ALL", TaskError::OutOfStock));
    assert!(matches("States.TaskFailed", TaskError::Throttled));
    assert!(!matches("States.TaskFailed", TaskError::Timeout));
    assert!(matches("States.Timeout", TaskError::HeartbeatTimeout));
    assert!(!matches("States.HeartbeatTimeout", TaskError::Timeout));
    assert!(matches("Lambda.TooManyRequestsException", TaskError::Throttled));
    assert!(!matches("Lambda.ServiceException", TaskError::FunctionError));
    assert_eq!(TaskErrors::named("States.Bogus"), None);
}

#[test]
fn a_record_is_three_quarters_of_a_cache_line() {
    assert_eq!(size_of::<Execution>(), 48);
}
