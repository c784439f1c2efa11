# Costs next to nothing, may be thrown away.
project        = "my-project-dev"
region         = "us-central1"
protect        = false
monthly_budget = 10
