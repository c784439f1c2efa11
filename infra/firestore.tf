# The database. Its location cannot be changed later, and there is one database "(default)" in a project.
locals {
  firestore_location = coalesce(var.firestore_location, var.region)
  indexes            = jsondecode(file("${path.module}/firestore.indexes.json"))
  composite = { for index in local.indexes.indexes :
    join(" ", concat([index.collectionGroup, index.queryScope], [for f in index.fields : "${f.fieldPath} ${f.order}"])) => index
  }
  overrides = { for o in local.indexes.fieldOverrides : "${o.collectionGroup}.${o.fieldPath}" => o }
}

resource "google_firestore_database" "default" {
  project                           = var.project
  name                              = "(default)"
  location_id                       = local.firestore_location
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC" # as the emulator has it
  delete_protection_state           = var.protect ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  point_in_time_recovery_enablement = var.protect ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"
  deletion_policy                   = var.protect ? "ABANDON" : "DELETE"
  depends_on                        = [google_project_service.api]
}

# Indexes, exemptions and TTL come from the file that `firebase deploy` takes and that the Go tests hold to the queries.
resource "google_firestore_index" "composite" {
  for_each    = local.composite
  project     = var.project
  database    = google_firestore_database.default.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

resource "google_firestore_field" "override" {
  for_each   = local.overrides
  project    = var.project
  database   = google_firestore_database.default.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  # Without entries inside, the field has no index at all.
  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        query_scope  = indexes.value.queryScope
        order        = lookup(indexes.value, "order", null) # one of the two
        array_config = lookup(indexes.value, "arrayConfig", null)
      }
    }
  }

  dynamic "ttl_config" {
    for_each = lookup(each.value, "ttl", false) ? [true] : []
    content {}
  }
}

# The security rules: a ruleset is a text that never changes, the release says which one holds.
resource "google_firebaserules_ruleset" "firestore" {
  project = var.project
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }
  lifecycle {
    create_before_destroy = true
  }
  depends_on = [google_firestore_database.default]
}

resource "google_firebaserules_release" "firestore" {
  project      = var.project
  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.firestore.name
}
