//! Playing the recorded sign-ins of a file, without a network.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{Request, Response};
use http_body_util::BodyExt as _;
use linchpin_provider::{
    Answer, Asked, Body, Client, Credentials, Pending, Provider, Reply, Secret, SendError,
    Transport, whole,
};

use super::{
    Declared,
    scenario::{Exchange, Scenario},
};
use crate::file::Problem;

impl Declared {
    /// How many scenarios the file has.
    pub fn scenarios(&self) -> usize {
        self.scenarios.len()
    }

    /// Plays every scenario of the file; what comes out otherwise than it says is a problem.
    pub async fn play(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for scenario in self.scenarios.iter() {
            problems.extend(self.play_one(scenario).await);
        }
        problems
    }

    async fn play_one(&self, scenario: &Scenario) -> Vec<Problem> {
        let stage = Arc::new(Stage {
            place: scenario.place.clone(),
            left: Mutex::new(scenario.exchanges.iter().cloned().collect()),
            wrong: Mutex::default(),
        });
        let client = Client::new(OnStage(Arc::clone(&stage)));
        let answer = self.with_placeholders().act(&client, scenario).await;
        let mut wrong = std::mem::take(&mut *lock(&stage.wrong));
        if wrong.is_empty() {
            wrong.extend(scenario.judge(&answer));
        }
        let left = lock(&stage.left);
        if let (true, Some(left)) = (wrong.is_empty(), left.front()) {
            let message = format!("{} was not made", left.request);
            wrong.push(left.place.with(message));
        }
        let named = |problem: Problem| {
            let message = format!("scenario {:?}: {}", scenario.name, problem.message);
            problem.with(message)
        };
        wrong.into_iter().map(named).collect()
    }

    /// Signs in as the scenario does.
    async fn act(&self, client: &Client, scenario: &Scenario) -> Answer {
        let credentials = Credentials {
            username: scenario.username.clone(),
            password: Secret::new(scenario.password.clone()),
        };
        let answer = self.sign_in(client, credentials).await;
        let (
            Some(method),
            Answer::SecondFactor {
                challenge,
                progress,
            },
        ) = (scenario.method, &answer)
        else {
            return answer;
        };
        let mut pending = Pending {
            username: scenario.username.clone(),
            progress: progress.clone(),
        };
        if challenge.methods.first() != Some(&method)
            && let Asked::Done {
                progress: Some(progress),
            } = self.ask(client, &pending, method).await
        {
            pending.progress = progress;
        }
        let reply = match &scenario.code {
            Some(code) => Reply::Code {
                method,
                code: Secret::new(code.clone()),
            },
            None => Reply::Approval {
                waited: Duration::from_secs(1),
            },
        };
        self.second_factor(client, &pending, reply).await
    }
}

/// What is left of a scenario that is played.
struct Stage {
    /// Where the scenario stands.
    place: Problem,
    left: Mutex<VecDeque<Exchange>>,
    wrong: Mutex<Vec<Problem>>,
}

struct OnStage(Arc<Stage>);

#[async_trait::async_trait]
impl Transport for OnStage {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError> {
        let (head, body) = request.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|_| SendError::Broken)?
            .to_bytes();
        let made = format!("{} {}", head.method, head.uri);
        let next = lock(&self.0.left).pop_front();
        let Some(next) = next else {
            let mut wrong = lock(&self.0.wrong);
            wrong.push(
                self.0
                    .place
                    .with(format!("{made} is made, which it does not have")),
            );
            return Err(SendError::Broken);
        };
        if made != next.request {
            let message = format!("{made} is made, where it has {}", next.request);
            lock(&self.0.wrong).push(next.place.with(message));
            return Err(SendError::Broken);
        }
        let sent = String::from_utf8_lossy(&body);
        if let Some(wanted) = next.sends.as_ref().filter(|wanted| **wanted != sent) {
            let message = format!("{made} sends {sent:?}, where it has {wanted:?}");
            lock(&self.0.wrong).push(next.place.with(message));
            return Err(SendError::Broken);
        }
        let mut answer = Response::new(whole(next.body));
        *answer.status_mut() = next.status;
        *answer.headers_mut() = next.headers;
        Ok(answer)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
