# The table that code, local stack and this configuration share (shared/topology; a Go test keeps the file equal to it).
locals {
  topology = jsondecode(file("${path.module}/topology.json"))

  # Sources are deployed where they are asked for, everything else always.
  functions = { for f in local.topology.functions : f.name => f if !f.source || contains(var.sources, f.name) }

  subscriptions = { for s in local.topology.subscriptions : s.name => s }

  # Cloud Run's address of a service, which is known before the service is there.
  urls = { for name, _ in local.functions : name => "https://${name}-${data.google_project.this.number}.${var.region}.run.app" }

  # What the functions' variables say here. Which of them a function has, the table says.
  values = {
    GOOGLE_CLOUD_PROJECT      = var.project
    PRODUCER_SERVICE_ACCOUNTS = join(",", var.producer_service_accounts)
    PRODUCER_AUDIENCE         = var.producer_audience
    GITHUB_SKIP_BOTS          = tostring(var.github_skip_bots)
    ALERTMANAGER_TEAM_LABEL   = var.alertmanager_team_label
  }
}
