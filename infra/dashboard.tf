# One page: what comes in, what waits, what went wrong, what it costs.
locals {
  charts = [
    { title = "Requests by function and answer", filter = "${local.run_metric}/request_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name", "metric.label.response_code_class"] },
    { title = "Time to answer, p99 by function (ms)", filter = "${local.run_metric}/request_latencies\"", aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", group_by = ["resource.label.service_name"] },
    { title = "Oldest message by subscription (s)", filter = "${local.sub_metric}/oldest_unacked_message_age\"", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = ["resource.label.subscription_id"] },
    { title = "Messages waiting by subscription", filter = "${local.sub_metric}/num_undelivered_messages\"", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = ["resource.label.subscription_id"] },
    { title = "Time to deliver, p99 by subscription (µs)", filter = "${local.sub_metric}/push_request_latencies\"", aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", group_by = ["resource.label.subscription_id"] },
    { title = "Dead letters", filter = "${local.log_metric}/${google_logging_metric.log["dead-letters"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [] },
    { title = "Tried again", filter = "${local.log_metric}/${google_logging_metric.log["handed-over"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [] },
    { title = "Pushes that FCM did not take yet", filter = "${local.log_metric}/${google_logging_metric.log["pushes-owed"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [] },
    { title = "Devices deleted", filter = "${local.log_metric}/${google_logging_metric.log["devices-deleted"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [] },
    { title = "Mails that failed", filter = "${local.log_metric}/${google_logging_metric.log["mails-failed"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [] },
    { title = "Webhooks given up, and endpoints switched off", filter = "${local.log_metric}/${google_logging_metric.log["webhooks-given-up"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [] },
    { title = "Instances by function", filter = "${local.run_metric}/container/instance_count\"", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name", "metric.label.state"] },
    { title = "Documents read", filter = "resource.type=\"firestore_instance\" AND metric.type=\"firestore.googleapis.com/document/read_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = ["metric.label.type"] },
    { title = "Documents written", filter = "resource.type=\"firestore_instance\" AND metric.type=\"firestore.googleapis.com/document/write_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = ["metric.label.op"] },
    { title = "Documents removed by TTL", filter = "resource.type=\"firestore_instance\" AND metric.type=\"firestore.googleapis.com/document/ttl_deletion_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group_by = [] },
  ]
}

resource "google_monitoring_dashboard" "tidings" {
  project = var.project
  dashboard_json = jsonencode({
    displayName = "Tidings"
    mosaicLayout = {
      columns = 12
      tiles = [for i, c in local.charts : {
        xPos = 6 * (i % 2), yPos = 4 * floor(i / 2), width = 6, height = 4
        widget = {
          title = c.title
          xyChart = { dataSets = [{
            plotType = "LINE"
            timeSeriesQuery = { timeSeriesFilter = {
              filter = c.filter
              aggregation = {
                alignmentPeriod    = "60s"
                perSeriesAligner   = c.aligner
                crossSeriesReducer = c.reducer
                groupByFields      = c.group_by
              }
            } }
          }] }
        }
      }]
    }
  })
  depends_on = [google_project_service.api]
}
