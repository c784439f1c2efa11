# What became of events, for whoever asks (shared/README, "Facts"): functions publish facts, Pub/Sub writes them into BigQuery by itself,
# and rows are deleted after 30 days. The topic is always there, and without the key nobody publishes to it.
resource "google_bigquery_dataset" "insight" {
  count      = var.insight ? 1 : 0
  project    = var.project
  dataset_id = "insight"
  location   = coalesce(var.insight_location, var.region)

  description                = "What became of events: facts, without names. shared/README.md of Tidings has the words."
  delete_contents_on_destroy = !var.protect

  depends_on = [google_project_service.api]
}

resource "google_bigquery_table" "facts" {
  count               = var.insight ? 1 : 0
  project             = var.project
  dataset_id          = google_bigquery_dataset.insight[0].dataset_id
  table_id            = "facts"
  schema              = file("${path.module}/facts/schema.json")
  clustering          = ["event", "person"]
  deletion_protection = var.protect

  time_partitioning {
    type          = "DAY"
    field         = "day"
    expiration_ms = 30 * 24 * 60 * 60 * 1000
  }
}

# The views, each after those that it reads, with the names filled in. Tests run the same files (infra/facts).
locals {
  in_insight = "${var.project}.insight"
}

resource "google_bigquery_table" "once" {
  count               = var.insight ? 1 : 0
  project             = var.project
  dataset_id          = google_bigquery_dataset.insight[0].dataset_id
  table_id            = "facts_once"
  deletion_protection = false
  view {
    query          = templatefile("${path.module}/facts/once.sql", { facts = "`${local.in_insight}.${google_bigquery_table.facts[0].table_id}`" })
    use_legacy_sql = false
  }
}

resource "google_bigquery_table" "view" {
  for_each            = var.insight ? toset(["rollup", "held"]) : toset([])
  project             = var.project
  dataset_id          = google_bigquery_dataset.insight[0].dataset_id
  table_id            = "facts_${each.value}"
  deletion_protection = false
  view {
    query          = templatefile("${path.module}/facts/${each.value}.sql", { facts_once = "`${local.in_insight}.${google_bigquery_table.once[0].table_id}`" })
    use_legacy_sql = false
  }
}

# Pub/Sub writes as its service agent, which may do so in this one data set.
resource "google_bigquery_dataset_iam_member" "writer" {
  for_each   = var.insight ? toset(["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"]) : toset([])
  project    = var.project
  dataset_id = google_bigquery_dataset.insight[0].dataset_id
  role       = each.value
  member     = local.pubsub_agent
}

# The function that answers for events reads this one data set. That it may run queries in the project, its roles say.
resource "google_bigquery_dataset_iam_member" "reader" {
  for_each   = { for name, f in local.functions : name => f if contains(f.roles, "roles/bigquery.jobUser") }
  project    = var.project
  dataset_id = google_bigquery_dataset.insight[0].dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = "serviceAccount:${module.function[each.key].account}"
}

resource "google_pubsub_subscription" "facts" {
  count   = var.insight ? 1 : 0
  project = var.project
  name    = "facts-bigquery"
  topic   = google_pubsub_topic.topic["facts"].name

  message_retention_duration = "604800s"

  # A field of a newer version, which the table has not yet, is left out, and the row is written all the same.
  bigquery_config {
    table               = "${var.project}.${google_bigquery_table.facts[0].dataset_id}.${google_bigquery_table.facts[0].table_id}"
    use_table_schema    = true
    drop_unknown_fields = true
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_bigquery_dataset_iam_member.writer]
}
