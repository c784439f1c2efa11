# One configuration for every environment: what differs is in environments/NAME (state in backend.hcl, values in
# terraform.tfvars). OpenTofu 1.8 or Terraform 1.9 and later.
terraform {
  required_version = ">= 1.8"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }
  backend "gcs" {}
}

# Budgets and Firebase's APIs bill their quota to the project that is named here, not to the tool's own.
provider "google" {
  project               = var.project
  region                = var.region
  billing_project       = var.project
  user_project_override = true
}

data "google_project" "this" {
  project_id = var.project
}
