//! Executions against a list of orders with everything that happened to them.

use proptest::prelude::*;

use queuecast::model::execution::{End, Executions, Failure, RetryPolicy, Standing, TaskError, TaskErrors};
use queuecast::slab::Handle;
use queuecast::time::{NANOS_PER_SEC, SimDuration, SimTime};

use crate::cases;

/// Orders are counted from the first that is not over yet, tokens from the latest.
#[derive(Clone, Debug)]
enum Deed {
    Start,
    /// The first attempt, or the next one after a back-off.
    Attempt(usize),
    Fail(usize, TaskError),
    /// Somebody answers with this token, and lets go of it: the order ends so if its attempt still waits, at once or when its
    /// next state is entered.
    Answer(usize, End, bool),
    /// Somebody lets go of this token without an answer.
    LetGo(usize),
    /// The next state is entered.
    Enter(usize),
    /// The execution's own timeout.
    GiveUp(usize),
}

const ERRORS: [TaskError; 5] = [
    TaskError::Timeout,
    TaskError::HeartbeatTimeout,
    TaskError::Throttled,
    TaskError::FunctionError,
    TaskError::OutOfStock,
];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let end = prop_oneof![Just(End::Confirmed), Just(End::Declined)];
    let deed = prop_oneof![
        3 => Just(Deed::Start),
        6 => (0_usize..5).prop_map(Deed::Attempt),
        4 => (0_usize..5, prop::sample::select(&ERRORS[..])).prop_map(|(nth, error)| Deed::Fail(nth, error)),
        3 => (0_usize..8, end, any::<bool>()).prop_map(|(back, end, at_once)| Deed::Answer(back, end, at_once)),
        2 => (0_usize..8).prop_map(Deed::LetGo),
        3 => (0_usize..5).prop_map(Deed::Enter),
        1 => (0_usize..5).prop_map(Deed::GiveUp),
    ];
    prop::collection::vec(deed, 1..150)
}

fn policies() -> impl Strategy<Value = RetryPolicy> {
    let errors = prop::sample::select(&["States.ALL", "States.TaskFailed", "States.Timeout", "OutOfStock"][..]);
    (errors, 0_u32..4, 1_u32..4, prop::option::of(1_u64..6)).prop_map(|(errors, max_attempts, rate, cap)| RetryPolicy {
        errors: TaskErrors::named(errors).expect("a known name"),
        interval: SimDuration::from_secs(1),
        max_attempts,
        backoff_rate: f64::from(rate),
        max_delay: cap.map(SimDuration::from_secs),
        full_jitter: false,
    })
}

/// What an order is doing, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Starting,
    Waiting,
    BackingOff,
    Leaving(End),
    Over(End),
}

struct Plain {
    slot: u32,
    /// Names the whole execution.
    name: Handle,
    doing: Doing,
    attempts: u32,
    /// Names the back-off that goes on.
    wait: Option<Handle>,
}

/// A token: of which order and attempt, and whether somebody holds it, who will answer or let go.
#[derive(Clone, Copy, Debug)]
struct Token {
    name: Handle,
    order: usize,
    attempt: u32,
    held: bool,
}

struct Bench {
    executions: Executions,
    policy: RetryPolicy,
    catch: TaskErrors,
    orders: Vec<Plain>,
    /// All there ever were: a timer may ask about a token long after it is gone.
    tokens: Vec<Token>,
    /// All back-offs there ever were, with their orders.
    waits: Vec<(Handle, usize)>,
    now: u64,
}

impl Bench {
    /// The `nth` order that does one of these.
    fn nth(&self, nth: usize, does: impl Fn(Doing) -> bool) -> Option<usize> {
        (0..self.orders.len()).filter(|order| does(self.orders[*order].doing)).nth(nth)
    }

    fn now(&self) -> SimTime {
        SimTime(self.now * NANOS_PER_SEC)
    }

