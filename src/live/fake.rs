//! Services in memory, under the test's own clock: what the driver does alone, without a network.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::live::target::{CallError, Depth, Event, Happened, Listed, Received, Standing, Target, Which};

/// How the services behave.
#[derive(Clone, Debug, Default)]
pub(super) struct Manners {
    /// How long `StartExecution` takes to answer.
    pub start: Duration,
    /// How long a message is under way.
    pub send: Duration,
    /// `TimeoutSeconds` of the task.
    pub timeout: Option<Duration>,
    /// `VisibilityTimeout`.
    pub visibility: Duration,
    /// `maxReceiveCount`.
    pub most_receives: Option<u32>,
    /// Every n-th `StartExecution` is throttled.
    pub throttles_every: Option<u64>,
    /// Every n-th message is handed out twice at once.
    pub twice_every: Option<u64>,
    /// Every n-th success is accepted, but the answer to the caller is lost.
    pub unheard_every: Option<u64>,
    /// Histories put an end so many milliseconds too early: their clocks are coarse.
    pub ends_early_ms: u64,
}

#[derive(Debug)]
struct Execution {
    began: Instant,
    ended: Option<(Instant, Happened)>,
}

#[derive(Clone, Debug)]
struct Letter {
    token: String,
    body: String,
    sent: Instant,
    visible_at: Instant,
    receives: u32,
    twice: bool,
}

#[derive(Debug, Default)]
struct State {
    starts: u64,
    successes: u64,
    executions: BTreeMap<String, Execution>,
    queue: BTreeMap<u64, Letter>,
    dead: BTreeMap<u64, Letter>,
}

/// Both services.
#[derive(Debug)]
pub(super) struct Fake {
    manners: Manners,
    zero: Instant,
    state: Mutex<State>,
}

impl Fake {
    pub(super) fn new(manners: Manners) -> Fake {
        Fake { manners, zero: Instant::now(), state: Mutex::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap();
        if let Some(timeout) = self.manners.timeout {
            for execution in state.executions.values_mut().filter(|one| one.ended.is_none()) {
                let due = execution.began + timeout;
                if Instant::now() >= due {
                    execution.ended = Some((due, Happened::TimedOut));
                }
            }
        }
        work(&mut state)
    }

    /// Its own clock, which began some time ago.
    fn ms(&self, at: Instant) -> u64 {
        1_000_000 + (at - self.zero).as_millis() as u64
    }

    fn answer(&self, token: &str, what: Happened) -> Result<(), CallError> {
        let now = Instant::now();
        self.with(|state| {
            let execution = state.executions.get_mut(token).ok_or(CallError::TaskOver)?;
            if execution.ended.is_some() {
                return Err(CallError::TaskOver);
            }
            execution.ended = Some((now, what));
            Ok(())
        })
    }
}

impl Target for Fake {
    async fn start(&self, name: &str, input: &str) -> Result<u64, CallError> {
        sleep(self.manners.start).await;
        let now = Instant::now();
        self.with(|state| {
            state.starts += 1;
            if self.manners.throttles_every.is_some_and(|every| state.starts.is_multiple_of(every)) {
                return Err(CallError::Throttled);
            }
            let input: serde_json::Value = serde_json::from_str(input).unwrap();
            let body = serde_json::json!({ "order": input["order"], "run": input["run"], "token": name });
            let number = state.executions.len() as u64;
            let sent = now + self.manners.send;
            let twice = self.manners.twice_every.is_some_and(|every| number.is_multiple_of(every));
            let letter =
                Letter { token: name.into(), body: body.to_string(), sent, visible_at: sent, receives: 0, twice };
            state.queue.insert(number, letter);
            state.executions.insert(name.into(), Execution { began: now, ended: None });
            Ok(self.ms(now))
        })
    }

