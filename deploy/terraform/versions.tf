terraform {
  # Write-only arguments, which keep the secrets out of the state, came with 1.11.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "7.45.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region

  # Another mark than that of deploy/cloud-run, whose teardown deletes what carries its own.
  default_labels = { made-by = "terraform" }
}
