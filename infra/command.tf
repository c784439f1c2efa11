# The command that looks after the archive, as a Cloud Run job of the same image: Cloud Scheduler has it seal, and operators execute it with arguments of their own. A request would end after
# a minute; a replay may take hours.
locals {
  commands = { for c in local.topology.commands : c.name => c if var.archive_days > 0 }

  command_account = { for name, _ in local.commands : name => "${google_service_account.command[name].account_id}@${var.project}.iam.gserviceaccount.com" }

  # What an account may do with the buckets: read the archive and add manifests to it; change its own notes.
  command_buckets = {
    reads = { bucket = "${var.project}-archive", role = "roles/storage.objectViewer" }
    seals = { bucket = "${var.project}-archive", role = "roles/storage.objectCreator" }
    notes = { bucket = "${var.project}-archive-notes", role = "roles/storage.objectUser" }
  }
}

resource "google_service_account" "command" {
  for_each     = local.commands
  project      = var.project
  account_id   = "tidings-${each.key}"
  display_name = "Tidings: the command ${each.key}"
}

resource "google_project_iam_member" "command" {
  for_each = { for r in flatten([for name, c in local.commands : [for role in c.roles : { name = name, role = role }]]) : "${r.name} ${r.role}" => r }
  project  = var.project
  role     = each.value.role
  member   = "serviceAccount:${local.command_account[each.value.name]}"
}

# Checkpoints and differences of replays. They are written again and again, which the archive's bucket forbids; whoever has not gone on with a replay for a week begins anew.
resource "google_storage_bucket" "notes" {
  count                       = var.archive_days > 0 ? 1 : 0
  project                     = var.project
  name                        = "${var.project}-archive-notes"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  lifecycle_rule {
    condition {
      age = 7
    }
    action {
      type = "Delete"
    }
  }
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_iam_member" "command" {
  for_each   = var.archive_days > 0 ? local.command_buckets : {}
  bucket     = each.value.bucket
  role       = each.value.role
  member     = "serviceAccount:${local.command_account["archive"]}"
  depends_on = [google_storage_bucket.archive, google_storage_bucket.notes]
}

resource "google_cloud_run_v2_job" "command" {
  for_each            = local.commands
  project             = var.project
  location            = var.region
  name                = each.key
  deletion_protection = false # nothing is in it

  template {
    task_count = 1
    template {
      service_account = local.command_account[each.key]
      timeout         = "${each.value.timeoutSeconds}s"
      max_retries     = 0 # the scheduler comes again; an operator sees why, and executes it again, which goes on

      containers {
        image = var.image
        args  = each.value.arguments
        resources {
          limits = { cpu = tostring(each.value.cpu), memory = "${each.value.memoryMiB}Mi" }
        }
        dynamic "env" {
          for_each = merge({ for name in each.value.environment : name => local.values[name] }, {
            FUNCTION_TARGET = each.key
            GOMEMLIMIT      = "${floor(each.value.memoryMiB * 0.9)}MiB"
            GOGC            = "200"
          })
          content {
            name  = env.key
            value = env.value
          }
        }
      }
    }
  }

  depends_on = [google_project_iam_member.command, google_storage_bucket_iam_member.command, google_firestore_database.default]
}

# The scheduler runs it as it is; operators give it arguments.
resource "google_cloud_run_v2_job_iam_member" "command" {
  for_each = merge(flatten([for name, _ in local.commands : concat(
    [{ "${name} scheduler" = { name = name, role = "roles/run.invoker", member = "serviceAccount:${local.caller_email["scheduler"]}" } }],
    [for o in var.operators : { "${name} ${o}" = { name = name, role = "roles/run.jobsExecutorWithOverrides", member = o } }],
  )])...)
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_job.command[each.value.name].name
  role     = each.value.role
  member   = each.value.member
}

resource "google_cloud_scheduler_job" "command" {
  for_each         = local.commands
  project          = var.project
  region           = var.region
  name             = "command-${each.key}"
  schedule         = each.value.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s" # for starting it: nobody waits for its end

  retry_config {
    retry_count = 3
  }

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project}/locations/${var.region}/jobs/${google_cloud_run_v2_job.command[each.key].name}:run"
    oauth_token {
      service_account_email = local.caller_email["scheduler"]
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.command]
}