    async fn receive(&self, which: Which, most: u32, wait_s: u32) -> Result<Vec<Received>, CallError> {
        let until = Instant::now() + Duration::from_secs(wait_s.into());
        loop {
            let now = Instant::now();
            let found = self.with(|state| {
                if which == Which::DeadLetter {
                    let dead = std::mem::take(&mut state.dead);
                    return dead.into_iter().map(|(id, letter)| self.received(id, &letter)).collect::<Vec<_>>();
                }
                let mut found = Vec::new();
                let visible: Vec<u64> =
                    state.queue.iter().filter(|(_, letter)| letter.visible_at <= now).map(|(id, _)| *id).collect();
                for id in visible {
                    let letter = state.queue.get_mut(&id).unwrap();
                    if self.manners.most_receives.is_some_and(|most| letter.receives >= most) {
                        let letter = state.queue.remove(&id).unwrap();
                        state.dead.insert(id, letter);
                    } else if found.len() < most as usize {
                        letter.receives += 1;
                        let again = std::mem::take(&mut letter.twice);
                        letter.visible_at = if again { now } else { now + self.manners.visibility };
                        let letter = letter.clone();
                        found.push(self.received(id, &letter));
                    }
                }
                found
            });
            if !found.is_empty() || now >= until {
                return Ok(found);
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn delete(&self, _which: Which, receipts: &[String]) -> Result<Vec<Result<(), CallError>>, CallError> {
        self.with(|state| {
            let delete = |receipt: &String| {
                let (id, receives) = receipt.split_once('-').unwrap();
                let id: u64 = id.parse().unwrap();
                match state.queue.get(&id) {
                    Some(letter) if letter.receives.to_string() != receives => Err(CallError::StaleReceipt),
                    _ => {
                        state.queue.remove(&id);
                        Ok(())
                    }
                }
            };
            Ok(receipts.iter().map(delete).collect())
        })
    }

    async fn depth(&self, _which: Which) -> Result<Depth, CallError> {
        Ok(self.with(|state| Depth { waiting: state.queue.len() as u64, in_flight: 0 }))
    }

    async fn succeed(&self, token: &str, output: &str) -> Result<(), CallError> {
        self.answer(token, Happened::Succeeded(output.into()))?;
        self.with(|state| {
            state.successes += 1;
            match self.manners.unheard_every.is_some_and(|every| state.successes.is_multiple_of(every)) {
                true => Err(CallError::Other("the connection was closed".into())),
                false => Ok(()),
            }
        })
    }

    async fn fail(&self, token: &str, error: &str, cause: &str) -> Result<(), CallError> {
        self.answer(token, Happened::Failed(error.into(), cause.into()))
    }

    async fn beat(&self, _token: &str) -> Result<(), CallError> {
        Ok(())
    }

    async fn count(&self, standing: Standing, prefix: &str) -> Result<u64, CallError> {
        let of = |one: &&Listed| one.standing == standing && one.name.starts_with(prefix);
        Ok(self.list().await?.iter().filter(of).count() as u64)
    }

    async fn list(&self) -> Result<Vec<Listed>, CallError> {
        Ok(self.with(|state| {
            let listed = |(name, one): (&String, &Execution)| Listed {
                name: name.clone(),
                arn: name.clone(),
                standing: match &one.ended {
                    None => Standing::Running,
                    Some((_, Happened::Succeeded(_))) => Standing::Succeeded,
                    Some(_) => Standing::Failed,
                },
                stopped_ms: one.ended.as_ref().map(|(at, _)| self.ms(*at)),
            };
            state.executions.iter().map(listed).collect()
        }))
    }

    async fn history(&self, arn: &str) -> Result<Vec<Event>, CallError> {
        Ok(self.with(|state| {
            let one = &state.executions[arn];
            let mut events = vec![Event { at_ms: self.ms(one.began), what: Happened::Scheduled }];
            events.extend(
                one.ended
                    .as_ref()
                    .map(|(at, what)| Event { at_ms: self.ms(*at) - self.manners.ends_early_ms, what: what.clone() }),
            );
            events
        }))
    }
}

impl Fake {
    fn received(&self, id: u64, letter: &Letter) -> Received {
        assert!(letter.body.contains(&letter.token));
        Received {
            message_id: id.to_string(),
            receipt: format!("{id}-{}", letter.receives),
            body: letter.body.clone(),
            sent_ms: Some(self.ms(letter.sent)),
        }
    }
}
