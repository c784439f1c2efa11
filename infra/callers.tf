# Who calls the functions: an account for each kind of caller, which may call what the table says and nothing else.
# No key of them exists; Google's own services sign with them.
locals {
  callers      = toset(["pubsub", "eventarc", "scheduler"])
  caller_email = { for c in local.callers : c => "${google_service_account.caller[c].account_id}@${var.project}.iam.gserviceaccount.com" }

  # Who may call a function, by a name that is known before any account is.
  invokers = { for name, f in local.functions : name => merge(
    contains(f.callers, "public") ? { public = "allUsers" } : {},
    { for c in local.callers : c => "serviceAccount:${local.caller_email[c]}" if contains(f.callers, c) },
    contains(f.callers, "operator") ? { for o in var.operators : o => o } : {},
  ) }
}

resource "google_service_account" "caller" {
  for_each     = local.callers
  project      = var.project
  account_id   = "tidings-${each.value}"
  display_name = "Tidings: ${each.value} calls functions as this account"
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "caller" {
  for_each = { for r in local.topology.callerRoles : "${r.caller} ${r.role}" => r }
  project  = var.project
  role     = each.value.role
  member   = "serviceAccount:${local.caller_email[each.value.caller]}"
}
