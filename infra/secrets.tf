# The secrets of webhooks. Their values are added by hand (README, "Rotating a secret") and are in no state file. They are here
# whether their function is deployed or not, since a function cannot start before its secret has a version.
locals {
  secrets = toset(flatten([for f in local.topology.functions : values(f.secrets)]))
}

resource "google_secret_manager_secret" "source" {
  for_each  = local.secrets
  project   = var.project
  secret_id = each.value
  replication {
    auto {}
  }
  depends_on = [google_project_service.api]
}
