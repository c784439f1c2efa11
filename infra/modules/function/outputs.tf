# What is deployed, for the tests and for what is built on it.
output "service" {
  value = google_cloud_run_v2_service.function
}

output "account" {
  value = local.account
}

output "roles" {
  description = "Every role that the account holds, in the project or on one thing."
  value = distinct(concat(
    [for r in google_project_iam_member.role : r.role],
    [for r in google_pubsub_topic_iam_member.publisher : r.role],
    [for r in google_secret_manager_secret_iam_member.reader : r.role],
  ))
}

output "invokers" {
  value = { for name, m in google_cloud_run_v2_service_iam_member.invoker : name => m.member }
}

output "publishes" {
  value = sort([for m in google_pubsub_topic_iam_member.publisher : m.topic])
}
