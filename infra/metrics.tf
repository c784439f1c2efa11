# Metrics that are counted from the functions' logs. What the filters look for is said in the code: a test looks for each message
# there. No label carries a reason or an id: reasons name people's devices, and each new value would be a time series of its own.
locals {
  log_metrics = {
    dead-letters = {
      description = "Messages, or parts of one, that cannot be delivered and wait for an operator."
      filter      = "resource.labels.service_name=\"notify\" AND jsonPayload.message=\"dead letter\""
    }
    handed-over = {
      description = "Messages that could not be delivered now and are tried again from events-retry."
      filter      = "resource.labels.service_name=\"notify\" AND jsonPayload.message=\"handed over to retry\""
    }
    pushes-owed = {
      description = "Messages whose pushes FCM did not take yet."
      filter      = "resource.labels.service_name=\"notify\" AND jsonPayload.message=\"handed over to retry\" AND jsonPayload.owed>0"
    }
    mails-failed = {
      description = "Mails that the SMTP server did not take now, or refused."
      filter      = "resource.labels.service_name=\"mailer\" AND (jsonPayload.message=\"a mail could not be sent now\" OR jsonPayload.message=\"a mail was refused\")"
    }
    webhooks-given-up = {
      description = "Messages that a product has not taken in all attempts, and endpoints that were switched off."
      filter      = "resource.labels.service_name=\"webhooks\" AND (jsonPayload.message=\"webhook given up\" OR jsonPayload.message=\"webhook switched off\")"
    }
    devices-deleted = {
      description = "Devices that were deleted because FCM does not know them any more."
      filter      = "resource.labels.service_name=\"notify\" AND jsonPayload.message=\"device deleted\""
    }
  }
}

resource "google_logging_metric" "log" {
  for_each    = local.log_metrics
  project     = var.project
  name        = "tidings/${each.key}"
  description = each.value.description
  filter      = "resource.type=\"cloud_run_revision\" AND ${each.value.filter}"
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
  depends_on = [google_project_service.api]
}
