# Firestore calls a function for what happens to documents that the pattern matches. A trigger is where the database is.
resource "google_eventarc_trigger" "firestore" {
  for_each                = local.triggers
  project                 = var.project
  location                = local.firestore_location
  name                    = each.key
  event_data_content_type = "application/protobuf"
  service_account         = local.caller_email["eventarc"]

  matching_criteria {
    attribute = "type"
    value     = each.value.event
  }
  matching_criteria {
    attribute = "database"
    value     = google_firestore_database.default.name
  }
  matching_criteria {
    attribute = "namespace"
    value     = "(default)"
  }
  matching_criteria {
    attribute = "document"
    value     = each.value.document
    operator  = "match-path-pattern"
  }

  destination {
    cloud_run_service {
      service = module.function[each.value.function].service.name
      region  = var.region
      path    = each.value.path
    }
  }

  depends_on = [google_project_iam_member.caller]
}
