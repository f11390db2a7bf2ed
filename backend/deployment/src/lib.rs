//! The composition root of a deployment on AWS: settings from the environment, and the ports over its services. It has no logic.
