# What somebody is woken for. Each alert has a playbook of its name, which is also the text of its message.
locals {
  log_metric = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user"
  run_metric = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com"
  job_metric = "resource.type=\"cloud_run_job\" AND metric.type=\"run.googleapis.com/job"
  sub_metric = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription"

  # A condition holds while the aligned and reduced value is above a limit for that long (seconds).
  alerts = {
    dead-letters = {
      title    = "Events could not be delivered and wait for an operator"
      severity = "ERROR"
      conditions = [
        {
          name    = "notify made a dead letter"
          filter  = "${local.log_metric}/${google_logging_metric.log["dead-letters"].name}\""
          aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [], above = 0, seconds = 0
        },
        {
          name    = "Pub/Sub gave up on a message"
          filter  = "${local.sub_metric}/dead_letter_message_count\""
          aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["resource.label.subscription_id"], above = 0, seconds = 0
        },
      ]
    }
    waiting = {
      title    = "Messages wait longer than they should"
      severity = "CRITICAL"
      conditions = [for name, s in local.subscriptions : {
        name    = "the oldest message of ${name} is over ${s.maxAgeSeconds} s old"
        filter  = "${local.sub_metric}/oldest_unacked_message_age\" AND resource.labels.subscription_id=\"${google_pubsub_subscription.push[name].name}\""
        aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = [], above = s.maxAgeSeconds, seconds = 120
      }]
    }
    errors = {
      title    = "A function answers with 5xx"
      severity = "ERROR"
      conditions = [{
        name    = "more than five in five minutes"
        filter  = "${local.run_metric}/request_count\" AND metric.labels.response_code_class=\"5xx\""
        aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = ["resource.label.service_name"], above = 5, seconds = 0
      }]
    }
    slow = {
      title    = "Delivering takes longer than a second"
      severity = "WARNING"
      conditions = [for name, s in local.subscriptions : {
        name    = "p99 of ${name} is over a second" # the metric counts microseconds
        filter  = "${local.sub_metric}/push_request_latencies\" AND resource.labels.subscription_id=\"${google_pubsub_subscription.push[name].name}\""
        aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", group_by = [], above = 1000000, seconds = 600
      } if contains(["events", "events-urgent"], s.topic)]
    }
    pushes = {
      title    = "FCM does not take pushes"
      severity = "WARNING"
      conditions = [{
        name    = "more than 50 messages in five minutes had pushes left over"
        filter  = "${local.log_metric}/${google_logging_metric.log["pushes-owed"].name}\""
        aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [], above = 50, seconds = 300
      }]
    }
    mails = {
      title    = "Mails are not sent"
      severity = "WARNING"
      conditions = [{
        name    = "more than five failed in ten minutes"
        filter  = "${local.log_metric}/${google_logging_metric.log["mails-failed"].name}\""
        aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [], above = 5, seconds = 300
      }]
    }
    webhooks = {
      title    = "A product does not take what it is told"
      severity = "WARNING"
      conditions = [{
        name    = "a message was given up, or an endpoint was switched off"
        filter  = "${local.log_metric}/${google_logging_metric.log["webhooks-given-up"].name}\""
        aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [], above = 0, seconds = 0
      }]
    }
    tokens = {
      title    = "Many devices are deleted"
      severity = "WARNING"
      conditions = [{
        name    = "FCM does not know more than 200 devices in five minutes"
        filter  = "${local.log_metric}/${google_logging_metric.log["devices-deleted"].name}\""
        aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [], above = 200, seconds = 300
      }]
    }
    retries = {
      title    = "Many messages are tried again"
      severity = "WARNING"
      conditions = [{
        name    = "more than 100 in five minutes"
        filter  = "${local.log_metric}/${google_logging_metric.log["handed-over"].name}\""
        aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [], above = 100, seconds = 300
      }]
    }
    down = {
      title    = "publish cannot be reached from outside"
      severity = "CRITICAL"
      conditions = [{
        name    = "two regions at least cannot reach it"
        filter  = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.labels.host=\"${local.publish_host}\""
        aligner = "ALIGN_NEXT_OLDER", reducer = "REDUCE_COUNT_FALSE", group_by = ["resource.label.host"], above = 1, seconds = 300
      }]
    }
    archive = {
      title    = "What is published is not archived, or not sealed"
      severity = "ERROR"
      conditions = concat(
        [for name, a in local.archives : {
          name    = "the oldest message of ${name} is over half an hour old" # an object takes ten minutes
          filter  = "${local.sub_metric}/oldest_unacked_message_age\" AND resource.labels.subscription_id=\"${google_pubsub_subscription.archive[name].name}\""
          aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", group_by = [], above = 1800, seconds = 300
        }],
        [for name, c in local.commands : {
          name    = "the job ${name} failed"
          filter  = "${local.job_metric}/completed_execution_count\" AND resource.labels.job_name=\"${google_cloud_run_v2_job.command[name].name}\" AND metric.labels.result=\"failed\""
          aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", group_by = [], above = 0, seconds = 0
        }],
      )
    }
    clock = {
      title      = "Nothing that waits for a time is looked at"
      severity   = "ERROR"
      conditions = []
      absent = {
        name    = "due has answered nobody for ten minutes"
        filter  = "${local.run_metric}/request_count\" AND resource.labels.service_name=\"${module.function["due"].service.name}\" AND metric.labels.response_code_class=\"2xx\""
        seconds = 600
      }
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each     = toset(var.alert_emails)
  project      = var.project
  type         = "email"
  display_name = "Tidings: ${each.value}"
  labels       = { email_address = each.value }
  depends_on   = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "alert" {
  for_each              = { for name, a in local.alerts : name => a if name != "archive" || var.archive_days > 0 }
  project               = var.project
  display_name          = "Tidings ${each.key}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for c in google_monitoring_notification_channel.email : c.id]
  user_labels           = { playbook = each.key }

  documentation {
    mime_type = "text/markdown"
    content   = file("${path.module}/playbooks/${each.key}.md")
  }

  dynamic "conditions" {
    for_each = each.value.conditions
    content {
      display_name = conditions.value.name
      condition_threshold {
        filter          = conditions.value.filter
        comparison      = "COMPARISON_GT"
        threshold_value = conditions.value.above
        duration        = "${conditions.value.seconds}s"
        aggregations {
          alignment_period     = "300s"
          per_series_aligner   = conditions.value.aligner
          cross_series_reducer = conditions.value.reducer
          group_by_fields      = conditions.value.group_by
        }
      }
    }
  }

  dynamic "conditions" {
    for_each = lookup(each.value, "absent", null) == null ? [] : [each.value.absent]
    content {
      display_name = conditions.value.name
      condition_absent {
        filter   = conditions.value.filter
        duration = "${conditions.value.seconds}s"
        aggregations {
          alignment_period     = "300s"
          per_series_aligner   = "ALIGN_DELTA"
          cross_series_reducer = "REDUCE_SUM"
        }
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }
}