    fn start(&mut self) {
        let (number, now) = (self.orders.len() as u64, self.now());
        let (slot, record) = self.executions.start(number, now, 0);
        let name = record.name(slot);
        let (doing, wait) = (Doing::Starting, None);
        self.orders.push(Plain { slot, name, doing, attempts: 0, wait });
    }

    fn attempt(&mut self, order: usize) {
        let now = self.now();
        let slot = self.orders[order].slot;
        let token = match self.executions.waits_for_retry(slot) {
            true => self.executions.begin_retry(now, slot),
            false => self.executions.begin(now, slot),
        };
        let record = self.executions.get_mut(slot);
        record.add_reference();
        let plain = &mut self.orders[order];
        plain.doing = Doing::Waiting;
        plain.attempts += 1;
        plain.wait = None;
        assert_eq!((record.number, record.attempts), (order as u64, plain.attempts));
        self.tokens.push(Token { name: token, order, attempt: plain.attempts, held: true });
    }

    /// Retried if the Retry takes the error and its retries are not spent; else over, in its next state if the Catch takes it.
    fn fail(&mut self, order: usize, error: TaskError) {
        let slot = self.orders[order].slot;
        let retried = self.policy.errors.matches(error) && self.orders[order].attempts <= self.policy.max_attempts;
        assert_eq!(self.executions.retries(slot, error), retried);
        match self.executions.fail(self.now(), slot, error, |_| panic!("no jitter was asked for")) {
            Failure::Retry { due_at, wait } => {
                assert!(retried);
                // interval × rate^(k - 1), or the cap, by multiplying.
                let rate = self.policy.backoff_rate as u64;
                let grown = (1..self.orders[order].attempts).fold(1, |seconds, _| seconds * rate);
                let capped = self.policy.max_delay.map_or(grown, |cap| grown.min(cap.0 / NANOS_PER_SEC));
                assert_eq!(due_at, SimTime((self.now + capped) * NANOS_PER_SEC));
                self.orders[order].doing = Doing::BackingOff;
                self.orders[order].wait = Some(wait);
                self.waits.push((wait, order));
            }
            Failure::Over { caught } => {
                assert!(!retried && caught == self.catch.matches(error));
                self.end(order, End::GaveUp);
            }
        }
    }

    fn end(&mut self, order: usize, end: End) {
        self.executions.end(self.orders[order].slot, end);
        self.orders[order].doing = Doing::Over(end);
        self.orders[order].wait = None;
    }

    /// The `back`-th token that somebody holds, from the latest.
    fn held(&self, back: usize) -> Option<usize> {
        (0..self.tokens.len()).rev().filter(|index| self.tokens[*index].held).nth(back)
    }

    /// Lets go of a token. The record lives as long as its execution or anyone's hold on it.
    fn let_go(&mut self, index: usize) {
        self.tokens[index].held = false;
        self.executions.drop_reference(self.tokens[index].name.slot);
    }

    fn answer(&mut self, index: usize, end: End, at_once: bool) {
        let Token { name, order, .. } = self.tokens[index];
        if self.executions.standing(name) == Standing::Current {
            let record = self.executions.get_mut(name.slot);
            if at_once {
                record.end_answered(end);
                self.executions.one_is_answered();
                self.orders[order].doing = Doing::Over(end);
            } else {
                record.leave(end);
                record.add_reference();
                self.orders[order].doing = Doing::Leaving(end);
            }
        }
        self.let_go(index);
    }

    fn enter(&mut self, order: usize) {
        let Plain { slot, doing: Doing::Leaving(end), .. } = self.orders[order] else { panic!("it leaves") };
        self.executions.get_mut(slot).end_answered(end);
        self.executions.one_is_answered();
        self.executions.drop_reference(slot);
        self.orders[order].doing = Doing::Over(end);
    }

