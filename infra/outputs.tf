output "publish" {
  description = "Where producers post events."
  value       = "${local.urls["publish"]}/v1/events"
}

output "people" {
  description = "Where a product's server reads and changes what a person wants to be told."
  value       = "${local.urls["people"]}/v1/people"
}

output "insight" {
  description = "Where producers ask what became of their events; null where facts are not kept."
  value       = try("${local.urls["insight"]}/v1", null)
}

output "sources" {
  description = "Where other systems post theirs."
  value       = { for name, f in local.functions : name => "${local.urls[name]}${f.paths[0]}" if f.source }
}

output "dead_letters" {
  description = "Where operators see what failed."
  value       = "${local.urls["deadletters"]}/v1/dead-letters"
}

output "images" {
  description = "Where the image goes: KO_DOCKER_REPO, with the name functions."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}/functions"
}

output "archive" {
  description = "The bucket in which what was published is kept; null where it is not."
  value       = one(google_storage_bucket.archive[*].name)
}
