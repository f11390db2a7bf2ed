//! Becoming a guest.

use synapscribe_ports::Clock;

use crate::support::Host;

#[tokio::test]
async fn a_guest_gets_an_identity_and_credentials_for_an_hour() {
    let host = Host::start().await;
    let cognito = host.cognito();
    let id = cognito.get_id().identity_pool_id(&host.pool).send().await.unwrap().identity_id.unwrap();
    assert!(id.starts_with("us-east-1:"));
    let answer = cognito.get_credentials_for_identity().identity_id(&id).send().await.unwrap();
    assert_eq!(answer.identity_id.as_deref(), Some(id.as_str()));
    let credentials = answer.credentials.unwrap();
    assert!(credentials.access_key_id.unwrap().starts_with("ASIA"));
    let left = credentials.expiration.unwrap().secs() - host.clock.now().0 / 1000;
    assert!((3590..=3600).contains(&left), "{left} s left");
}

#[tokio::test]
async fn the_sdk_sees_the_errors_of_the_real_service() {
    let host = Host::start().await;
    let cognito = host.cognito();
    let error = cognito.get_id().identity_pool_id("us-east-1:nobody").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    let stranger = "us-east-1:0c5c2f4e-1111-4222-8333-444455556666";
    let error = cognito.get_credentials_for_identity().identity_id(stranger).send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    let error = cognito.get_id().identity_pool_id(&host.pool).logins("accounts.example", "token").send().await.unwrap_err();
    assert!(error.into_service_error().is_not_authorized_exception());
}

#[tokio::test]
async fn an_identity_and_its_credentials_outlive_a_restart() {
    let host = Host::start().await;
    let guest = host.guest().await;
    let key = guest.key("l1/talk.mp3");
    guest.put(&key, b"before").await;
    let host = host.restart().await;
    let same = host.s3(guest.credentials.clone());
    let found = same.get_object().bucket("synapscribe").key(&key).send().await.unwrap();
    assert_eq!(found.body.collect().await.unwrap().to_vec(), b"before");
    host.credentials(&guest.id).await;
}
