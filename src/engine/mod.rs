//! The event list and the loop; knows nothing of orders, queues or AWS.
