# What the services share: APIs, the repository of their images, and one account for each caller and receiver.

data "google_project" "this" {
  project_id = var.project
}

resource "google_project_service" "needed" {
  for_each = toset(["artifactregistry", "iam", "run", "secretmanager"])

  service = "${each.key}.googleapis.com"
  # Another part of the project may use it as well.
  disable_on_destroy = false
}

resource "google_artifact_registry_repository" "images" {
  repository_id = "service-to-service"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the services"

  depends_on = [google_project_service.needed]
}

locals {
  repository = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
}

# Nobody shares an account: it is all that a receiver knows a caller by. None has a role in the project, and none a key.
resource "google_service_account" "identity" {
  for_each = toset(["login-service", "profile-service", "search-service", "frontend"])

  account_id   = each.key
  display_name = each.key
  description  = "made-by=terraform" # an account has no labels

  depends_on = [google_project_service.needed]
}
