//! Removes what a manifest lists, and nothing else: only by the name it was given, and only with the tag of its run.

use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;

use crate::live::manifest::{Kind, Manifest, Resource};
use crate::live::provision::TAG;
use crate::live::sdk::{Clients, Place, SdkTarget, if_there, words};
use crate::live::server;
use crate::live::target::{Target, Which};
use crate::live::worker::body_of;

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Removed, or found not to be there, by name.
    pub removed: Vec<String>,
    /// Left where it is, with the reason.
    pub left: Vec<String>,
}

impl Cleared {
    /// Whether nothing is left behind.
    pub fn is_clean(&self) -> bool {
        self.left.is_empty()
    }
}

/// Removes everything in the manifest, the last first; the manifest goes with the last of it.
pub async fn clear(clients: &Clients, manifest: &mut Manifest) -> Cleared {
    let mut cleared = Cleared::default();
    for resource in manifest.resources.clone().into_iter().rev() {
        match remove(clients, &resource, &manifest.run).await {
            Ok(()) => {
                cleared.removed.push(resource.name.clone());
                if let Err(trouble) = manifest.removed(&resource) {
                    cleared.left.push(trouble);
                }
            }
            Err(reason) => cleared.left.push(format!("{}: {reason}", resource.name)),
        }
    }
    if cleared.is_clean() {
        manifest.discard();
    }
    cleared
}

/// Removes what earlier runs have left. What the manifests of emulators listed that are gone is gone with them.
///
/// # Errors
///
/// In words, what could not be removed.
pub fn clean_up(manifests: &[PathBuf], say: impl Fn(&str)) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("error: no runtime: {error}"))?;
    let mut left = Vec::new();
    for path in manifests {
        match Manifest::read(path) {
            Ok(manifest) => left.extend(runtime.block_on(clean_one(manifest, &say))),
            Err(words) => left.push(words),
        }
    }
    if left.is_empty() { Ok(()) } else { Err(format!("error: left behind:\n  {}", left.join("\n  "))) }
}

/// Removes what one manifest lists; what is left.
async fn clean_one(mut manifest: Manifest, say: &impl Fn(&str)) -> Vec<String> {
    if manifest.own_server && !is_there(&manifest.place) {
        say(&format!("{}: its emulator has ended, and everything with it", manifest.run));
        manifest.discard();
        return Vec::new();
    }
    if let Place::Loopback(url) = &manifest.place
        && let Err(words) = server::check_loopback(url)
    {
        return vec![format!("{}: {words}", manifest.run)];
    }
    let clients = Clients::new(&manifest.place.clone(), 0).await;
    if let Some(account) = &manifest.account {
        match clients.account().await {
            Ok(found) if found == *account => {}
            Ok(_) => {
                let run = &manifest.run;
                return vec![format!(
                    "{run}: these credentials are of another account than {account}; it is left alone"
                )];
            }
            Err(words) => return vec![format!("{}: {words}", manifest.run)],
        }
    }
    let cleared = clear(&clients, &mut manifest).await;
    cleared.removed.iter().for_each(|name| say(&format!("removed {name}")));
    cleared.left
}

