//! A program that runs while a story is told and says in a line of JSON where it listens. It must not know what the program does.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::StoryError;

const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a program and waits until it has named its address under `field`.
pub(crate) fn start(command: &mut Command, field: &str) -> Result<(Child, String), StoryError> {
    start_logged(command, field).map(|(child, address, _)| (child, address))
}

/// The lines of a program's standard error, for as long as it lives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// What was written so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The same, with what it writes to its standard error.
pub(crate) fn start_logged(command: &mut Command, field: &str) -> Result<(Child, String, Log), StoryError> {
    let log = Log::default();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|source| StoryError::Process { what: format!("starting {}", command.get_program().display()), source })?;
    let lines = lines_of(&mut child, &log);
    match address(&lines, field, PATIENCE) {
        Ok(address) => Ok((child, address, log)),
        Err(printed) => {
            end(&mut child);
            Err(StoryError::NoAddress { waited_s: PATIENCE.as_secs(), printed })
        }
    }
}

/// Ends a program the hard way, as a power cut would, and returns once it is gone.
pub(crate) fn end(child: &mut Child) {
    // It may have ended by itself; then there is nothing to kill and only its status to collect.
    let _ = child.kill();
    let _ = child.wait();
}

/// Asks a program to stop as an operator would, and tells whether it ended well within the time.
pub(crate) fn stop(child: &mut Child, within: Duration) -> bool {
    let Ok(pid) = libc::pid_t::try_from(child.id()) else {
        return false;
    };
    // SAFETY: a signal to a child that has not been waited for, so its number cannot belong to another process.
    unsafe { libc::kill(pid, libc::SIGTERM) };
    let until = Instant::now() + within;
    while Instant::now() < until {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Err(_) => return false,
        }
    }
    false
}

/// Both streams, line by line, for as long as the program lives: a pipe that nobody reads would stop it.
fn lines_of(child: &mut Child, log: &Log) -> Receiver<(bool, String)> {
    let (sender, lines) = sync_channel(1024);
    let out = child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
    let err = child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
    for (is_out, stream) in [(true, out), (false, err)] {
        let Some(stream) = stream else { continue };
        let (sender, log) = (sender.clone(), log.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if !is_out {
                    log.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
                }
                // Nobody listens any more once the address is known; reading goes on all the same.
                let _ = sender.try_send((is_out, line));
            }
        });
    }
    lines
}

/// The address in the first JSON line of standard output that has one, or else all that was printed until then.
fn address(lines: &Receiver<(bool, String)>, field: &str, patience: Duration) -> Result<String, String> {
    let until = Instant::now() + patience;
    let mut printed = String::new();
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok((is_out, line)) => {
                let event: Option<Value> = is_out.then(|| serde_json::from_str(&line).ok()).flatten();
                if let Some(address) = event.as_ref().and_then(|event| event[field].as_str()) {
                    return Ok(address.to_owned());
                }
                printed.push_str(&line);
                printed.push('\n');
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(printed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_among_other_lines_and_its_absence_shows_what_was_printed() {
        let (sender, lines) = sync_channel(8);
        sender.send((false, "{\"address\":\"http://not-this\"}".to_owned())).unwrap();
        sender.send((true, "starting".to_owned())).unwrap();
        sender.send((true, "{\"address\":\"http://127.0.0.1:7\"}".to_owned())).unwrap();
        assert_eq!(address(&lines, "address", PATIENCE).unwrap(), "http://127.0.0.1:7");
        sender.send((true, "no".to_owned())).unwrap();
        drop(sender);
        assert_eq!(address(&lines, "address", PATIENCE).unwrap_err(), "no\n");
    }
}
