# Spans and metrics of the functions: off unless a collector is named. The functions read OpenTelemetry's own variables.
locals {
  telemetry = var.otlp_endpoint == "" ? {} : {
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint
    OTEL_TRACES_SAMPLER_ARG     = tostring(var.trace_ratio)
  }
  google_collector = can(regex("^https://[^/]+\\.googleapis\\.com(/|$)", var.otlp_endpoint))

  # Google's collector takes them from accounts with these roles.
  telemetry_roles = local.google_collector ? ["roles/telemetry.metricsWriter", "roles/telemetry.tracesWriter"] : []
}

resource "google_project_service" "telemetry" {
  count              = local.google_collector ? 1 : 0
  project            = var.project
  service            = "telemetry.googleapis.com"
  disable_on_destroy = false
}

resource "google_project_iam_member" "telemetry" {
  for_each = { for pair in setproduct(keys(local.functions), local.telemetry_roles) : "${pair[0]} ${pair[1]}" => { function = pair[0], role = pair[1] } }
  project  = var.project
  role     = each.value.role
  member   = "serviceAccount:${module.function[each.value.function].account}"
}
