# The topics, and the subscriptions that push them to the functions.
resource "google_pubsub_topic" "topic" {
  for_each   = toset(local.topology.topics)
  project    = var.project
  name       = each.value
  depends_on = [google_project_service.api]
}

resource "google_pubsub_subscription" "push" {
  for_each             = local.subscriptions
  project              = var.project
  name                 = each.key
  topic                = google_pubsub_topic.topic[each.value.topic].name
  ack_deadline_seconds = each.value.ackDeadlineSeconds

  # What nobody could take within a week is lost, so the alert on its age comes long before.
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${local.urls[each.value.function]}${each.value.path}"
    oidc_token {
      service_account_email = local.caller_email["pubsub"]
      audience              = local.urls[each.value.function]
    }
  }

  retry_policy {
    minimum_backoff = "${each.value.minBackoffSeconds}s"
    maximum_backoff = "${each.value.maxBackoffSeconds}s"
  }

  # Only what reads the dead letters has none: it would feed itself.
  dynamic "dead_letter_policy" {
    for_each = each.value.deadLetter == "" ? [] : [each.value]
    content {
      dead_letter_topic     = "projects/${var.project}/topics/${google_pubsub_topic.topic[dead_letter_policy.value.deadLetter].name}"
      max_delivery_attempts = dead_letter_policy.value.attempts
    }
  }

  # Without this a subscription that had nothing to do for a month is deleted.
  expiration_policy {
    ttl = ""
  }

  depends_on = [module.function]
}

# Pub/Sub itself moves dead letters: it publishes them, and takes them off the subscription that they were refused on.
locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic_iam_member" "dead_letter_publisher" {
  for_each = toset([for s in local.topology.subscriptions : s.deadLetter if s.deadLetter != ""])
  project  = var.project
  topic    = google_pubsub_topic.topic[each.value].name
  role     = "roles/pubsub.publisher"
  member   = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead_letter_subscriber" {
  for_each     = { for name, s in local.subscriptions : name => s if s.deadLetter != "" }
  project      = var.project
  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
