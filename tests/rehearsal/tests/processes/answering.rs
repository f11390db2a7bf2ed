//! Answers whose listener goes away, and answers while AgentCore is away.

use serde_json::{Value, json};
use synapscribe_ports::{Jobs, Library};
use synapscribe_rehearsal::{Cloud, Function, Gateway, Line, request, socket};
use synapscribe_sql::Store;
use tokio::net::TcpListener;

use crate::agent::Agent;
use crate::killed::ready;

const ADA: Option<&str> = Some("us-east-1:ada");

/// A deployment with one lecture that can be asked.
struct Asked {
    cloud: Cloud,
    gateway: Gateway,
    websocket: Function,
    answer: Function,
    variables: Vec<(&'static str, String)>,
    _data: tempfile::TempDir,
}

impl Asked {
    async fn over(agent: &str) -> Self {
        let (cloud, data) = (Cloud::start().await.unwrap(), tempfile::tempdir().unwrap());
        let gateway = Gateway::start(&cloud).await.unwrap();
        let store = Store::open(data.path().join("lectures.db")).await.unwrap();
        store.add_lecture(&ready("l1", "us-east-1:ada")).await.unwrap();
        let mut variables = cloud.variables(data.path(), &gateway);
        variables.push(("SYNAPSCRIBE_AGENT_URL", agent.to_owned()));
        let websocket = Function::start("lambda-websocket", &variables).await.unwrap();
        let answer = Function::start("lambda-answer", &variables).await.unwrap();
        Self { cloud, gateway, websocket, answer, variables, _data: data }
    }

    async fn connect(&self, connection: &str) -> Line {
        let line = self.gateway.connect(connection);
        self.websocket.invoke(socket("$connect", ADA, connection, None)).await.unwrap().unwrap();
        line
    }

    /// Asks over a connection and gives what rings for it.
    async fn ask(&self, connection: &str, line: &mut Line, query: &str) -> Value {
        let query = json!({
            "type": "query", "queryId": query, "sessionId": "s1", "lectureId": "l1", "text": "What is the chain rule?",
        });
        self.websocket.invoke(socket("$default", None, connection, Some(query))).await.unwrap().unwrap();
        line.until("query_accepted").await.unwrap();
        self.cloud.delivery(&self.cloud.queues.answers).await.unwrap()
    }

    async fn turns(&self) -> Value {
        let library = Function::start("lambda-library", &self.variables).await.unwrap();
        let reply = library.invoke(request(ADA, "GET", "/api/sessions/s1", None)).await.unwrap().unwrap();
        serde_json::from_str::<Value>(reply["body"].as_str().unwrap()).unwrap()["turns"].clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_follows_a_person_whose_connection_is_gone_and_nothing_is_said_twice() {
    let agent = Agent::start().await;
    let asked = Asked::over(&agent.url).await;
    let mut first = asked.connect("first=").await;
    let ring = asked.ask("first=", &mut first, "q1").await;
    let ((), answered) = futures::join!(
        async {
            assert_eq!(first.until("answer_text").await.unwrap().pop().unwrap()["delta"], "Slopes ");
            // The gateway says 410 from now on.
            drop(first);
            agent.go_on();
            let mut second = asked.connect("second=").await;
            let heard = second.until("answer_done").await.unwrap();
            assert_eq!(heard[0]["type"], "answer_restarted", "{heard:?}");
            let text: String = heard.iter().filter_map(|message| message["delta"].as_str()).collect();
            assert_eq!(text, "Slopes multiply.");
            assert!(second.is_quiet());
        },
        asked.answer.invoke(ring)
    );
    answered.unwrap().unwrap();
    let turns = asked.turns().await;
    assert_eq!((turns.as_array().unwrap().len(), &turns[0]["answer"]), (1, &json!("Slopes multiply.")), "{turns}");
    assert_eq!(asked.cloud.jobs().depth().await.unwrap(), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_agentcore_is_away_a_person_is_told_so_and_the_same_question_is_answered_when_it_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let asked = Asked::over(&format!("http://{}", listener.local_addr().unwrap())).await;
    let mut line = asked.connect("c=").await;
    let ring = asked.ask("c=", &mut line, "q1").await;
    tokio::select! {
        answered = asked.answer.invoke(ring) => drop(answered.unwrap().unwrap()),
        () = hang_up_on(&listener, usize::MAX) => {}
    }
    let told = line.next().await.unwrap();
    assert_eq!(
        (&told["type"], &told["code"], &told["retryable"]),
        (&json!("error"), &json!("engine_failed"), &json!(true)),
        "{told}"
    );
    assert!(told["message"].as_str().unwrap().contains("cannot be reached"), "{told}");
    assert_eq!(told["queryId"], "q1");

    // It is asked again by the policy while it comes back, so that nobody notices.
    let ring = asked.ask("c=", &mut line, "q1").await;
    let (_agent, answered) = futures::join!(
        async {
            hang_up_on(&listener, 1).await;
            let agent = Agent::on(listener);
            agent.go_on();
            agent
        },
        asked.answer.invoke(ring)
    );
    answered.unwrap().unwrap();
    let heard = line.until("answer_done").await.unwrap();
    let text: String = heard.iter().filter_map(|message| message["delta"].as_str()).collect();
    assert_eq!(text, "Slopes multiply.", "{heard:?}");
    assert_eq!(asked.turns().await.as_array().unwrap().len(), 1);
}

/// Takes so many calls and hangs up on each.
async fn hang_up_on(listener: &TcpListener, calls: usize) {
    for _ in 0..calls {
        drop(listener.accept().await.unwrap());
    }
}
