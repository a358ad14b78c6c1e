//! `[[arrivals]]`, and the inline tables in it.

use super::kinds::{Form, Key, Kind, Mark, Table};
use crate::scenario::arrivals::MOST_ORDERS;

pub const ARRIVALS: Table = Table {
    path: "arrivals",
    form: Form::List,
    about: "phases of orders that follow each other",
    least: "rate = \"50/s\"\nduration = \"1min\"",
    keys: &[
        Key {
            name: "name",
            kinds: &[Kind::Text],
            meaning: "What charts and tables call the phase.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Nothing but a label.",
            example: "name = \"rush\"\nrate = \"50/s\"\nduration = \"1min\"",
        },
        Key {
            name: "rate",
            kinds: &[Kind::Rate],
            meaning: "Orders per second at the start of the phase, and all through it where it neither ramps nor decays. \
                      It counts orders, also where they come in batches; \"0/s\" is a pause.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "An average over an hour hides the minute that decides: describe the peak as a phase of its own.",
            example: "rate = \"500/s\"\nduration = \"10s\"",
        },
        Key {
            name: "duration",
            kinds: &[Kind::Duration],
            meaning: "How long the phase lasts. It may be left out for at_once and for a trace.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "A rush that is too short never fills the queue; one that is too long drowns everything.",
            example: "rate = \"50/s\"\nduration = \"1h 30min\"",
        },
        Key {
            name: "ramp_to",
            kinds: &[Kind::Rate],
            meaning: "The rate changes in a straight line from rate to this one, which it reaches at the phase's end.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "A sale does not ramp, it jumps: a ramp gives pollers and environments time they would not have.",
            example: "rate = \"50/s\"\nramp_to = \"500/s\"\nduration = \"1min\"",
        },
        Key {
            name: "decay_to",
            kinds: &[Kind::Rate],
            meaning: "The rate falls (or grows) by a constant factor a second from rate to this one, which it reaches at \
                      the phase's end. Neither may be zero.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Beside ramp_to it brings fewer orders between the same two rates: most of the fall comes early.",
            example: "rate = \"500/s\"\ndecay_to = \"50/s\"\nduration = \"1min\"",
        },
        Key {
            name: "wave",
            kinds: &[Kind::Shape("wave")],
            meaning: "The rate swings: rate x (1 + amplitude x sin(2 pi t / period)), t from the phase's start.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "A period shorter than the time a queue takes to drain is invisible behind the queue.",
            example: "rate = \"50/s\"\nduration = \"1min\"\nwave = { amplitude = \"50%\", period = \"10s\" }",
        },
        Key {
            name: "at_once",
            kinds: &[Kind::Whole(1, MOST_ORDERS)],
            meaning: "So many orders at the instant at which the phase starts, instead of a rate. It needs no duration.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Real orders are spread over a second at least; this is the worst case, and good for one.",
            example: "at_once = 1000",
        },
        Key {
            name: "trace",
            kinds: &[Kind::File],
            meaning: "A CSV file of arrival times, maybe with service times, instead of a rate.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "A log of confirmed orders has no refused ones in it: what was lost then is missing again.",
            example: "trace = \"orders.csv\"",
        },
        Key {
            name: "spacing",
            kinds: &[Kind::Word(&["poisson", "even"]), Kind::Shape("spacing")],
            meaning: "How the gaps between arrivals vary about 1 / rate: independent customers (\"poisson\"), a metronome \
                      (\"even\"), or a distribution of its own.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "\"even\" hides waiting that real customers cause: they do not keep their distance.",
            example: "rate = \"50/s\"\nduration = \"1min\"\nspacing = \"even\"",
        },
        Key {
            name: "batch",
            kinds: &[Kind::Whole(1, MOST_ORDERS), Kind::Shape("batch")],
            meaning: "Orders that come together, as from a partner's file. The rate goes on counting orders, so batches \
                      come at rate / batch.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "One at a time passes every load test; traps of batches (one failed record takes nine along) only \
                    show with batches.",
            example: "rate = \"50/s\"\nduration = \"1min\"\nbatch = 10",
        },
        Key {
            name: "modulation",
            kinds: &[Kind::Shape("modulation")],
            meaning: "The rate is multiplied by a random factor of mean 1, drawn anew in every stretch of time: real sales \
                      are burstier than a Poisson stream.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Left out, bursts average out within a second, and limits look safer than they are.",
            example: "rate = \"50/s\"\nduration = \"1min\"\nmodulation = { cv = 0.5, correlation = \"5s\" }",
        },
        Key {
            name: "origin",
            kinds: &[Kind::Truth],
            meaning: "Charts count time from the start of this phase, slo.drained_within from its last arrival. At most \
                      one phase is marked.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Marked at the wrong phase, slo.drained_within measures another drain.",
            example: "rate = \"50/s\"\nduration = \"1min\"\norigin = true",
        },
    ],
};

