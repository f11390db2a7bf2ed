//! What was spent, from Cost Explorer, by the tag that every resource of a deployment has.

use aws_sdk_costexplorer::Client;
use aws_sdk_costexplorer::types::{DateInterval, Expression, Granularity, GroupDefinition, GroupDefinitionType, TagValues};
use serde::Serialize;
use synapscribe_client::ClientError;
use time::format_description::well_known::Iso8601;
use time::{Date, Duration, OffsetDateTime};

use crate::cloud::{Cloud, code, refused};

/// The tag that names a deployment.
const TAG: &str = "Deployment";
const MEASURE: &str = "UnblendedCost";

/// What was spent on one service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spent {
    /// The service, as the bill names it.
    pub service: String,
    /// What it cost.
    pub usd: f64,
}

/// What a deployment cost in the last days, the dearest service first. Today's costs come a day late.
pub async fn spent(cloud: &Cloud, deployment: &str, days: u32) -> Result<Vec<Spent>, ClientError> {
    let what = "reading the bill";
    let unbuilt = |error: aws_sdk_costexplorer::error::BuildError| ClientError::new(code::AWS, error.to_string());
    let today = OffsetDateTime::now_utc().date();
    let day = |date: Date| date.format(&Iso8601::DATE).unwrap_or_default();
    let period = DateInterval::builder().start(day(today - Duration::days(i64::from(days)))).end(day(today)).build();
    let tagged = Expression::builder().tags(TagValues::builder().key(TAG).values(deployment).build()).build();
    let by_service = GroupDefinition::builder().r#type(GroupDefinitionType::Dimension).key("SERVICE").build();
    let asked = Client::new(&cloud.config)
        .get_cost_and_usage()
        .time_period(period.map_err(unbuilt)?)
        .granularity(Granularity::Monthly)
        .filter(tagged)
        .metrics(MEASURE)
        .group_by(by_service);
    let told = asked.send().await.map_err(|error| refused(what, &error))?;
    let mut services: Vec<Spent> = Vec::new();
    for group in told.results_by_time.unwrap_or_default().into_iter().flat_map(|month| month.groups.unwrap_or_default()) {
        let service = group.keys.unwrap_or_default().join(", ");
        let cost = group.metrics.as_ref().and_then(|all| all.get(MEASURE)?.amount()?.parse::<f64>().ok()).unwrap_or(0.0);
        match services.iter_mut().find(|known| known.service == service) {
            Some(known) => known.usd += cost,
            None => services.push(Spent { service, usd: cost }),
        }
    }
    services.sort_by(|a, b| b.usd.total_cmp(&a.usd));
    Ok(services)
}
