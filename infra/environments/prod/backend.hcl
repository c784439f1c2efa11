bucket = "my-project-prod-tofu"
prefix = "tidings"
