# Mails when the month gets dear. A budget stops nothing: the functions' maxInstances do.
resource "google_billing_budget" "month" {
  count           = var.billing_account == "" ? 0 : 1
  billing_account = var.billing_account
  display_name    = "Tidings in ${var.project}"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }
  amount {
    specified_amount {
      currency_code = "USD"
      units         = tostring(var.monthly_budget)
    }
  }
  threshold_rules {
    threshold_percent = 0.5
  }
  threshold_rules {
    threshold_percent = 1.0
  }
  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "FORECASTED_SPEND"
  }
  # Without an address of ours the billing account's administrators get the mails.
  dynamic "all_updates_rule" {
    for_each = length(var.alert_emails) == 0 ? [] : [true]
    content {
      monitoring_notification_channels = [for c in google_monitoring_notification_channel.email : c.id]
    }
  }
  depends_on = [google_project_service.api]
}
