//! How every durable queue behaves. It knows nothing of what jobs do. The queue must be empty and nobody else's.

use std::time::Duration;

use synapscribe_domain::{LectureId, ObjectKey, Timestamp};

use crate::jobs::{Job, Jobs, Lane, Leased, ObjectCreated, rest_ms};

/// The lane of the jobs that these checks are made with.
const LANE: Lane = Lane::Ingests;
const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);
const MUCH_LATER: Timestamp = Timestamp(3_000);

/// Runs every check; each leaves the queue empty but for buried jobs.
pub async fn suite(jobs: &dyn Jobs) {
    jobs_are_taken_oldest_first_and_completed(jobs).await;
    a_key_is_queued_once_while_it_waits(jobs).await;
    what_is_asked_for_while_it_runs_runs_once_more(jobs).await;
    a_job_comes_back_when_its_lease_ends(jobs).await;
    a_lease_can_be_kept_longer(jobs).await;
    a_retry_waits_for_its_time(jobs).await;
    what_is_put_off_was_not_tried(jobs).await;
    a_buried_job_is_kept_but_never_taken(jobs).await;
    leased_jobs_are_due_after_a_restart(jobs).await;
    a_job_that_is_interrupted_often_rests_the_longer(jobs).await;
    of_many_at_once_each_takes_another(jobs).await;
    a_lane_is_not_held_up_by_another(jobs).await;
    waiting_ends_when_there_is_work(jobs).await;
    buried_jobs_are_forgotten_when_their_time_is_over(jobs).await;
}

async fn jobs_are_taken_oldest_first_and_completed(jobs: &dyn Jobs) {
    assert_eq!(jobs.lease(LANE, NOW, LATER).await.unwrap(), None, "the queue must be empty");
    for name in ["one", "two", "three"] {
        jobs.enqueue(name, &job(name), NOW).await.unwrap();
    }
    jobs.enqueue("future", &job("future"), LATER).await.unwrap();
    assert_eq!(counts(jobs).await, (4, 0));
    for name in ["one", "two", "three"] {
        let leased = take(jobs, NOW).await;
        assert_eq!((leased.job, leased.attempt), (job(name), 1));
        jobs.complete(leased.id).await.unwrap();
        jobs.complete(leased.id).await.unwrap();
    }
    assert_eq!(jobs.lease(LANE, NOW, LATER).await.unwrap(), None, "a job is not due before its time");
    finish(jobs, LATER, "future").await;
    assert_eq!(counts(jobs).await, (0, 0));
}

async fn a_key_is_queued_once_while_it_waits(jobs: &dyn Jobs) {
    jobs.enqueue("key", &job("first"), NOW).await.unwrap();
    jobs.enqueue("key", &job("second"), NOW).await.unwrap();
    assert_eq!(counts(jobs).await, (1, 0), "a second job with a key that waits is dropped");
    finish(jobs, NOW, "first").await;
    jobs.enqueue("key", &job("third"), NOW).await.unwrap();
    finish(jobs, NOW, "third").await;
}

async fn what_is_asked_for_while_it_runs_runs_once_more(jobs: &dyn Jobs) {
    for fails in [false, true] {
        jobs.enqueue("key", &job("first"), NOW).await.unwrap();
        let leased = take(jobs, NOW).await;
        for name in ["second", "third"] {
            jobs.enqueue("key", &job(name), NOW).await.unwrap();
        }
        assert_eq!(counts(jobs).await, (0, 1), "a key never runs twice at once");
        if fails {
            jobs.bury(leased.id, "it failed five times").await.unwrap();
        } else {
            jobs.complete(leased.id).await.unwrap();
        }
        jobs.complete(leased.id).await.unwrap();
        assert_eq!(counts(jobs).await, (1, 0), "what was accepted waits, once");
        let again = take(jobs, NOW).await;
        assert_eq!((again.job, again.attempt, again.interrupted), (job("third"), 1, 0));
        // What came before it was taken again has nothing to add.
        jobs.enqueue("key", &job("fourth"), NOW).await.unwrap();
        jobs.put_off(again.id, NOW, "stopped").await.unwrap();
        finish(jobs, NOW, "third").await;
        assert_eq!(counts(jobs).await, (0, 0));
    }
    jobs.forget(MUCH_LATER).await.unwrap();
}

async fn a_job_comes_back_when_its_lease_ends(jobs: &dyn Jobs) {
    jobs.enqueue("key", &job("lost"), NOW).await.unwrap();
    let first = take(jobs, NOW).await;
    assert_eq!(jobs.lease(LANE, LATER.plus(-1), MUCH_LATER).await.unwrap(), None, "a leased job is nobody else's");
    let second = jobs.lease(LANE, LATER, MUCH_LATER).await.unwrap().expect("a job whose worker vanished comes back");
    assert_eq!((second.id, second.attempt, second.interrupted), (first.id, 1, 1), "that was no attempt");
    jobs.complete(second.id).await.unwrap();
    assert_eq!(jobs.lease(LANE, MUCH_LATER, MUCH_LATER.plus(1)).await.unwrap(), None);
}