fn is_there(place: &Place) -> bool {
    let Place::Loopback(url) = place else { return true };
    let Some(address) = url.strip_prefix("http://").and_then(|rest| rest.parse::<std::net::SocketAddr>().ok()) else {
        return true;
    };
    std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

async fn remove(clients: &Clients, resource: &Resource, run: &str) -> Result<(), String> {
    match (resource.kind, resource.id.as_deref()) {
        (Kind::Queue, url) => remove_queue(clients, (&resource.name, url), run).await,
        (Kind::StateMachine, arn) => remove_machine(clients, (&resource.name, arn), run).await,
        (Kind::Function, _) => remove_function(clients, &resource.name, run).await,
        (Kind::Mapping, uuid) => remove_mapping(clients, (&resource.name, uuid), run).await,
        (Kind::Executions, Some(arn)) => stop_executions(clients, arn, &format!("{run}-")).await,
        (Kind::Messages, Some(url)) => take_messages(clients, url, run).await,
        (Kind::Executions | Kind::Messages, None) => Ok(()),
    }
}

/// Whoever has another tag is not ours.
fn check_tag(tag: Option<&str>, run: &str) -> Result<(), String> {
    match tag {
        Some(tag) if tag == run => Ok(()),
        Some(tag) => Err(format!("its tag {TAG} is {tag}; it is left alone")),
        None => Err(format!("it has no tag {TAG}; it is left alone")),
    }
}

async fn remove_queue(clients: &Clients, (name, url): (&str, Option<&str>), run: &str) -> Result<(), String> {
    let url = match url {
        Some(url) => url.to_owned(),
        None => match if_there(clients.sqs.get_queue_url().queue_name(name).send().await)? {
            Some(said) => said.queue_url().unwrap_or_default().to_owned(),
            None => return Ok(()),
        },
    };
    let Some(said) = if_there(clients.sqs.list_queue_tags().queue_url(&url).send().await)? else { return Ok(()) };
    check_tag(said.tags().and_then(|tags| tags.get(TAG)).map(String::as_str), run)?;
    if_there(clients.sqs.delete_queue().queue_url(&url).send().await).map(drop)
}

async fn remove_machine(clients: &Clients, (name, arn): (&str, Option<&str>), run: &str) -> Result<(), String> {
    let arn = match arn {
        Some(arn) => arn.to_owned(),
        None => match find_machine(clients, name).await? {
            Some(arn) => arn,
            None => return Ok(()),
        },
    };
    let said = if_there(clients.sfn.list_tags_for_resource().resource_arn(&arn).send().await)?;
    let Some(said) = said else { return Ok(()) };
    check_tag(said.tags().iter().find(|tag| tag.key() == Some(TAG)).and_then(|tag| tag.value()), run)?;
    stop_executions(clients, &arn, "").await?;
    if_there(clients.sfn.delete_state_machine().state_machine_arn(&arn).send().await).map(drop)
}

/// The ARN of a state machine by its name.
async fn find_machine(clients: &Clients, name: &str) -> Result<Option<String>, String> {
    let mut token = None;
    loop {
        let said = clients.sfn.list_state_machines().set_next_token(token).send().await.map_err(words)?;
        if let Some(found) = said.state_machines().iter().find(|one| one.name() == name) {
            return Ok(Some(found.state_machine_arn().to_owned()));
        }
        token = said.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// Whatever still runs, of a name that begins so, would wait for an answer that never comes.
async fn stop_executions(clients: &Clients, arn: &str, prefix: &str) -> Result<(), String> {
    loop {
        let call = clients.sfn.list_executions().state_machine_arn(arn).status_filter(ExecutionStatus::Running);
        let mut pages = call.max_results(100).into_paginator().items().send();
        let (mut running, mut stopped) = (0_u32, 0);
        while let Some(one) = pages.next().await {
            let one = match if_there(one)? {
                Some(one) if one.name().starts_with(prefix) => one,
                Some(_) => continue,
                None => return Ok(()),
            };
            running += 1;
            let ended = clients.sfn.stop_execution().execution_arn(one.execution_arn()).send().await;
            stopped += u32::from(ended.is_ok());
        }
        match (running, stopped) {
            (0, _) => return Ok(()),
            (_, 0) => return Err("its executions could not be stopped".into()),
            _ => {}
        }
    }
}

/// Takes the run's messages out of a queue that was there before. What somebody is holding cannot be received now.
async fn take_messages(clients: &Clients, url: &str, run: &str) -> Result<(), String> {
    let target = SdkTarget::of_queue(clients, url);
    let mut in_vain = 0;
    while in_vain < 3 {
        // They stay visible, so that messages of others are not kept from them.
        let call = clients.sqs.receive_message().queue_url(url).max_number_of_messages(10).visibility_timeout(0);
        let Some(said) = if_there(call.send().await)? else { return Ok(()) };
        let ours = said.messages().iter().filter(|message| body_of(message.body().unwrap_or_default(), run).is_some());
        let receipts: Vec<String> = ours.filter_map(|message| message.receipt_handle().map(str::to_owned)).collect();
        if receipts.is_empty() {
            in_vain += 1;
            continue;
        }
        target.delete(Which::Main, &receipts).await.map_err(|error| error.to_string())?;
    }
    match target.depth(Which::Main).await.map_err(|error| error.to_string())?.in_flight {
        0 => Ok(()),
        held => Err(format!("{held} messages are in flight there; simulate live cleanup takes those of the run later")),
    }
}

/// Whether there is such a function; an error if it is somebody else's.
async fn is_there_and_ours(clients: &Clients, function: &str, run: &str) -> Result<bool, String> {
    let said = if_there(clients.lambda.get_function().function_name(function).send().await)?;
    let Some(said) = said else { return Ok(false) };
    check_tag(said.tags().and_then(|tags| tags.get(TAG)).map(String::as_str), run).map(|()| true)
}

async fn remove_function(clients: &Clients, name: &str, run: &str) -> Result<(), String> {
    if !is_there_and_ours(clients, name, run).await? {
        return Ok(());
    }
    if_there(clients.lambda.delete_function().function_name(name).send().await).map(drop)
}

/// A mapping is its function's, and goes before it.
async fn remove_mapping(clients: &Clients, (function, uuid): (&str, Option<&str>), run: &str) -> Result<(), String> {
    if !is_there_and_ours(clients, function, run).await? {
        return Ok(());
    }
    let mappings = clients.lambda.list_event_source_mappings().function_name(function).send().await;
    let mappings = if_there(mappings)?;
    let all = mappings.iter().flat_map(|said| said.event_source_mappings()).filter_map(|mapping| mapping.uuid());
    for found in all.filter(|found| uuid.is_none_or(|uuid| uuid == *found)) {
        if_there(clients.lambda.delete_event_source_mapping().uuid(found).send().await)?;
    }
    Ok(())
}
