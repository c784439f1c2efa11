# The database, its triggers and the clock.
override_data {
  target = data.google_project.this
  values = { number = "123456789012" }
}

variables {
  project = "tidings-test"
  image   = "us-central1-docker.pkg.dev/tidings-test/tidings/functions@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

run "indexes" {
  command = plan

  assert {
    condition = toset([for i in google_firestore_index.composite : jsonencode({
      collectionGroup = i.collection, queryScope = i.query_scope, fields = [for f in i.fields : { fieldPath = f.field_path, order = f.order }]
      })]) == toset([for i in jsondecode(file("firestore.indexes.json")).indexes : jsonencode({
      collectionGroup = i.collectionGroup, queryScope = i.queryScope, fields = [for f in i.fields : { fieldPath = f.fieldPath, order = f.order }]
    })])
    error_message = "the composite indexes are those of firestore.indexes.json"
  }
  assert {
    condition = toset([for o in google_firestore_field.override : jsonencode({
      at = "${o.collection}.${o.field}", ttl = length(o.ttl_config) > 0, indexes = sort([for i in o.index_config[0].indexes : "${i.query_scope} ${coalesce(i.order, i.array_config)}"])
      })]) == toset([for o in jsondecode(file("firestore.indexes.json")).fieldOverrides : jsonencode({
      at = "${o.collectionGroup}.${o.fieldPath}", ttl = lookup(o, "ttl", false), indexes = sort([for i in o.indexes : "${i.queryScope} ${lookup(i, "order", lookup(i, "arrayConfig", ""))}"])
    })])
    error_message = "exemptions, single indexes and TTL are those of firestore.indexes.json"
  }
  assert {
    condition     = length(google_firestore_field.override) == length(jsondecode(file("firestore.indexes.json")).fieldOverrides)
    error_message = "an override was lost"
  }
}

run "database" {
  command = plan

  assert {
    condition     = google_firestore_database.default.name == "(default)" && google_firestore_database.default.type == "FIRESTORE_NATIVE"
    error_message = "clients look for the native database (default)"
  }
  assert {
    condition     = google_firebaserules_ruleset.firestore.source[0].files[0].content == file("firestore.rules") && google_firebaserules_release.firestore.name == "cloud.firestore"
    error_message = "the rules that hold are those of firestore.rules"
  }
}

run "multi_region" {
  command = plan
  variables {
    firestore_location = "nam5"
  }

  assert {
    condition     = google_firestore_database.default.location_id == "nam5" && alltrue([for t in google_eventarc_trigger.firestore : t.location == "nam5" && t.destination[0].cloud_run_service[0].region == "us-central1"])
    error_message = "a trigger is where the database is, and calls the function where that is"
  }
}

run "triggers" {
  command = plan

  assert {
    condition = {
      for name, t in google_eventarc_trigger.firestore : name => "${one([for m in t.matching_criteria : m.value if m.attribute == "document" && m.operator == "match-path-pattern"])} ${t.destination[0].cloud_run_service[0].service} ${t.destination[0].cloud_run_service[0].path}"
      } == {
      mirror-devices = "users/{uid}/devices/{device} mirror /mirror"
      withdraw       = "users/{uid}/withdrawals/{withdrawal} withdraw /withdraw"
    }
    error_message = "the triggers and what they call"
  }
  assert {
    condition = {
      for name, t in google_eventarc_trigger.firestore : name => one([for m in t.matching_criteria : m.value if m.attribute == "type"])
      } == {
      mirror-devices = "google.cloud.firestore.document.v1.written"
      withdraw       = "google.cloud.firestore.document.v1.created"
    }
    error_message = "mirror hears of every write; withdraw only of what is new, and not of what TTL removes"
  }
  assert {
    condition     = google_cloud_scheduler_job.job["due"].schedule == "* * * * *" && google_cloud_scheduler_job.job["due"].retry_config[0].retry_count == 0
    error_message = "due is called every minute, and its next call is its retry"
  }
  assert {
    condition = alltrue([for j in google_cloud_scheduler_job.job :
      j.http_target[0].http_method == "POST" && startswith(j.http_target[0].uri, "${j.http_target[0].oidc_token[0].audience}/")
    ])
    error_message = "jobs post with a token that is made for their function"
  }
}

run "without_sources" {
  command = plan

  assert {
    condition     = toset(keys(module.function)) == toset(["publish", "people", "notify", "due", "mirror", "withdraw", "deadletters"])
    error_message = "sources and mails are deployed only where they are asked for"
  }
  assert {
    condition     = toset(keys(google_secret_manager_secret.source)) == toset(["github-webhook-secrets", "alertmanager-secrets", "smtp-password", "dkim-key", "unsubscribe-keys", "facts-key", "webhook-keys"])
    error_message = "secrets are there before the functions that need them"
  }
}

run "without_mails" {
  command = plan

  assert {
    condition     = toset(keys(google_cloud_scheduler_job.job)) == toset(["due", "mirror-prune"])
    error_message = "a job calls a function that is not deployed"
  }
}

run "mails_by_port_25" {
  command = plan
  variables {
    mail = { smtp = "smtp.example.com:25", username = "tidings", from = "news@example.com", links = "https://app.example.com", dkim_domain = "example.com", dkim_selector = "t1" }
  }
  expect_failures = [var.mail]
}

run "an_image_without_a_digest" {
  command = plan
  variables {
    image = "us-central1-docker.pkg.dev/tidings-test/tidings/functions:latest"
  }
  expect_failures = [var.image]
}

run "everybody_as_operator" {
  command = plan
  variables {
    operators = ["allAuthenticatedUsers"]
  }
  expect_failures = [var.operators]
}
