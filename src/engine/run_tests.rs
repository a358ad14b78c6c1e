//! The loop alone: its order within an instant, its stops, and a textbook M/M/1 that knows nothing of orders or AWS.

use super::{Agenda, Event, Model, Rank, Stop, Turn, run};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};

#[derive(Clone, Copy, Debug)]
struct Departure;

impl Event for Departure {
    const LANES: usize = 0;
    fn rank(&self) -> Rank {
        Rank::WorkEnds
    }
    fn lane(&self) -> Option<usize> {
        None
    }
}

/// Exponential times by inversion from a SplitMix64 counter.
struct Times {
    state: u64,
    mean: f64,
}

impl Times {
    fn next(&mut self) -> SimDuration {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let uniform = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        SimDuration::from_secs_f64(-libm::log1p(-uniform) * self.mean)
    }
}

/// One server, customers in a line of arrival instants.
struct SingleServer {
    gaps: Times,
    services: Times,
    next: SimTime,
    customers_left: u64,
    line: std::collections::VecDeque<SimTime>,
    busy: bool,
    waited: f64,
    who_waited: u64,
}

impl Model for SingleServer {
    type Event = Departure;
    type Observation = ();

    fn next_arrival(&self) -> SimTime {
        if self.customers_left > 0 { self.next } else { SimTime::NEVER }
    }
    fn arrivals_end(&self) -> SimTime {
        SimTime::ZERO
    }
    fn arrive<O: Observer<()>>(&mut self, turn: &mut Turn<Departure, O>) {
        self.line.push_back(turn.now);
        self.customers_left -= 1;
        self.next = turn.now + self.gaps.next();
    }
    fn handle<O: Observer<()>>(&mut self, _event: Departure, _turn: &mut Turn<Departure, O>) {
        self.busy = false;
    }
    fn is_moot(&self, _at: SimTime, _event: &Departure) -> bool {
        false
    }
    fn wants_turn(&self) -> bool {
        !self.busy && !self.line.is_empty()
    }
    fn take_turn<O: Observer<()>>(&mut self, turn: &mut Turn<Departure, O>) {
        if let Some(came_at) = self.line.pop_front() {
            let wait = turn.now.since(came_at);
            self.waited += wait.as_secs_f64();
            self.who_waited += u64::from(!wait.is_zero());
            self.busy = true;
            turn.book(turn.now + self.services.next(), Departure);
        }
    }
    fn oldest(&mut self) -> Option<SimTime> {
        None
    }
}

#[test]
fn a_single_server_waits_as_theory_says() {
    let customers = 4_000_000;
    let mut model = SingleServer {
        gaps: Times { state: 1, mean: 1.0 },
        services: Times { state: 2 << 40, mean: 0.8 },
        next: SimTime::ZERO,
        customers_left: customers,
        line: std::collections::VecDeque::new(),
        busy: false,
        waited: 0.0,
        who_waited: 0,
    };
    let stop = Stop { horizon: None, max_drain: SimDuration::MAX };
    run(&mut model, &mut Agenda::new(), &mut (), stop);
    // M/M/1 at rho = 0.8: P(wait) = rho, mean wait = rho / (1 - rho) service times; standard errors 0.0006 and 0.022.
    let share = model.who_waited as f64 / customers as f64;
    let mean = model.waited / customers as f64;
    assert!((share - 0.8).abs() < 0.0024, "P(wait) {share}");
    assert!((mean - 3.2).abs() < 0.09, "mean wait {mean}");
}

