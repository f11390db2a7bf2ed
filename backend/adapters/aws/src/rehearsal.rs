//! The tables, queues and bucket of a deployment, made in an emulator so that it can be rehearsed without an account. In AWS the
//! template makes them.

use std::error::Error;

use aws_sdk_cognitoidentityprovider::types::{ExplicitAuthFlowsType, PasswordPolicyType, UserPoolPolicyType};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use aws_sdk_eventbridge::types::Target;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CorsConfiguration, CorsRule, CreateBucketConfiguration, Event, EventBridgeConfiguration,
    NotificationConfiguration, QueueConfiguration,
};
use aws_sdk_sqs::types::QueueAttributeName;

use crate::SdkConfig;
use crate::bells::Queues;
use crate::tables::{TABLES, Table, Tables};

/// Why something could not be made.
pub type Fault = Box<dyn Error + Send + Sync>;

/// Makes every table.
pub async fn tables(config: &SdkConfig, tables: &Tables) -> Result<(), Fault> {
    let client = aws_sdk_dynamodb::Client::new(config);
    for table in &TABLES {
        create(&client, &tables.name(table), table).await?;
    }
    Ok(())
}

/// Makes a queue for each lane.
pub async fn queues(config: &SdkConfig) -> Result<Queues, Fault> {
    Ok(Queues {
        arrivals: queue(config, "arrivals").await?,
        answers: queue(config, "answers").await?,
        ingests: queue(config, "ingests").await?,
    })
}

/// Makes a queue and returns its address.
pub async fn queue(config: &SdkConfig, name: &str) -> Result<String, Fault> {
    let made = aws_sdk_sqs::Client::new(config).create_queue().queue_name(name).send().await?;
    Ok(made.queue_url.ok_or("the queue has no address")?)
}

/// Makes a bus of events.
pub async fn bus(config: &SdkConfig, name: &str) -> Result<(), Fault> {
    aws_sdk_eventbridge::Client::new(config).create_event_bus().name(name).send().await?;
    Ok(())
}

/// Makes a queue that is told of every event of ours on a bus, as the rule of an operator leads them on, and returns its address.
pub async fn listener(config: &SdkConfig, bus: &str) -> Result<String, Fault> {
    let address = queue(config, "listener").await?;
    let events = aws_sdk_eventbridge::Client::new(config);
    let rule = events.put_rule().name("listener").event_bus_name(bus).event_pattern(r#"{"source":["synapscribe"]}"#);
    rule.send().await?;
    let target = Target::builder().id("queue").arn(arn(config, &address).await?).build()?;
    events.put_targets().rule("listener").event_bus_name(bus).targets(target).send().await?;
    Ok(address)
}

/// A queue by the name that other services have for it.
async fn arn(config: &SdkConfig, queue: &str) -> Result<String, Fault> {
    let sqs = aws_sdk_sqs::Client::new(config);
    let about = sqs.get_queue_attributes().queue_url(queue).attribute_names(QueueAttributeName::QueueArn).send().await?;
    let arn = about.attributes().and_then(|all| all.get(&QueueAttributeName::QueueArn)).ok_or("the queue has no name")?;
    Ok(arn.clone())
}

/// Makes the bucket.
pub async fn bucket(config: &SdkConfig, name: &str) -> Result<(), Fault> {
    let region = config.region().map_or("us-east-1", |region| region.as_ref());
    let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region)).build();
    // The oldest region is the one that must not be named.
    let place = (region != "us-east-1").then_some(place);
    s3(config).create_bucket().bucket(name).set_create_bucket_configuration(place).send().await?;
    Ok(())
}

/// Has the bucket tell a queue of every new object.
pub async fn announce(config: &SdkConfig, bucket: &str, queue: &str) -> Result<(), Fault> {
    let arn = arn(config, queue).await?;
    let created = QueueConfiguration::builder().queue_arn(arn).events(Event::S3ObjectCreated).build()?;
    let notify = NotificationConfiguration::builder().queue_configurations(created).build();
    s3(config).put_bucket_notification_configuration().bucket(bucket).notification_configuration(notify).send().await?;
    Ok(())
}

