//! Identities from an identity pool, as the emulator has one.

use aws_sdk_cognitoidentity::Client;
use synapscribe_aws::PoolIdentities;
use synapscribe_ports::conformance::accounts;

use crate::cloud::Cloud;

#[tokio::test]
async fn a_pool_gives_identities_as_everybody_who_gives_them() {
    let cloud = Cloud::empty().await;
    let asked = Client::new(&cloud.config).create_identity_pool().identity_pool_name("guests");
    let pool = asked.allow_unauthenticated_identities(true).send().await.unwrap().identity_pool_id;
    let identities = PoolIdentities::new(&cloud.config, &pool);
    identities.reach().await.unwrap();
    accounts::identities(&identities).await;
}
