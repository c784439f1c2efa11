# The bucket of step 2 in README.
bucket = "my-project-dev-tofu"
prefix = "tidings"