/// Has the bucket tell no queue of new objects any more, as one whose notification was lost.
pub async fn silence(config: &SdkConfig, bucket: &str) -> Result<(), Fault> {
    let bus = EventBridgeConfiguration::builder().build();
    let notify = NotificationConfiguration::builder().event_bridge_configuration(bus).build();
    s3(config).put_bucket_notification_configuration().bucket(bucket).notification_configuration(notify).send().await?;
    Ok(())
}

/// Lets the page of an address put objects into the bucket, and no other page.
pub async fn page(config: &SdkConfig, bucket: &str, origin: &str) -> Result<(), Fault> {
    let rule = CorsRule::builder().allowed_methods("PUT").allowed_headers("*").allowed_origins(origin).build()?;
    let rules = CorsConfiguration::builder().cors_rules(rule).build()?;
    s3(config).put_bucket_cors().bucket(bucket).cors_configuration(rules).send().await?;
    Ok(())
}

fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(config).force_path_style(true).build())
}

async fn create(client: &aws_sdk_dynamodb::Client, name: &str, table: &Table) -> Result<(), Fault> {
    let mut attributes = vec![table.hash];
    attributes.extend(table.range);
    let create = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let mut create = create.set_key_schema(Some(schema(table.hash, table.range)?));
    if let Some((index, hash, range)) = table.index {
        attributes.extend([hash, range]);
        let index = GlobalSecondaryIndex::builder()
            .index_name(index)
            .set_key_schema(Some(schema(hash, Some(range))?))
            .projection(Projection::builder().projection_type(ProjectionType::All).build());
        create = create.global_secondary_indexes(index.build()?);
    }
    for attribute in attributes {
        let kind = if attribute.ends_with("At") || attribute == "id" { ScalarAttributeType::N } else { ScalarAttributeType::S };
        let definition = AttributeDefinition::builder().attribute_name(attribute).attribute_type(kind);
        create = create.attribute_definitions(definition.build()?);
    }
    create.send().await?;
    Ok(())
}

fn schema(hash: &str, range: Option<&str>) -> Result<Vec<KeySchemaElement>, Fault> {
    let element = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let mut keys = vec![element(hash, KeyType::Hash)?];
    if let Some(range) = range {
        keys.push(element(range, KeyType::Range)?);
    }
    Ok(keys)
}

/// Lets letters come from an address.
pub async fn sender(config: &SdkConfig, address: &str) -> Result<(), Fault> {
    aws_sdk_sesv2::Client::new(config).create_email_identity().email_identity(address).send().await?;
    Ok(())
}

/// Makes a user pool with the rules that the template's has, and a client of it; gives the names of both.
pub async fn user_pool(config: &SdkConfig, name: &str) -> Result<(String, String), Fault> {
    let client = aws_sdk_cognitoidentityprovider::Client::new(config);
    let rules = PasswordPolicyType::builder().minimum_length(8).require_lowercase(false).require_uppercase(false);
    let rules = rules.require_numbers(false).require_symbols(false).build();
    let policies = UserPoolPolicyType::builder().password_policy(rules).build();
    let pool = client.create_user_pool().pool_name(name).policies(policies).send().await?.user_pool;
    let pool = pool.and_then(|pool| pool.id).ok_or("the user pool has no name")?;
    let app = client.create_user_pool_client().user_pool_id(&pool).client_name("accounts");
    let app = app.explicit_auth_flows(ExplicitAuthFlowsType::AllowAdminUserPasswordAuth).send().await?.user_pool_client;
    let app = app.and_then(|app| app.client_id).ok_or("the client of the user pool has no name")?;
    Ok((pool, app))
}

/// Stores a secret.
pub async fn secret(config: &SdkConfig, name: &str, text: &str) -> Result<(), Fault> {
    aws_sdk_secretsmanager::Client::new(config).create_secret().name(name).secret_string(text).send().await?;
    Ok(())
}

/// Changes what a secret says.
pub async fn rewrite_secret(config: &SdkConfig, name: &str, text: &str) -> Result<(), Fault> {
    aws_sdk_secretsmanager::Client::new(config).put_secret_value().secret_id(name).secret_string(text).send().await?;
    Ok(())
}

/// Takes from the bucket what refuses plain HTTP: the emulator refuses everything then, and speaks nothing else.
pub async fn without_tls(config: &SdkConfig, bucket: &str) -> Result<(), Fault> {
    s3(config).delete_bucket_policy().bucket(bucket).send().await?;
    Ok(())
}
