variable "project" {
  description = "Id of the project that Tidings lives in."
  type        = string
}

variable "region" {
  description = "Where the functions run. Price tier 1 is cheapest: us-central1, us-east1, europe-west1, …"
  type        = string
  default     = "us-central1"
}

variable "firestore_location" {
  description = "Where the database is, for ever: a region, or nam5 or eur3 for several at twice the price. Empty: the functions' region."
  type        = string
  default     = ""
}

variable "image" {
  description = "The image of all functions, by digest: what ko printed."
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "The image must be named by its digest (…@sha256:…), so that rolling back is naming the one before."
  }
}

variable "sources" {
  description = "Functions that take other systems' events, of github, alertmanager and orders. The secret of each needs a version first."
  type        = set(string)
  default     = []
  validation {
    condition     = length(setsubtract(var.sources, ["github", "alertmanager", "orders"])) == 0
    error_message = "The sources are github, alertmanager and orders."
  }
}

variable "mail" {
  description = "The SMTP server that takes mails (host:465 or host:587), who signs in there, the sender (\"Tidings <news@example.com>\"), where the product is, and the domain and selector of the DKIM key. Null: no mails. The secrets smtp-password, dkim-key and unsubscribe-keys need a version first."
  type = object({
    smtp          = string
    username      = string
    from          = string
    links         = string
    dkim_domain   = string
    dkim_selector = string
  })
  default = null
  validation {
    condition     = var.mail == null || can(regex("^[^:]+:(465|587|2465|2587)$", var.mail.smtp)) && can(regex("^https://", var.mail.links))
    error_message = "Name the server as host:465 or host:587 (Cloud Run reaches no port 25), and the product by an https address."
  }
}

variable "webhooks" {
  description = "The addresses of products that are told what became of their events, by a name of each: {shop = {url = \"https://shop.example/tidings\", outcomes = [\"delivered\", \"acted\"], types = [\"order.*\"]}}. functions/README.md has the fields; an endpoint that only actions name has outcomes = []. The functions check them when they start. The secret webhook-keys needs a version with a key for each first."
  type = map(object({
    url      = string
    outcomes = list(string)
    types    = optional(list(string))
    sources  = optional(list(string))
  }))
  default = {}
  validation {
    condition     = alltrue([for w in values(var.webhooks) : can(regex("^https://", w.url)) && length(setsubtract(w.outcomes, ["delivered", "seen", "acted", "deadLettered"])) == 0])
    error_message = "An endpoint has an https address, and outcomes of delivered, seen, acted and deadLettered."
  }
}

variable "insight" {
  description = "Whether functions tell what became of events, into BigQuery. The secret facts-key needs a version first."
  type        = bool
  default     = false
}

variable "insight_location" {
  description = "Where BigQuery keeps what became of events: a region, or US or EU. Empty: the functions' region."
  type        = string
  default     = ""
}

variable "archive_days" {
  description = "For how many days what was published is kept in Cloud Storage, to be replayed; 0: it is not kept. It has names and texts, also those of people who are erased meanwhile."
  type        = number
  default     = 30
  validation {
    condition     = var.archive_days == 0 || var.archive_days >= 9 && var.archive_days <= 90
    error_message = "0, or 9 to 90 days: longer than eight, in which an inbox can be repaired, and no longer than the receipts of erasures are kept, by which a replay knows whom it must leave out."
  }
}

variable "secret_versions" {
  description = "The version of each secret that functions read, by the secret's id; the latest where none is named. A new one makes a new revision."
  type        = map(string)
  default     = {}
}

variable "producer_grants" {
  description = "What each producer may do, by the grant's name: {shop = {producers = [\"serviceAccount:EMAIL\"], types = [\"order.*\"], recipients = true, priority = \"high\"}}. functions/README.md has the fields; publish checks them when it starts. Empty: nobody may post."
  type        = any
  default     = {}
}

variable "producer_audience" {
  description = "What tokens of service accounts are made for: gcloud auth print-identity-token --audiences=THIS."
  type        = string
  default     = "tidings"
}

variable "webhook_rate" {
  description = "Units a second (an event is one) that each of github and alertmanager may bring in."
  type        = number
  default     = 50
  validation {
    condition     = var.webhook_rate >= 0.1 && var.webhook_rate <= 10000
    error_message = "The rate is a number from 0.1 to 10000."
  }
}

variable "github_skip_bots" {
  description = "Whether the function github leaves out what bots do."
  type        = bool
  default     = false
}

variable "alertmanager_team_label" {
  description = "The label of an alert that names the team on duty."
  type        = string
  default     = "team"
}

variable "otlp_endpoint" {
  description = "Where the functions send spans and metrics by OTLP over HTTP: https://telemetry.googleapis.com, or a collector of yours. Empty: nowhere."
  type        = string
  default     = ""
  validation {
    condition     = var.otlp_endpoint == "" || can(regex("^https?://[^/]+", var.otlp_endpoint))
    error_message = "Name the collector as https://HOST or http://HOST:PORT."
  }
}

variable "trace_ratio" {
  description = "The share of events whose trace is recorded, 0 to 1, where otlp_endpoint is set."
  type        = number
  default     = 0.01
  validation {
    condition     = var.trace_ratio >= 0 && var.trace_ratio <= 1
    error_message = "The ratio is a number from 0 to 1."
  }
}

variable "operators" {
  description = "Who may list, replay and discard dead letters: user:…, serviceAccount:…"
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for o in var.operators : can(regex("^(user|serviceAccount):[^:,]+@[^:,]+$", o))])
    error_message = "Name operators as user:NAME@HOST or serviceAccount:NAME@HOST; the function knows no groups."
  }
}

variable "min_instances" {
  description = "Instances that are kept running, by function: faster, and billed while nothing happens."
  type        = map(number)
  default     = {}
}

variable "protect" {
  description = "Whether the database and the functions refuse to be deleted, and the database can be set back to any minute of a week."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "Who is told when an alert opens."
  type        = list(string)
  default     = []
}

variable "billing_account" {
  description = "The billing account, for the budget: XXXXXX-XXXXXX-XXXXXX. Empty: no budget."
  type        = string
  default     = ""
}

variable "monthly_budget" {
  description = "Dollars a month; mails go out at half, at all of it, and when the forecast exceeds it."
  type        = number
  default     = 50
}
