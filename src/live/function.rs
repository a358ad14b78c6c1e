//! The functions of both designs on a target that has Lambda: their code, packed as Lambda wants it, and what they are told.

use serde_json::{Value, json};

use crate::live::plan::Plan;
use crate::measure::findings::Design;
use crate::system::spec::{BatchMode, ErrorAt, OnError, ThrowEnds};

/// The handler's name.
pub const HANDLER: &str = "index.handler";
/// Environments that are called once before time zero, at most.
pub const MOST_WARMED: u32 = 10;

/// The variable with the settings.
pub const SETTINGS: &str = "SIMULATE";

/// Invoked by the workflow, it works and returns.
const DIRECT: &str = include_str!("function.py");
/// Behind an event source mapping, it answers task tokens and reports.
const BUFFERED: &str = include_str!("consumer.py");

/// The name of a design's function, after that of the run.
pub fn name_of(design: Design) -> String {
    format!("{}-function", design.name())
}

/// What the function of a plan is told of the scenario.
pub fn settings(plan: &Plan, run: &str, reports: &str, heartbeats: bool) -> Value {
    let function = &plan.function;
    let heartbeat = plan.workflow.heartbeat.filter(|_| heartbeats);
    json!({
        "run": run,
        "reports": reports,
        "batch": match function.batch {
            BatchMode::OneByOne => "one_by_one",
            BatchMode::Parallel => "parallel",
            BatchMode::Together => "together",
        },
        "throws": function.on_error == OnError::Throw,
        "throw_ends_invocation": function.throw_ends == ThrowEnds::Invocation,
        "fails_whole": plan.fails_whole(),
        "first_decides": plan.first_decides(),
        "reports_items": plan.queue.report_batch_item_failures,
        "error_at_start": function.error_at == ErrorAt::Start,
        "calls_inventory": plan.inventory.is_some(),
        "skip_older_than": function.skip_older_than.map(|limit| limit.as_secs_f64()),
        "draws": plan.draws_per_message(),
        "tries": plan.sdk.callback.tries,
        "first_wait": plan.faster(plan.sdk.callback.first).as_secs_f64(),
        "longest_wait": plan.faster(plan.sdk.callback.longest()).as_secs_f64(),
        "heartbeat": heartbeat.map(|period| period.as_secs_f64()),
    })
}

/// A ZIP archive with the code of a design's function in it.
pub fn archive(design: Design) -> Vec<u8> {
    zip(match design {
        Design::Buffered => BUFFERED,
        Design::Direct => DIRECT,
    })
}

/// With the one file in it, stored as it is.
fn zip(code: &str) -> Vec<u8> {
    let (name, data) = (b"index.py".as_slice(), code.as_bytes());
    let (crc, length) = (crc32(data), data.len() as u32);
    let mut described = Vec::new();
    // Version 2.0, no flags, stored, 1 January 1980.
    for number in [20_u16, 0, 0, 0, 0x21] {
        described.extend(number.to_le_bytes());
    }
    for number in [crc, length, length] {
        described.extend(number.to_le_bytes());
    }
    described.extend((name.len() as u16).to_le_bytes());
    described.extend(0_u16.to_le_bytes());
    let mut file = b"PK\x03\x04".to_vec();
    file.extend(&described);
    file.extend(name);
    file.extend(data);
    let directory = file.len() as u32;
    file.extend(b"PK\x01\x02");
    // Made under Unix, so that the mode below counts.
    file.extend(0x0314_u16.to_le_bytes());
    file.extend(&described);
    file.extend([0; 6]);
    file.extend((0o100_644_u32 << 16).to_le_bytes());
    file.extend(0_u32.to_le_bytes());
    file.extend(name);
    let size = file.len() as u32 - directory;
    file.extend(b"PK\x05\x06\0\0\0\0");
    for number in [1_u16, 1] {
        file.extend(number.to_le_bytes());
    }
    for number in [size, directory] {
        file.extend(number.to_le_bytes());
    }
    file.extend(0_u16.to_le_bytes());
    file
}

fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !data.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn the_archive_ends_with_a_directory_of_one_file() {
        let archive = archive(Design::Direct);
        let end = archive.len() - 22;
        assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
        let at = u32::from_le_bytes(archive[end + 16..end + 20].try_into().unwrap()) as usize;
        assert_eq!(&archive[at..at + 4], b"PK\x01\x02");
        let size = u32::from_le_bytes(archive[end + 12..end + 16].try_into().unwrap()) as usize;
        assert_eq!(at + size, end);
    }
}
