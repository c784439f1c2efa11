# A function: the service, the account that it runs as, what that account may do, and who may call it.
locals {
  account = "${google_service_account.function.account_id}@${var.project}.iam.gserviceaccount.com"

  # Google's own callers in this project count as internal. Browsers, webhooks and operators' laptops do not.
  outside = length(setintersection(var.function.callers, ["public", "operator"])) > 0
}

resource "google_service_account" "function" {
  project      = var.project
  account_id   = "tidings-${var.function.name}"
  display_name = "Tidings: the function ${var.function.name}"
}

resource "google_project_iam_member" "role" {
  for_each = toset(var.function.roles)
  project  = var.project
  role     = each.value
  member   = "serviceAccount:${local.account}"
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = toset(var.function.publishes)
  project  = var.project
  topic    = each.value
  role     = "roles/pubsub.publisher"
  member   = "serviceAccount:${local.account}"
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each  = var.secrets
  project   = var.project
  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.account}"
}

resource "google_cloud_run_v2_service" "function" {
  project             = var.project
  location            = var.region
  name                = var.function.name
  ingress             = local.outside ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY"
  custom_audiences    = [var.url]
  deletion_protection = var.protect

  template {
    service_account                  = local.account
    timeout                          = "${var.function.timeoutSeconds}s"
    max_instance_request_concurrency = var.function.concurrency
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN1" # starts faster; the functions need nothing of the other

    scaling {
      min_instance_count = var.min_instances
      max_instance_count = var.function.maxInstances
    }

    containers {
      image = var.image
      ports {
        container_port = 8080
      }
      resources {
        limits            = { cpu = tostring(var.function.cpu), memory = "${var.function.memoryMiB}Mi" }
        cpu_idle          = true # billed while requests are under way
        startup_cpu_boost = true
      }
      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 30
        http_get {
          path = "/health"
          port = 8080
        }
      }
      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 3
        http_get {
          path = "/health"
          port = 8080
        }
      }

      dynamic "env" {
        for_each = merge(var.environment, {
          FUNCTION_TARGET = var.function.name
          GOMEMLIMIT      = "${floor(var.function.memoryMiB * 0.9)}MiB" # collect harder before the limit kills the instance
          GOGC            = "200"                                       # little lives long, and a start would collect several times; what a larger heap saves, its fresh pages cost
        })
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = var.secrets
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value.id
              version = env.value.version
            }
          }
        }
      }
    }
  }

  depends_on = [google_project_iam_member.role, google_pubsub_topic_iam_member.publisher, google_secret_manager_secret_iam_member.reader]
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_service.function.name
  role     = "roles/run.invoker"
  member   = each.value
}
