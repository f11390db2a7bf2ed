//! The process that AWS starts when the queue of questions rings: each message is a reason to take the oldest question that is due.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use lambda_answer::Context;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use synapscribe_deployment::{Agent, Warm, before, traced};
use synapscribe_ports::Lane;
use synapscribe_usecases::jobs::{Places, Worker};

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let deployment = synapscribe_deployment::open().await?;
    let agent = Agent::from_env()?;
    let warm = deployment.warm(&[Warm::Gateway, Warm::Bucket, Warm::Queues]);
    let (asking, ()) = tokio::join!(deployment.asking(&agent), warm);
    let worker = &Worker {
        jobs: Arc::clone(&deployment.jobs),
        handler: Arc::new(Context { conversing: asking?.conversing() }),
        clock: Arc::clone(&deployment.clock),
        places: Places::for_cores(1),
    };
    // What is under way when the time is over is given back, and rings for the next process.
    let handle = async |event: LambdaEvent<SqsEvent>| {
        let stop = before(event.context.deadline);
        let work = async {
            for _ in event.payload.records {
                worker.one(Lane::Answers, &stop).await?;
            }
            Ok::<_, Error>(())
        };
        traced(&event.context.request_id, event.context.xray_trace_id.as_deref(), work).await
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(anyhow::Error::from_boxed)
}