pub const WAVE: Table = Table {
    path: "wave",
    form: Form::Shape("arrivals.wave"),
    about: "a rate that swings",
    least: "amplitude = \"50%\"\nperiod = \"10s\"",
    keys: &[
        Key {
            name: "amplitude",
            kinds: &[Kind::Share],
            meaning: "How far the rate swings to either side, as a share of itself.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "100 % swings between zero and twice the rate.",
            example: "amplitude = \"50%\"\nperiod = \"10s\"",
        },
        Key {
            name: "period",
            kinds: &[Kind::Duration],
            meaning: "From one crest to the next.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "A phase that is no whole number of periods has another mean rate.",
            example: "amplitude = \"50%\"\nperiod = \"10s\"",
        },
    ],
};

pub const MODULATION: Table = Table {
    path: "modulation",
    form: Form::Shape("arrivals.modulation"),
    about: "a rate that varies at random",
    least: "cv = 0.5\ncorrelation = \"30s\"",
    keys: &[
        Key {
            name: "cv",
            kinds: &[Kind::Number(0.0)],
            meaning: "Standard deviation of the factor over its mean, which is 1; the factor is gamma distributed.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "0.5 doubles the rate in one stretch of twenty-four; above 1 most stretches are nearly empty.",
            example: "cv = 0.5\ncorrelation = \"30s\"",
        },
        Key {
            name: "correlation",
            kinds: &[Kind::Duration],
            meaning: "How long one factor holds before the next is drawn.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Much shorter than the time the queue takes to drain, it averages out.",
            example: "cv = 0.5\ncorrelation = \"30s\"",
        },
    ],
};

pub const BATCH: Table = Table {
    path: "batch",
    form: Form::Shape("arrivals.batch"),
    about: "how many orders come together",
    least: "mean = 3\ndistribution = \"geometric\"",
    keys: &[
        Key {
            name: "mean",
            kinds: &[Kind::Number(1.0)],
            meaning: "Orders in a batch on average, at least one.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "The rate counts orders: a larger mean makes batches rarer, not orders more.",
            example: "mean = 3\ndistribution = \"geometric\"",
        },
        Key {
            name: "distribution",
            kinds: &[Kind::Word(&["geometric"])],
            meaning: "Geometric on 1, 2, 3 and so on.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Nothing: there is no other.",
            example: "mean = 3\ndistribution = \"geometric\"",
        },
    ],
};

pub const SCALE: Table = Table {
    path: "scale",
    form: Form::Shape("arrivals_scale"),
    about: "the doubt about a forecast: a log-normal factor",
    least: "p50 = 1\np99 = 1.5",
    keys: &[
        Key {
            name: "p50",
            kinds: &[Kind::Number(0.0)],
            meaning: "The median factor: 1 where the forecast is as likely too low as too high.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Forecasts made to please are too low: a median above 1 says so.",
            example: "p50 = 1\np99 = 1.5",
        },
        Key {
            name: "p99",
            kinds: &[Kind::Number(0.0)],
            meaning: "One sale in a hundred brings more than this many times the forecast.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Too near to p50, the plan holds for the forecast only.",
            example: "p50 = 1\np99 = 1.5",
        },
    ],
};