async fn a_lease_can_be_kept_longer(jobs: &dyn Jobs) {
    jobs.enqueue("key", &job("slow"), NOW).await.unwrap();
    let leased = take(jobs, NOW).await;
    jobs.extend(leased.id, MUCH_LATER).await.unwrap();
    assert_eq!(jobs.lease(LANE, LATER, MUCH_LATER).await.unwrap(), None, "the longer lease holds");
    jobs.complete(leased.id).await.unwrap();
    jobs.extend(leased.id, MUCH_LATER).await.unwrap();
    assert_eq!(jobs.lease(LANE, MUCH_LATER, MUCH_LATER.plus(1)).await.unwrap(), None, "what is complete cannot be kept");
}

async fn a_retry_waits_for_its_time(jobs: &dyn Jobs) {
    jobs.enqueue("key", &job("again"), NOW).await.unwrap();
    jobs.enqueue("other", &job("behind"), NOW).await.unwrap();
    let leased = take(jobs, NOW).await;
    jobs.retry(leased.id, LATER, "the engine “was” busy").await.unwrap();
    assert_eq!(counts(jobs).await, (2, 0));
    jobs.enqueue("key", &job("duplicate"), NOW).await.unwrap();
    finish(jobs, NOW, "behind").await;
    assert_eq!(jobs.lease(LANE, LATER.plus(-1), MUCH_LATER).await.unwrap(), None);
    let again = jobs.lease(LANE, LATER, MUCH_LATER).await.unwrap().expect("a retry is due at its time");
    assert_eq!((again.job, again.attempt), (job("again"), 2));
    jobs.complete(again.id).await.unwrap();
}

async fn what_is_put_off_was_not_tried(jobs: &dyn Jobs) {
    jobs.enqueue("key", &job("later"), NOW).await.unwrap();
    for _ in 0..3 {
        let leased = take(jobs, NOW).await;
        assert_eq!((leased.job, leased.attempt), (job("later"), 1));
        jobs.put_off(leased.id, NOW, "in progress elsewhere").await.unwrap();
    }
    let leased = take(jobs, NOW).await;
    jobs.put_off(leased.id, LATER, "in progress elsewhere").await.unwrap();
    assert_eq!(counts(jobs).await, (1, 0));
    finish(jobs, LATER, "later").await;
}

async fn a_buried_job_is_kept_but_never_taken(jobs: &dyn Jobs) {
    let before = jobs.depth().await.unwrap().2;
    jobs.enqueue("key", &job("hopeless"), NOW).await.unwrap();
    let leased = take(jobs, NOW).await;
    jobs.bury(leased.id, "it failed five times").await.unwrap();
    jobs.retry(leased.id, NOW, "too late").await.unwrap();
    jobs.recover(NOW).await.unwrap();
    assert_eq!(jobs.lease(LANE, MUCH_LATER, MUCH_LATER).await.unwrap(), None, "what is buried stays buried");
    assert_eq!(jobs.depth().await.unwrap(), (0, 0, before + 1), "it is kept for an operator");
    let latest = jobs.buried(1).await.unwrap();
    assert_eq!(
        latest.iter().map(|one| (one.job.clone(), one.reason.as_str(), one.due)).collect::<Vec<_>>(),
        [(job("hopeless"), "it failed five times", LATER)],
        "and can be named"
    );
    jobs.enqueue("key", &job("fresh start"), NOW).await.unwrap();
    finish(jobs, NOW, "fresh start").await;
}

async fn leased_jobs_are_due_after_a_restart(jobs: &dyn Jobs) {
    for name in ["one", "two", "three"] {
        jobs.enqueue(name, &job(name), NOW).await.unwrap();
    }
    take(jobs, NOW).await;
    take(jobs, NOW).await;
    assert_eq!(jobs.recover(NOW).await.unwrap(), 2, "both leased jobs are due again");
    assert_eq!(jobs.recover(NOW).await.unwrap(), 0);
    for (name, interrupted) in [("one", 1), ("two", 1), ("three", 0)] {
        let leased = take(jobs, NOW).await;
        assert_eq!((leased.job, leased.attempt, leased.interrupted), (job(name), 1, interrupted), "in their old order");
        jobs.complete(leased.id).await.unwrap();
    }
}

