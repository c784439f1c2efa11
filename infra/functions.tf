# One Cloud Run service for each function, with an account of its own.
module "function" {
  for_each = local.functions
  source   = "./modules/function"

  project     = var.project
  region      = var.region
  image       = var.image
  function    = each.value
  url         = local.urls[each.key]
  environment = merge({ for name in each.value.environment : name => local.values[name] }, local.telemetry)
  secrets = { for name, id in each.value.secrets : name => {
    id      = google_secret_manager_secret.source[id].secret_id
    version = lookup(var.secret_versions, id, "latest")
  } if id != "facts-key" || var.insight }
  invokers      = local.invokers[each.key]
  min_instances = lookup(var.min_instances, each.key, 0)
  protect       = var.protect

  depends_on = [google_project_service.api, google_pubsub_topic.topic, google_firestore_database.default]
}
