# Asks publish from outside whether it is there. Only GET /health of a public function can be asked without a token.
locals {
  publish_host = trimprefix(local.urls["publish"], "https://")
}

resource "google_monitoring_uptime_check_config" "publish" {
  project          = var.project
  display_name     = "Tidings: publish"
  period           = "300s"
  timeout          = "10s"
  selected_regions = ["USA", "EUROPE", "ASIA_PACIFIC"]

  http_check {
    path         = "/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = local.publish_host
    }
  }

  depends_on = [google_project_service.api]
}