    fn agree(&self) {
        for Token { name, order, attempt, held } in &self.tokens {
            let plain = &self.orders[*order];
            let is_current = plain.doing == Doing::Waiting && plain.attempts == *attempt;
            let expected = match plain.doing {
                _ if is_current => Standing::Current,
                Doing::Leaving(_) | Doing::Over(End::Confirmed | End::Declined) => Standing::Answered,
                _ => Standing::GivenUp,
            };
            assert!(!held || self.executions.standing(*name) == expected, "{order}, {attempt}: {:?}", plain.doing);
            assert_eq!(self.executions.awaits(*name), is_current);
        }
        for plain in &self.orders {
            let is_open = matches!(plain.doing, Doing::Starting | Doing::Waiting | Doing::BackingOff);
            assert_eq!(self.executions.is_open(plain.name), is_open, "{:?}", plain.doing);
            assert_eq!(self.executions.is_starting(plain.name), plain.doing == Doing::Starting);
        }
        for (wait, order) in &self.waits {
            assert_eq!(self.executions.is_backing_off(*wait), self.orders[*order].wait == Some(*wait));
        }
        let count = |does: &dyn Fn(Doing) -> bool| self.orders.iter().filter(|plain| does(plain.doing)).count() as u64;
        assert_eq!(self.executions.unfinished(), count(&|doing| !matches!(doing, Doing::Over(_))));
        assert_eq!(self.executions.backing_off(), count(&|doing| doing == Doing::BackingOff));
        let open = |plain: &&Plain| matches!(plain.doing, Doing::Starting | Doing::Waiting | Doing::BackingOff);
        let mut slots: Vec<u32> = self.orders.iter().filter(open).map(|plain| plain.slot).collect();
        slots.sort_unstable();
        assert_eq!(self.executions.open(), slots);
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn executions_do_what_a_list_of_orders_does(
        policy in policies(),
        catch in prop::sample::select(&["States.ALL", "States.Timeout", "OutOfStock"][..]),
        deeds in deeds(),
    ) {
        let catch = TaskErrors::named(catch).expect("a known name");
        let executions = Executions::new(policy, catch);
        let (orders, tokens, waits) = (Vec::new(), Vec::new(), Vec::new());
        let mut bench = Bench { executions, policy, catch, orders, tokens, waits, now: 0 };
        for deed in deeds {
            bench.now += 1;
            let nth = |n, does: fn(Doing) -> bool| bench.nth(n, does);
            match deed {
                Deed::Start => bench.start(),
                Deed::Attempt(n) => {
                    let order = nth(n, |doing| matches!(doing, Doing::Starting | Doing::BackingOff));
                    order.into_iter().for_each(|order| bench.attempt(order));
                }
                Deed::Fail(n, error) => {
                    let order = nth(n, |doing| doing == Doing::Waiting);
                    order.into_iter().for_each(|order| bench.fail(order, error));
                }
                Deed::Answer(back, end, at_once) => {
                    bench.held(back).into_iter().for_each(|token| bench.answer(token, end, at_once));
                }
                Deed::LetGo(back) => bench.held(back).into_iter().for_each(|token| bench.let_go(token)),
                Deed::Enter(n) => {
                    let order = nth(n, |doing| matches!(doing, Doing::Leaving(_)));
                    order.into_iter().for_each(|order| bench.enter(order));
                }
                Deed::GiveUp(n) => {
                    let is_open = |doing| matches!(doing, Doing::Starting | Doing::Waiting | Doing::BackingOff);
                    nth(n, is_open).into_iter().for_each(|order| bench.end(order, End::GaveUp));
                }
            }
            bench.agree();
        }
    }

    /// With full jitter a wait is any share of what it would be without.
    #[test]
    fn jitter_takes_its_share_of_the_wait(policy in policies(), k in 1_u32..6, jitter in 0.0_f64..1.0) {
        let without = policy.wait(k, jitter).0 as f64;
        let with = RetryPolicy { full_jitter: true, ..policy }.wait(k, jitter).0 as f64;
        prop_assert!((with - without * jitter).abs() <= 1.0, "{with} of {without}");
    }
}
