# The archive: what the doors publish, as it was published, in Cloud Storage. Pub/Sub writes it itself (no function, no CPU), and a lifecycle rule deletes it. What seals and replays it
# is in command.tf.
locals {
  archives = { for a in local.topology.archives : a.name => a if var.archive_days > 0 }
}

resource "google_storage_bucket" "archive" {
  count                       = var.archive_days > 0 ? 1 : 0
  project                     = var.project
  name                        = "${var.project}-archive"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.protect

  # What people were told is kept no longer than this, and deleted objects are gone at once.
  lifecycle_rule {
    condition {
      age = var.archive_days
    }
    action {
      type = "Delete"
    }
  }
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # Until then nobody can change or delete an object, administrators of the project included, unless they take this rule away.
  dynamic "retention_policy" {
    for_each = var.protect ? [var.archive_days - 1] : []
    content {
      retention_period = retention_policy.value * 86400
    }
  }

  depends_on = [google_project_service.api]
}

# Pub/Sub's own account creates objects, and looks whether the bucket is there; it can read and delete none.
resource "google_storage_bucket_iam_member" "archive" {
  for_each = toset(var.archive_days > 0 ? ["roles/storage.objectCreator", "roles/storage.legacyBucketReader"] : [])
  bucket   = google_storage_bucket.archive[0].name
  role     = each.value
  member   = local.pubsub_agent
}

resource "google_pubsub_subscription" "archive" {
  for_each = local.archives
  project  = var.project
  name     = each.key
  topic    = google_pubsub_topic.topic[each.value.topic].name

  # A filter cannot be changed: another one is another subscription. Pub/Sub takes at most 256 bytes of it.
  filter = join(" AND ", [for a in each.value.without : "NOT attributes:${a}"])

  cloud_storage_config {
    bucket                   = google_storage_bucket.archive[0].name
    filename_prefix          = "${each.value.topic}/"
    filename_datetime_format = "YYYY/MM/DD/hh_mm_ssZ"
    filename_suffix          = ".avro"
    max_duration             = "600s"
    max_bytes                = 10000000
    avro_config {
      write_metadata = true
    }
  }

  # While Cloud Storage cannot be written to, messages wait for a week.
  message_retention_duration = "604800s"
  ack_deadline_seconds       = 300
  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }
  expiration_policy {
    ttl = ""
  }

  depends_on = [google_storage_bucket_iam_member.archive]
}