async fn a_job_that_is_interrupted_often_rests_the_longer(jobs: &dyn Jobs) {
    jobs.enqueue("deadly", &job("deadly"), NOW).await.unwrap();
    let mut now = NOW;
    for times in 1..=12 {
        jobs.lease(LANE, now, now.plus(1)).await.unwrap().expect("it is due after its rest");
        assert_eq!(jobs.recover(now).await.unwrap(), 1);
        let rest = rest_ms(times);
        if rest > 0 {
            assert_eq!(jobs.lease(LANE, now.plus(rest - 1), MUCH_LATER).await.unwrap(), None, "it rests {rest} ms");
        }
        now = now.plus(rest);
    }
    assert_eq!((rest_ms(3), rest_ms(4), rest_ms(5), rest_ms(100)), (0, 5_000, 10_000, 320_000));
    let leased = jobs.lease(LANE, now, now.plus(1)).await.unwrap().expect("it is due after its rest");
    assert_eq!((leased.attempt, leased.interrupted), (1, 12));
    jobs.complete(leased.id).await.unwrap();
}

async fn of_many_at_once_each_takes_another(jobs: &dyn Jobs) {
    let names: Vec<String> = (0..8).map(|n| format!("job-{n}")).collect();
    for name in &names {
        jobs.enqueue(name, &job(name), NOW).await.unwrap();
    }
    let taken = futures::future::join_all((0..12).map(|_| jobs.lease(LANE, NOW, LATER))).await;
    let mut ids: Vec<i64> = taken.into_iter().filter_map(|leased| leased.unwrap()).map(|leased| leased.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), names.len(), "every job is in exactly one pair of hands");
    for id in ids {
        jobs.complete(id).await.unwrap();
    }
}

async fn a_lane_is_not_held_up_by_another(jobs: &dyn Jobs) {
    let key = ObjectKey::parse("lectures/p/l/a.mp3").unwrap();
    let arrival = Job::ObjectCreated(ObjectCreated { key, bytes: 1, sequencer: "1".into() });
    assert_ne!(arrival.lane(), LANE);
    jobs.enqueue("long", &job("long"), NOW).await.unwrap();
    jobs.enqueue("arrival", &arrival, NOW).await.unwrap();
    let short = jobs.lease(arrival.lane(), NOW, LATER).await.unwrap().expect("an older job of another lane does not matter");
    assert_eq!(short.job, arrival);
    assert_eq!(jobs.lease(arrival.lane(), NOW, LATER).await.unwrap(), None, "a lane gives its own jobs only");
    assert_eq!(counts(jobs).await, (1, 1), "the depth is that of all lanes");
    assert_eq!(jobs.recover(NOW).await.unwrap(), 1, "and so is a restart");
    let again = jobs.lease(arrival.lane(), NOW, LATER).await.unwrap().expect("it is due again");
    jobs.complete(again.id).await.unwrap();
    finish(jobs, NOW, "long").await;
}

async fn waiting_ends_when_there_is_work(jobs: &dyn Jobs) {
    let worker = async {
        loop {
            if let Some(leased) = jobs.lease(LANE, NOW, LATER).await.unwrap() {
                break leased;
            }
            jobs.wait(LANE).await;
        }
    };
    let giver = async {
        tokio::task::yield_now().await;
        jobs.enqueue("key", &job("awaited"), NOW).await.unwrap();
    };
    let both = async { futures::join!(worker, giver).0 };
    let leased = tokio::time::timeout(Duration::from_secs(10), both).await.expect("a waiting worker was not woken");
    assert_eq!(leased.job, job("awaited"));
    jobs.complete(leased.id).await.unwrap();
    assert_eq!(counts(jobs).await, (0, 0));
}

async fn buried_jobs_are_forgotten_when_their_time_is_over(jobs: &dyn Jobs) {
    for name in ["hopeless", "under-way"] {
        jobs.enqueue(name, &job(name), NOW).await.unwrap();
    }
    let leased = take(jobs, NOW).await;
    jobs.bury(leased.id, "it failed five times").await.unwrap();
    let buried = jobs.depth().await.unwrap().2;
    jobs.forget(NOW).await.unwrap();
    assert_eq!(jobs.depth().await.unwrap().2, buried, "an operator has time to look at it");
    assert!(jobs.forget(MUCH_LATER).await.unwrap() >= 1);
    assert_eq!(jobs.depth().await.unwrap(), (1, 0, 0), "and what is not buried stays");
    finish(jobs, NOW, "under-way").await;
}

fn job(name: &str) -> Job {
    let name: String = name.chars().map(|c| if c == ' ' { '-' } else { c }).collect();
    Job::IngestLecture { lecture: LectureId::parse(name).unwrap() }
}

async fn take(jobs: &dyn Jobs, now: Timestamp) -> Leased {
    jobs.lease(LANE, now, LATER).await.unwrap().expect("there is a job that is due")
}

async fn finish(jobs: &dyn Jobs, now: Timestamp, name: &str) {
    let leased = jobs.lease(LANE, now, now.plus(1)).await.unwrap().expect("there is a job that is due");
    assert_eq!(leased.job, job(name));
    jobs.complete(leased.id).await.unwrap();
}

/// Jobs waiting and leased.
async fn counts(jobs: &dyn Jobs) -> (u64, u64) {
    let (waiting, leased, _) = jobs.depth().await.unwrap();
    (waiting, leased)
}
