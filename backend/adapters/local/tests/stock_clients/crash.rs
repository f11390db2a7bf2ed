//! The process is killed in the middle of uploads: what was acknowledged is there whole, what was not is absent or whole,
//! and an upload goes on where it stopped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use synapscribe_local::{Keyring, Limits};
use synapscribe_ports::{Clock, SystemClock};

use crate::support::{Host, noise, s3_at};

const BUCKET: &str = "synapscribe";
const DATA: &str = "SYNAPSCRIBE_CRASH_TEST_DATA";
const SMALL: usize = 64 * 1024;
const PART: usize = 5 * 1024 * 1024;

/// Not a test by itself: the victim, which the test below starts as a process of its own.
#[tokio::test]
async fn victim() {
    let Ok(data) = std::env::var(DATA) else { return };
    let host = Host::over(data.into(), Limits::default()).await;
    println!("\nlistening on {}", host.base);
    std::future::pending::<()>().await;
}

struct Victim {
    process: Child,
    base: String,
}

impl Victim {
    fn start(data: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::victim", "--nocapture"])
            .env(DATA, data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let base = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
        Self { process, base }
    }

    /// SIGKILL: no destructor, no flush.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_there_after_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let mut victim = Victim::start(data.path());
    let keyring = Keyring::open(&data.path().join("host.key")).unwrap();
    let person = keyring.fresh_identity();
    let issued = keyring.issue(&person, SystemClock.now());
    let client = |base: &str| {
        let (id, secret, token) = (&issued.access_key_id, &issued.secret_key, Some(issued.session_token.clone()));
        s3_at(base, aws_sdk_s3::config::Credentials::new(id, secret, token, None, "test"))
    };
    let s3 = client(&victim.base);
    let long = format!("lectures/{person}/long/talk.mp3");
    let content = noise(4 * PART + 99);
    let begun = s3.create_multipart_upload().bucket(BUCKET).key(&long).send().await.unwrap();
    let upload = begun.upload_id.unwrap();
    let mut acknowledged_parts: Vec<i32> = Vec::new();
    let mut acknowledged: Vec<u32> = Vec::new();
    let mut next = 0_u32;

    for round in 0..4_u32 {
        let s3 = client(&victim.base);
        let (told, mut heard) = tokio::sync::mpsc::channel(64);
        let writers: Vec<_> = (0..4_u32)
            .map(|writer| {
                let (s3, told, person, first) = (s3.clone(), told.clone(), person.clone(), next);
                tokio::spawn(async move {
                    for n in (first + writer..).step_by(4) {
                        let key = format!("lectures/{person}/n{n}/talk.mp3");
                        let put = s3.put_object().bucket(BUCKET).key(key).body(body(n).into()).send().await;
                        if told.send((n, put.is_ok())).await.is_err() || put.is_err() {
                            return;
                        }
                    }
                })
            })
            .collect();
        drop(told);
        let part = {
            let (s3, long, upload) = (s3.clone(), long.clone(), upload.clone());
            let number = round as i32 + 1;
            let bytes = content.chunks(PART).nth(round as usize).unwrap().to_vec();
            tokio::spawn(async move {
                let sent = s3.upload_part().bucket(BUCKET).key(long).upload_id(upload).part_number(number).body(bytes.into());
                sent.send().await.is_ok().then_some(number)
            })
        };
        // Some answers in, others under way.
        let mut answers = 0;
        while answers < 10 + round * 7 {
            let (n, ok) = heard.recv().await.unwrap();
            assert!(ok, "no error before the kill");
            acknowledged.push(n);
            next = next.max(n + 1);
            answers += 1;
        }
        victim.kill();
        while let Some((n, ok)) = heard.recv().await {
            next = next.max(n + 1);
            if ok {
                acknowledged.push(n);
            }
        }
        for writer in writers {
            writer.await.unwrap();
        }
        acknowledged_parts.extend(part.await.unwrap());
        victim = Victim::start(data.path());
    }

    let s3 = client(&victim.base);
    let mut whole = 0;
    for n in 0..next {
        let found = s3.get_object().bucket(BUCKET).key(format!("lectures/{person}/n{n}/talk.mp3")).send().await;
        match found {
            Ok(found) => {
                assert!(found.body.collect().await.unwrap().to_vec() == body(n), "object {n} is not what was sent");
                whole += 1;
            }
            Err(_) => assert!(!acknowledged.contains(&n), "object {n} was acknowledged and is gone"),
        }
    }
    assert!(whole >= acknowledged.len() && acknowledged.len() >= 40);

    let listed = s3.list_parts().bucket(BUCKET).key(&long).upload_id(&upload).send().await.unwrap();
    let mut done: Vec<CompletedPart> = Vec::new();
    for (number, bytes) in (1..).zip(content.chunks(PART)) {
        let there = listed.parts().iter().find(|part| part.part_number == Some(number));
        let tag = match there {
            Some(part) => part.e_tag().unwrap().to_owned(),
            None => {
                assert!(!acknowledged_parts.contains(&number), "part {number} was acknowledged and is gone");
                let sent = s3.upload_part().bucket(BUCKET).key(&long).upload_id(&upload).part_number(number);
                sent.body(bytes.to_vec().into()).send().await.unwrap().e_tag.unwrap()
            }
        };
        done.push(CompletedPart::builder().part_number(number).e_tag(tag).build());
    }
    let done = CompletedMultipartUpload::builder().set_parts(Some(done)).build();
    s3.complete_multipart_upload().bucket(BUCKET).key(&long).upload_id(&upload).multipart_upload(done).send().await.unwrap();
    let got = s3.get_object().bucket(BUCKET).key(&long).send().await.unwrap();
    assert!(got.body.collect().await.unwrap().to_vec() == content);
    assert_eq!(std::fs::read_dir(data.path().join("store/incoming")).unwrap().count(), 0);
    victim.kill();
}

fn body(n: u32) -> Vec<u8> {
    let mut body = noise(SMALL);
    body[..4].copy_from_slice(&n.to_be_bytes());
    body
}
