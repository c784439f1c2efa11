# The table that code, local stack and this configuration share (shared/topology; a Go test keeps the file equal to it).
locals {
  topology = jsondecode(file("${path.module}/topology.json"))

  # Sources, what is about mails, what is about facts and what tells products of their events are deployed where they are asked for, everything else always.
  functions = { for f in local.topology.functions : f.name => f if(!f.source || contains(var.sources, f.name)) && (!f.mail || var.mail != null) && (!f.insight || var.insight) && (!f.outgoing || length(var.webhooks) > 0) }

  subscriptions = { for s in local.topology.subscriptions : s.name => s if contains(keys(local.functions), s.function) }

  # What people do with their items is of interest only where a product wants to be told of it, or actions may name its endpoint (outcomes = []): the
  # trigger costs a call for each change of an item.
  marks    = anytrue([for w in values(var.webhooks) : length(w.outcomes) == 0 || length(setintersection(w.outcomes, ["seen", "acted"])) > 0])
  triggers = { for t in local.topology.triggers : t.name => t if contains(keys(local.functions), t.function) && (t.function != "webhooks" || local.marks) }

  # Cloud Run's address of a service, which is known before the service is there.
  urls = { for name, _ in local.functions : name => "https://${name}-${data.google_project.this.number}.${var.region}.run.app" }

  # What the functions' variables say here. Which of them a function has, the table says.
  values = {
    GOOGLE_CLOUD_PROJECT    = var.project
    CALLER_ACCOUNTS         = join(",", concat([for c, email in local.caller_email : "${c}=${email}"], [for o in var.operators : "operator=${split(":", o)[1]}"]))
    PRODUCER_GRANTS         = jsonencode(var.producer_grants)
    PRODUCER_AUDIENCE       = var.producer_audience
    WEBHOOKS                = length(var.webhooks) == 0 ? "" : jsonencode({ for name, w in var.webhooks : name => { for field, value in w : field => value if value != null } })
    WEBHOOK_RATE            = tostring(var.webhook_rate)
    GITHUB_SKIP_BOTS        = tostring(var.github_skip_bots)
    ALERTMANAGER_TEAM_LABEL = var.alertmanager_team_label
    SMTP_ADDR               = try(var.mail.smtp, "")
    SMTP_USERNAME           = try(var.mail.username, "")
    MAIL_FROM               = try(var.mail.from, "")
    MAIL_LINKS              = try(var.mail.links, "")
    MAIL_UNSUBSCRIBE        = try(local.urls["unsubscribe"], "")
    BEACON_URL              = try(local.urls["beacon"], "")
    DKIM_DOMAIN             = try(var.mail.dkim_domain, "")
    DKIM_SELECTOR           = try(var.mail.dkim_selector, "")
    ARCHIVE_BUCKET          = "${var.project}-archive"
    ARCHIVE_CHECKPOINT      = "gs://${var.project}-archive-notes/checkpoint.json"
  }
}
