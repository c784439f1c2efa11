# What the deployment promises, held against the plan. Values of an environment's terraform.tfvars count where this file sets none.
override_data {
  target = data.google_project.this
  values = { number = "123456789012" }
}

variables {
  project         = "tidings-test"
  image           = "us-central1-docker.pkg.dev/tidings-test/tidings/functions@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  sources         = ["github", "alertmanager", "orders"]
  operators       = ["user:olive@example.com"]
  mail            = { smtp = "smtp.example.com:587", username = "tidings", from = "Tidings <news@example.com>", links = "https://app.example.com", dkim_domain = "example.com", dkim_selector = "t1" }
  producer_grants = { shop = { producers = ["serviceAccount:shop@example.iam.gserviceaccount.com"], types = ["order.*"], recipients = true, priority = "high" }, desk = { producers = ["uid:desk"], settings = true } }
  webhooks        = { shop = { url = "https://shop.example/tidings", outcomes = ["delivered", "acted"], types = ["order.*"] } }
  alert_emails    = ["oncall@example.com"]
  billing_account = "000000-000000-000000"
}

run "subscriptions" {
  command = plan

  assert {
    condition     = length(google_pubsub_subscription.push) == 5
    error_message = "there are subscriptions that this test does not know"
  }
  assert {
    condition = alltrue([for s in google_pubsub_subscription.push :
      s.push_config[0].oidc_token[0].service_account_email == "tidings-pubsub@tidings-test.iam.gserviceaccount.com"
      && startswith(s.push_config[0].push_endpoint, "${s.push_config[0].oidc_token[0].audience}/")
    ])
    error_message = "every push carries a token of the account for pushes, made for the function that it goes to"
  }
  assert {
    condition     = alltrue([for s in google_pubsub_subscription.push : s.retry_policy[0].minimum_backoff == "10s" && s.retry_policy[0].maximum_backoff == "600s"])
    error_message = "every subscription waits after a refusal"
  }
  assert {
    condition     = alltrue([for s in google_pubsub_subscription.push : s.expiration_policy[0].ttl == ""])
    error_message = "no subscription may expire"
  }
  assert {
    condition     = alltrue([for s in google_pubsub_subscription.push : s.ack_deadline_seconds == 60 && s.message_retention_duration == "604800s"])
    error_message = "a function has 60 s for a message, and Pub/Sub keeps it for a week"
  }
  assert {
    condition = alltrue([for s in google_pubsub_subscription.push :
      contains(["dead-letters", "outgoing"], s.topic) ? length(s.dead_letter_policy) == 0 :
      s.dead_letter_policy[0].dead_letter_topic == "projects/tidings-test/topics/dead-letters" && s.dead_letter_policy[0].max_delivery_attempts == 20
    ])
    error_message = "what is refused 20 times goes to dead-letters; the dead letters themselves, and what products are told, go nowhere"
  }
  assert {
    condition = (
      [for m in google_pubsub_topic_iam_member.dead_letter_publisher : "${m.topic} ${m.role} ${m.member}"] == ["dead-letters roles/pubsub.publisher serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"]
      && toset([for m in google_pubsub_subscription_iam_member.dead_letter_subscriber : m.subscription]) == toset(["events-notify", "events-urgent-notify", "events-retry-notify"])
      && alltrue([for m in google_pubsub_subscription_iam_member.dead_letter_subscriber : m.role == "roles/pubsub.subscriber" && m.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"])
    )
    error_message = "Pub/Sub itself may move dead letters, and nothing else"
  }
}

run "archive" {
  command = plan

  assert {
    condition     = toset([for s in google_pubsub_subscription.archive : s.topic]) == toset(["events", "events-urgent"])
    error_message = "both lanes are archived, and retries and dead letters are not"
  }
  assert {
    condition = alltrue([for s in google_pubsub_subscription.archive :
      s.filter == "NOT attributes:why AND NOT attributes:walk AND NOT attributes:second AND NOT attributes:origin AND NOT attributes:item"
      && s.cloud_storage_config[0].avro_config[0].write_metadata && s.cloud_storage_config[0].filename_datetime_format == "YYYY/MM/DD/hh_mm_ssZ"
      && s.cloud_storage_config[0].filename_prefix == "${s.topic}/" && s.expiration_policy[0].ttl == ""
    ])
    error_message = "an object's name begins with its topic and its time, it has the attributes, and what is published a second time is not in it"
  }
  assert {
    condition = (
      toset([for m in google_storage_bucket_iam_member.archive : m.role]) == toset(["roles/storage.objectCreator", "roles/storage.legacyBucketReader"])
      && alltrue([for m in google_storage_bucket_iam_member.archive : m.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"])
      && google_storage_bucket.archive[0].public_access_prevention == "enforced" && google_storage_bucket.archive[0].lifecycle_rule != null
    )
    error_message = "Pub/Sub's account creates objects, and nobody on the internet reads them"
  }
  assert {
    condition = (
      google_cloud_run_v2_job.command["archive"].template[0].template[0].containers[0].image == var.image
      && google_cloud_run_v2_job.command["archive"].template[0].template[0].containers[0].args == tolist(["seal"])
      && google_cloud_run_v2_job.command["archive"].template[0].template[0].service_account == "tidings-archive@tidings-test.iam.gserviceaccount.com"
      && { for e in google_cloud_run_v2_job.command["archive"].template[0].template[0].containers[0].env : e.name => e.value } == {
        FUNCTION_TARGET    = "archive", GOMEMLIMIT = "921MiB", GOGC = "200", GOOGLE_CLOUD_PROJECT = "tidings-test"
        ARCHIVE_BUCKET     = "tidings-test-archive"
        ARCHIVE_CHECKPOINT = "gs://tidings-test-archive-notes/checkpoint.json"
      }
    )
    error_message = "a job of the same image seals the archive, and knows where it is"
  }
  assert {
    condition = (
      google_cloud_scheduler_job.command["archive"].http_target[0].uri == "https://run.googleapis.com/v2/projects/tidings-test/locations/us-central1/jobs/archive:run"
      && google_cloud_scheduler_job.command["archive"].http_target[0].oauth_token[0].service_account_email == local.caller_email["scheduler"]
      && toset([for m in google_cloud_run_v2_job_iam_member.command : "${m.role} ${m.member}"]) == toset([
        "roles/run.invoker serviceAccount:tidings-scheduler@tidings-test.iam.gserviceaccount.com", "roles/run.jobsExecutorWithOverrides user:olive@example.com",
      ])
    )
    error_message = "the scheduler runs the job as it is, operators with other arguments, and nobody else does"
  }
  assert {
    condition = (
      toset([for m in google_project_iam_member.command : m.role]) == toset(["roles/datastore.user", "roles/firebasecloudmessaging.admin"])
      && toset([for m in google_storage_bucket_iam_member.command : "${m.bucket} ${m.role}"]) == toset([
        "tidings-test-archive roles/storage.objectViewer", "tidings-test-archive roles/storage.objectCreator", "tidings-test-archive-notes roles/storage.objectUser",
      ])
      && google_storage_bucket.notes[0].public_access_prevention == "enforced"
    )
    error_message = "the job reads the archive and adds to it, and changes nothing there"
  }
}

run "no_archive" {
  command = plan
  variables {
    archive_days = 0
  }

  assert {
    condition     = length(google_pubsub_subscription.archive) + length(google_storage_bucket.archive) + length(google_storage_bucket.notes) + length(google_cloud_run_v2_job.command) + length(google_cloud_scheduler_job.command) == 0
    error_message = "without days nothing is kept"
  }
  assert {
    condition     = !contains(keys(google_monitoring_alert_policy.alert), "archive")
    error_message = "without days nobody is woken for it"
  }
}

run "callers" {
  command = plan

  assert {
    condition     = toset([for name, f in module.function : name if contains(values(f.invokers), "allUsers")]) == toset(["publish", "people", "unsubscribe", "github", "alertmanager", "orders"])
    error_message = "no function is public but those for producers, webhooks and the links in mails, which know their callers themselves"
  }
  assert {
    condition     = alltrue([for f in local.topology.functions : f.authentication != "" if contains(f.callers, "public")])
    error_message = "a public function says how it knows its callers"
  }
  assert {
    condition = {
      for name, f in module.function : name => join(" ", sort(values(f.invokers)))
      } == {
      publish      = "allUsers"
      people       = "allUsers"
      unsubscribe  = "allUsers"
      github       = "allUsers"
      alertmanager = "allUsers"
      orders       = "allUsers"
      notify       = "serviceAccount:tidings-pubsub@tidings-test.iam.gserviceaccount.com"
      due          = "serviceAccount:tidings-scheduler@tidings-test.iam.gserviceaccount.com"
      mailer       = "serviceAccount:tidings-scheduler@tidings-test.iam.gserviceaccount.com"
      mirror       = "serviceAccount:tidings-eventarc@tidings-test.iam.gserviceaccount.com serviceAccount:tidings-scheduler@tidings-test.iam.gserviceaccount.com"
      withdraw     = "serviceAccount:tidings-eventarc@tidings-test.iam.gserviceaccount.com"
      deadletters  = "serviceAccount:tidings-pubsub@tidings-test.iam.gserviceaccount.com user:olive@example.com"
      webhooks     = "serviceAccount:tidings-eventarc@tidings-test.iam.gserviceaccount.com serviceAccount:tidings-pubsub@tidings-test.iam.gserviceaccount.com serviceAccount:tidings-scheduler@tidings-test.iam.gserviceaccount.com user:olive@example.com"
    }
    error_message = "each function is called by whom it is for, and by nobody else"
  }
  assert {
    condition     = toset([for name, f in module.function : name if f.service.ingress != "INGRESS_TRAFFIC_INTERNAL_ONLY"]) == toset(["publish", "people", "unsubscribe", "github", "alertmanager", "orders", "deadletters", "webhooks"])
    error_message = "only what somebody outside calls can be reached from outside"
  }
}

run "accounts" {
  command = plan

  assert {
    condition     = length(distinct([for f in module.function : f.account])) == length(module.function)
    error_message = "each function has an account of its own"
  }
  assert {
    condition     = alltrue([for f in module.function : f.service.template[0].service_account == f.account && length(f.roles) > 0])
    error_message = "each account is the one that its function runs as, and may do something"
  }
  assert {
    condition = alltrue(flatten([for f in module.function : [for role in f.roles : contains([
      "roles/datastore.user", "roles/firebasecloudmessaging.admin", "roles/firebaseauth.viewer", "roles/pubsub.publisher", "roles/secretmanager.secretAccessor",
    ], role)]]))
    error_message = "a function holds a role that is not on the list; the primitive ones (owner, editor, viewer) never are"
  }
  assert {
    condition     = [for m in google_project_iam_member.caller : "${m.role} ${m.member}"] == ["roles/eventarc.eventReceiver serviceAccount:tidings-eventarc@tidings-test.iam.gserviceaccount.com"]
    error_message = "callers have one role in the project: Eventarc's account may receive events"
  }
  assert {
    condition = (
      alltrue([for s in google_pubsub_subscription.push : s.push_config[0].oidc_token[0].service_account_email == local.caller_email["pubsub"]])
      && alltrue([for t in google_eventarc_trigger.firestore : t.service_account == local.caller_email["eventarc"]])
      && alltrue([for j in google_cloud_scheduler_job.job : j.http_target[0].oidc_token[0].service_account_email == local.caller_email["scheduler"]])
      && toset(keys(google_service_account.caller)) == toset(["pubsub", "eventarc", "scheduler"])
    )
    error_message = "each caller's account is used by that caller"
  }
  assert {
    condition     = alltrue([for name, f in local.functions : module.function[name].publishes == sort(f.publishes)])
    error_message = "a function publishes on its topics only"
  }
}

run "services" {
  command = plan

  assert {
    condition     = toset(keys(module.function)) == toset(["publish", "people", "notify", "due", "mailer", "unsubscribe", "mirror", "withdraw", "deadletters", "webhooks", "github", "alertmanager", "orders"])
    error_message = "there are functions that this test does not know"
  }
  assert {
    condition = alltrue([for f in module.function :
      f.service.template[0].containers[0].startup_probe[0].http_get[0].path == "/health"
      && f.service.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health"
    ])
    error_message = "every service is asked at /health (Cloud Run keeps /healthz for itself)"
  }
  assert {
    condition     = alltrue([for f in module.function : f.service.template[0].containers[0].resources[0].startup_cpu_boost && f.service.template[0].containers[0].resources[0].cpu_idle])
    error_message = "every service starts with more CPU and is billed for requests only"
  }
  assert {
    condition     = alltrue([for name, f in module.function : one([for e in f.service.template[0].containers[0].env : e.value if e.name == "FUNCTION_TARGET"]) == name])
    error_message = "every service is told which function it is"
  }
  assert {
    condition = alltrue([for name, f in local.functions : { for e in module.function[name].service.template[0].containers[0].env : e.name => e.value if contains(["GOMEMLIMIT", "GOGC"], e.name) } == {
      GOMEMLIMIT = "${floor(f.memoryMiB * 0.9)}MiB", GOGC = "200"
    }])
    error_message = "Go is told of the instance, as shared/topology does it on the laptop"
  }
  assert {
    condition     = alltrue([for f in module.function : f.service.template[0].containers[0].image == var.image])
    error_message = "there is one image"
  }
  assert {
    condition = alltrue([for name, f in local.functions :
      toset([for e in module.function[name].service.template[0].containers[0].env : e.name]) == toset(concat(f.environment, [for k, id in f.secrets : k if id != "facts-key"], ["FUNCTION_TARGET", "GOMEMLIMIT", "GOGC"]))
    ])
    error_message = "a service has the variables of the table and no others, and where nobody asked for facts no key for them"
  }
}

run "producers" {
  command = plan

  assert {
    condition = {
      for name, f in module.function : name => jsondecode(one([for e in f.service.template[0].containers[0].env : e.value if e.name == "PRODUCER_GRANTS"])).shop.types[0]
      if anytrue([for e in f.service.template[0].containers[0].env : e.name == "PRODUCER_GRANTS"])
    } == { publish = "order.*", people = "order.*", orders = "order.*" }
    error_message = "the functions that producers call know what each of them may do"
  }
}

run "secrets" {
  command = plan
  variables {
    secret_versions = { github-webhook-secrets = "2" }
  }

  assert {
    condition = toset(flatten([for name, f in module.function : [for e in f.service.template[0].containers[0].env : "${name} ${e.name} ${e.value_source[0].secret_key_ref[0].secret}" if length(e.value_source) > 0]])) == toset([
      "github GITHUB_WEBHOOK_SECRETS github-webhook-secrets", "alertmanager ALERTMANAGER_SECRETS alertmanager-secrets",
      "mailer SMTP_PASSWORD smtp-password", "mailer DKIM_KEY dkim-key", "mailer UNSUBSCRIBE_KEYS unsubscribe-keys", "unsubscribe UNSUBSCRIBE_KEYS unsubscribe-keys",
      "webhooks WEBHOOK_KEYS webhook-keys",
    ])
    error_message = "the secrets of webhooks and mails come from Secret Manager"
  }
  assert {
    condition = toset(flatten([for f in module.function : [for e in f.service.template[0].containers[0].env : "${e.value_source[0].secret_key_ref[0].secret} ${e.value_source[0].secret_key_ref[0].version}" if length(e.value_source) > 0]])) == toset([
      "github-webhook-secrets 2", "alertmanager-secrets latest", "smtp-password latest", "dkim-key latest", "unsubscribe-keys latest", "webhook-keys latest",
    ])
    error_message = "a service reads the version that is named, or the latest"
  }
  assert {
    condition     = alltrue(flatten([for f in module.function : [for e in f.service.template[0].containers[0].env : length(e.value_source) > 0 || length(regexall("SECRET|TOKEN|PASSWORD|KEY", e.name)) == 0]]))
    error_message = "what is named like a secret is in no plain value"
  }
}

run "webhooks" {
  command = plan

  assert {
    condition = {
      for name, f in module.function : name => jsondecode(one([for e in f.service.template[0].containers[0].env : e.value if e.name == "WEBHOOKS"]))
      if anytrue([for e in f.service.template[0].containers[0].env : e.name == "WEBHOOKS"])
      } == { for name in ["publish", "orders", "notify", "deadletters", "webhooks"] : name => { shop = { url = "https://shop.example/tidings", outcomes = ["delivered", "acted"], types = ["order.*"] } }
    }
    error_message = "whoever knows what became of events, or lets in actions that name an endpoint, knows which there are, and what was left out is not said"
  }
  assert {
    condition     = toset(keys(google_eventarc_trigger.firestore)) == toset(["mirror-devices", "withdraw", "webhooks-marks"]) && one([for m in google_eventarc_trigger.firestore["webhooks-marks"].matching_criteria : m.value if m.attribute == "type"]) == "google.cloud.firestore.document.v1.updated"
    error_message = "what people do with their items is heard of, and new items are not"
  }
}

run "webhooks_without_marks" {
  command = plan
  variables {
    webhooks = { shop = { url = "https://shop.example/tidings", outcomes = ["delivered", "deadLettered"], sources = ["/shop"] } }
  }

  assert {
    condition     = toset(keys(google_eventarc_trigger.firestore)) == toset(["mirror-devices", "withdraw"]) && contains(keys(module.function), "webhooks")
    error_message = "nobody pays for a call at each change of an item where no product wants to know"
  }
}

run "webhooks_for_actions_alone" {
  command = plan
  variables {
    webhooks = { answers = { url = "https://shop.example/tidings", outcomes = [] } }
  }

  assert {
    condition     = toset(keys(google_eventarc_trigger.firestore)) == toset(["mirror-devices", "withdraw", "webhooks-marks"])
    error_message = "what people do is heard of where actions may name an endpoint"
  }
}

run "webhooks_by_http" {
  command = plan
  variables {
    webhooks = { shop = { url = "http://shop.example/tidings", outcomes = ["delivered"] } }
  }
  expect_failures = [var.webhooks]
}

run "no_insight" {
  command = plan

  assert {
    condition     = length(google_bigquery_dataset.insight) + length(google_pubsub_subscription.facts) + length(google_bigquery_table.view) == 0 && !contains(keys(module.function), "insight")
    error_message = "facts are kept, and read, where somebody asked for them"
  }
}

run "insight" {
  command = plan
  variables {
    insight = true
  }

  assert {
    condition     = toset([for name, f in module.function : name if anytrue([for e in f.service.template[0].containers[0].env : e.name == "FACTS_KEY"])]) == toset(["notify", "mailer", "unsubscribe", "deadletters", "insight", "beacon"])
    error_message = "who tells or reads facts has the key, and nobody else"
  }
  assert {
    condition     = google_pubsub_subscription.facts[0].bigquery_config[0].use_table_schema && google_pubsub_subscription.facts[0].topic == "facts"
    error_message = "Pub/Sub writes the fields of a fact into the columns of its table"
  }
  assert {
    condition     = google_bigquery_table.facts[0].time_partitioning[0].field == "day" && google_bigquery_table.facts[0].time_partitioning[0].expiration_ms == 2592000000
    error_message = "facts are kept for 30 days"
  }
  assert {
    condition     = strcontains(google_bigquery_table.once[0].view[0].query, "FROM `${var.project}.insight.facts`") && alltrue([for v in google_bigquery_table.view : strcontains(v.view[0].query, "FROM `${var.project}.insight.facts_once`") && !strcontains(v.view[0].query, "$${")])
    error_message = "the views name their tables in full"
  }
  assert {
    condition     = one([for e in module.function["notify"].service.template[0].containers[0].env : e.value if e.name == "BEACON_URL"]) == local.urls["beacon"]
    error_message = "pushes have the address of the function beacon"
  }
  assert {
    condition     = keys(google_bigquery_dataset_iam_member.reader) == ["insight"] && google_bigquery_dataset_iam_member.reader["insight"].role == "roles/bigquery.dataViewer"
    error_message = "one function reads facts, and none writes them"
  }
}
