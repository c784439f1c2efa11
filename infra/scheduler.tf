# What is called by the clock.
resource "google_cloud_scheduler_job" "job" {
  for_each         = { for j in local.topology.jobs : j.name => j if contains(keys(local.functions), j.function) }
  project          = var.project
  region           = var.region
  name             = each.key
  schedule         = each.value.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "${local.functions[each.value.function].timeoutSeconds}s"

  retry_config {
    retry_count = each.value.retries
  }

  http_target {
    http_method = "POST"
    uri         = "${local.urls[each.value.function]}${each.value.path}"
    oidc_token {
      service_account_email = local.caller_email["scheduler"]
      audience              = local.urls[each.value.function]
    }
  }

  depends_on = [module.function]
}
