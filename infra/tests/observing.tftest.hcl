# Alerts, metrics, dashboard and budget.
override_data {
  target = data.google_project.this
  values = { number = "123456789012" }
}

variables {
  project         = "tidings-test"
  image           = "us-central1-docker.pkg.dev/tidings-test/tidings/functions@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  alert_emails    = ["oncall@example.com"]
  billing_account = "000000-000000-000000"
}

run "alerts" {
  command = plan

  assert {
    condition = alltrue(flatten([for a in google_monitoring_alert_policy.alert : [for c in a.conditions : contains(concat(
      # Google's own (cloud.google.com/monitoring/api/metrics_gcp), and what metrics.tf counts.
      [
        "monitoring.googleapis.com/uptime_check/check_passed", "run.googleapis.com/request_count",
        "pubsub.googleapis.com/subscription/dead_letter_message_count", "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
        "pubsub.googleapis.com/subscription/push_request_latencies", "run.googleapis.com/job/completed_execution_count",
      ],
      [for m in google_logging_metric.log : "logging.googleapis.com/user/${m.name}"],
    ), one(regex("metric\\.type=\"([^\"]+)\"", try(c.condition_threshold[0].filter, c.condition_absent[0].filter))))]]))
    error_message = "an alert looks at a metric that does not exist"
  }
  assert {
    condition     = alltrue([for a in google_monitoring_alert_policy.alert : length(a.conditions) > 0 && length(a.notification_channels) == 1])
    error_message = "every alert has a condition, and somebody is told"
  }
  assert {
    condition     = length(distinct(flatten([for a in google_monitoring_alert_policy.alert : [for c in a.conditions : c.display_name if strcontains(c.display_name, "oldest message")]]))) == length(google_pubsub_subscription.push) + length(google_pubsub_subscription.archive)
    error_message = "every subscription's oldest message is watched"
  }
  assert {
    condition     = toset([for f in fileset("playbooks", "*.md") : trimsuffix(f, ".md")]) == toset(concat(keys(google_monitoring_alert_policy.alert), ["budget"]))
    error_message = "each alert and the budget have a playbook, and no playbook is without"
  }
  assert {
    condition     = alltrue([for name, a in google_monitoring_alert_policy.alert : a.documentation[0].content == file("playbooks/${name}.md") && length(a.documentation[0].content) < 8000])
    error_message = "an alert's message is its playbook, which has room in it (8 KiB)"
  }
}

run "metrics" {
  command = plan

  assert {
    condition     = alltrue([for m in google_logging_metric.log : length(regexall("resource\\.type=\"cloud_run_revision\"", m.filter)) == 1 && length(m.metric_descriptor[0].labels) == 0])
    error_message = "log-based metrics look at the functions' logs, and no label carries what a log line says"
  }
  assert {
    condition     = alltrue([for m in google_logging_metric.log : strcontains(google_monitoring_dashboard.tidings.dashboard_json, m.name)])
    error_message = "the dashboard shows every metric of ours"
  }
  assert {
    condition     = google_monitoring_uptime_check_config.publish.monitored_resource[0].labels.host == "publish-123456789012.us-central1.run.app" && google_monitoring_uptime_check_config.publish.http_check[0].path == "/health"
    error_message = "publish is asked from outside"
  }
  assert {
    condition     = one(google_billing_budget.month[0].amount[0].specified_amount).units == tostring(var.monthly_budget) && length(google_billing_budget.month[0].threshold_rules) == 3
    error_message = "the budget mails at half, at all, and at the forecast"
  }
}

run "without_billing_account" {
  command = plan
  variables {
    billing_account = ""
  }

  assert {
    condition     = length(google_billing_budget.month) == 0
    error_message = "no budget without a billing account"
  }
}

run "logs" {
  command = plan

  assert {
    condition     = strcontains(google_logging_project_exclusion.successes.filter, "httpRequest.status<400") && !strcontains(google_logging_project_exclusion.successes.filter, "\"due\"")
    error_message = "only what went well is not kept, and not of due: the playbook clock looks for it"
  }
}

run "without_telemetry" {
  command = plan

  assert {
    condition     = alltrue(flatten([for f in module.function : [for e in f.service.template[0].containers[0].env : !startswith(e.name, "OTEL_")]])) && length(google_project_iam_member.telemetry) == 0
    error_message = "nothing is exported, and nobody may, where no collector is named"
  }
}

run "telemetry_of_google" {
  command = plan
  variables {
    otlp_endpoint = "https://telemetry.googleapis.com"
    trace_ratio   = 0.05
  }

  assert {
    condition = alltrue([for f in module.function : toset([for e in f.service.template[0].containers[0].env : "${e.name}=${e.value}" if startswith(e.name, "OTEL_")]) == toset([
      "OTEL_EXPORTER_OTLP_ENDPOINT=https://telemetry.googleapis.com", "OTEL_TRACES_SAMPLER_ARG=0.05",
    ])])
    error_message = "every function exports to the collector that is named"
  }
  assert {
    condition     = toset([for m in google_project_iam_member.telemetry : "${m.role} ${m.member}"]) == toset(flatten([for f in module.function : [for r in ["roles/telemetry.metricsWriter", "roles/telemetry.tracesWriter"] : "${r} serviceAccount:${f.account}"]])) && length(google_project_service.telemetry) == 1
    error_message = "every function's account may write spans and metrics, and nothing else of it"
  }
}

run "telemetry_of_another_collector" {
  command = plan
  variables {
    otlp_endpoint = "http://collector.example:4318"
  }

  assert {
    condition     = length(google_project_iam_member.telemetry) == 0 && length(google_project_service.telemetry) == 0
    error_message = "another collector needs nothing of Google's"
  }
}
