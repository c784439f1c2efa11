# Cloud Run logs each request. Those that went well are not kept where there are several for each event: with many people they would cost
# as much as Firestore; and the address that unsubscribe is asked under says for whom. The functions' own lines and all failures stay.
resource "google_logging_project_exclusion" "successes" {
  project     = var.project
  name        = "tidings-successes"
  description = "Requests that notify, withdraw, mirror and unsubscribe answered well."
  filter      = "log_id(\"run.googleapis.com/requests\") AND resource.labels.service_name=(\"notify\" OR \"withdraw\" OR \"mirror\" OR \"unsubscribe\") AND httpRequest.status<400"
  depends_on  = [google_project_service.api]
}