/// Writes down what happens; every step books what its script says.
#[derive(Default)]
struct Scripted {
    arrivals: Vec<SimTime>,
    end: SimTime,
    wants: u32,
    moot: bool,
    log: Vec<(u64, &'static str)>,
}

#[derive(Clone, Copy, Debug)]
struct Named(&'static str, Rank);

impl Event for Named {
    const LANES: usize = 1;
    fn rank(&self) -> Rank {
        self.1
    }
    fn lane(&self) -> Option<usize> {
        (self.1 == Rank::TimerRunsOut).then_some(0)
    }
}

impl Model for Scripted {
    type Event = Named;
    type Observation = ();
    fn next_arrival(&self) -> SimTime {
        self.arrivals.first().copied().unwrap_or(SimTime::NEVER)
    }
    fn arrivals_end(&self) -> SimTime {
        self.end
    }
    fn arrive<O: Observer<()>>(&mut self, turn: &mut Turn<Named, O>) {
        self.arrivals.remove(0);
        self.log.push((turn.now.0, "arrival"));
        self.wants += 1;
    }
    fn handle<O: Observer<()>>(&mut self, event: Named, turn: &mut Turn<Named, O>) {
        self.log.push((turn.now.0, event.0));
    }
    fn is_moot(&self, _at: SimTime, event: &Named) -> bool {
        self.moot && event.1 == Rank::TimerRunsOut
    }
    fn wants_turn(&self) -> bool {
        self.wants > 0
    }
    fn take_turn<O: Observer<()>>(&mut self, turn: &mut Turn<Named, O>) {
        self.wants -= 1;
        self.log.push((turn.now.0, "turn"));
    }
    fn oldest(&mut self) -> Option<SimTime> {
        None
    }
}

/// Counts the instants reached.
#[derive(Default)]
struct Instants(Vec<u64>);

impl Observer<()> for Instants {
    fn reach(&mut self, now: SimTime) -> bool {
        self.0.push(now.0);
        false
    }
    fn observe(&mut self, _now: SimTime, _what: &()) {}
}

fn play(model: &mut Scripted, bookings: &[(u64, Named)], stop: Stop) -> (SimTime, Vec<u64>) {
    let mut agenda = Agenda::new();
    for (at, event) in bookings {
        agenda.schedule(SimTime(*at), *event);
    }
    let mut instants = Instants::default();
    let end = run(model, &mut agenda, &mut instants, stop);
    (end, instants.0)
}

const FOR_EVER: Stop = Stop { horizon: None, max_drain: SimDuration::MAX };

#[test]
fn one_instant_runs_work_timers_arrivals_turns_and_booked_starts_in_that_order() {
    let mut model = Scripted { arrivals: vec![SimTime(5), SimTime(5)], ..Scripted::default() };
    let bookings = [
        (5, Named("start", Rank::Starts)),
        (5, Named("due", Rank::Arrives)),
        (5, Named("timer", Rank::TimerRunsOut)),
        (5, Named("work", Rank::WorkEnds)),
    ];
    let (end, instants) = play(&mut model, &bookings, FOR_EVER);
    // The booked back-off was booked before the run, the arrivals after it: order of booking within their rank.
    let names: Vec<_> = model.log.iter().map(|(_, name)| *name).collect();
    assert_eq!(names, ["work", "timer", "due", "arrival", "arrival", "turn", "turn", "start"]);
    assert_eq!((end, instants), (SimTime(5), vec![5]));
}

#[test]
fn a_moot_timer_never_moves_the_clock() {
    let mut model = Scripted { moot: true, end: SimTime(3), ..Scripted::default() };
    let bookings = [(9, Named("timer", Rank::TimerRunsOut)), (2, Named("work", Rank::WorkEnds))];
    let (end, instants) = play(&mut model, &bookings, FOR_EVER);
    assert_eq!(model.log, [(2, "work")]);
    assert_eq!((end, instants), (SimTime(3), vec![2, 3]));
}

#[test]
fn a_run_ends_at_the_end_of_the_arrivals_or_with_what_comes_after() {
    let work = [(7, Named("work", Rank::WorkEnds))];
    let mut late = Scripted { end: SimTime(10), ..Scripted::default() };
    assert_eq!(play(&mut late, &work, FOR_EVER).0, SimTime(10));
    let mut early = Scripted { end: SimTime(4), ..Scripted::default() };
    assert_eq!(play(&mut early, &work, FOR_EVER).0, SimTime(7));
}

#[test]
fn nothing_happens_at_the_horizon_and_the_run_ends_there() {
    let stop = Stop { horizon: Some(SimTime(7)), max_drain: SimDuration::MAX };
    let bookings = [(6, Named("before", Rank::WorkEnds)), (7, Named("at", Rank::WorkEnds))];
    let mut model = Scripted { arrivals: vec![SimTime(7)], end: SimTime(7), ..Scripted::default() };
    assert_eq!(play(&mut model, &bookings, stop).0, SimTime(7));
    assert_eq!(model.log, [(6, "before")]);
    let mut idle = Scripted { end: SimTime(2), ..Scripted::default() };
    assert_eq!(play(&mut idle, &[], stop).0, SimTime(7));
}

#[test]
fn the_drain_is_cut_off_only_if_something_is_left() {
    let stop = Stop { horizon: None, max_drain: SimDuration(10) };
    let bookings = [(5, Named("in time", Rank::WorkEnds)), (13, Named("too late", Rank::WorkEnds))];
    let mut model = Scripted { end: SimTime(3), ..Scripted::default() };
    assert_eq!(play(&mut model, &bookings, stop).0, SimTime(13));
    assert_eq!(model.log, [(5, "in time")]);
    let mut drained = Scripted { end: SimTime(3), ..Scripted::default() };
    assert_eq!(play(&mut drained, &bookings[..1], stop).0, SimTime(5));
}
