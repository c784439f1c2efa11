# Google's APIs. They stay enabled when this is torn down: something else may use them.
resource "google_project_service" "api" {
  for_each           = toset(concat(local.topology.services, var.billing_account == "" ? [] : ["billingbudgets.googleapis.com"]))
  project            = var.project
  service            = each.value
  disable_on_destroy = false
}
