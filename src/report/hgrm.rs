//! latency-<design>.hgrm: the percentile text of HdrHistogram, for the plotters that read it (values in milliseconds).

use hdrhistogram::Histogram;

use super::subject::Report;
use crate::measure::findings::DesignFindings;

/// Percentile lines per halving of the distance to 100 %.
const TICKS_PER_HALF: u32 = 5;
const US_PER_MS: f64 = 1_000.0;

/// The text for one design's confirmed orders.
pub fn text(report: &Report, found: &DesignFindings) -> String {
    let subject = report.subject;
    let mut out = format!(
        "#[queuecast {}; scenario {}; seed {}; fingerprint {}; latency of confirmed {} orders in ms]\n",
        subject.version,
        subject.name,
        subject.seed,
        subject.fingerprint,
        found.design.name()
    );
    out.push_str(&format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)"));
    let histogram = histogram(found);
    for point in histogram.iter_quantiles(TICKS_PER_HALF) {
        if histogram.is_empty() {
            break;
        }
        let value = point.value_iterated_to() as f64 / US_PER_MS;
        let quantile = point.quantile_iterated_to();
        let below = histogram.count_between(0, point.value_iterated_to());
        out.push_str(&format!("{value:>12.3} {quantile:>2.12} {below:>10}"));
        if quantile < 1.0 {
            out.push_str(&format!(" {:>14.2}", 1.0 / (1.0 - quantile)));
        }
        out.push('\n');
    }
    out.push_str(&tail(found));
    out
}

/// Our counts as a histogram of the crate, which knows the format's steps.
fn histogram(found: &DesignFindings) -> Histogram<u64> {
    let mut histogram = Histogram::new(3).expect("three significant digits are allowed");
    for (edge_us, count) in &found.latency.histogram.0 {
        histogram.record_n(*edge_us, *count).expect("a histogram that resizes takes every value");
    }
    histogram
}

/// The summary at the end: exact mean and maximum, not those of the buckets.
fn tail(found: &DesignFindings) -> String {
    let ms = |seconds: Option<f64>| seconds.unwrap_or(0.0) * 1_000.0;
    format!(
        "#[Mean    = {:>12.3}, Offered        = {:>12}]\n#[Max     = {:>12.3}, Total count    = {:>12}]\n",
        ms(found.latency.mean),
        found.orders.offered,
        ms(found.latency.max),
        found.latency.count
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    #[test]
    fn the_text_ends_with_all_confirmed_orders_and_rises() {
        let sample = Example::flash_sale();
        let report = sample.report();
        let found = &report.findings.designs[0];
        let text = text(&report, found);
        let lines: Vec<Vec<f64>> = text
            .lines()
            .filter(|line| line.starts_with(' ') && !line.contains("Value"))
            .map(|line| line.split_whitespace().map(|field| field.parse().unwrap()).collect())
            .collect();
        assert!(lines.windows(2).all(|pair| pair[0][0] <= pair[1][0] && pair[0][2] <= pair[1][2]));
        let last = lines.last().unwrap();
        assert_eq!((last[1], last[2] as u64), (1.0, found.latency.count));
    }

    #[test]
    fn nothing_confirmed_gives_an_empty_table() {
        let mut sample = Example::flash_sale();
        sample.findings.designs[1].latency.histogram.0.clear();
        let report = sample.report();
        let text = text(&report, &report.findings.designs[1]);
        assert!(text.lines().all(|line| !line.starts_with(' ') || line.contains("Value")), "{text}");
    }
}
