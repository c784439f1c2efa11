# The database refuses to be deleted and can be set back; publish and notify are warm (some $20 a month).
project            = "my-project-prod"
region             = "us-central1"
firestore_location = "us-central1"
protect            = true
monthly_budget     = 200
min_instances      = { publish = 1, notify = 1 }
alert_emails       = ["oncall@example.com"]
operators          = ["user:anna@example.com", "user:binh@example.com"]
