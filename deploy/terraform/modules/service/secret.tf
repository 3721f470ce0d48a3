# The file that the service reads. Its value is given to Google, and is in neither the plan nor the state.

resource "google_secret_manager_secret" "this" {
  count = length(var.secret[*])

  project   = var.project
  secret_id = var.secret.id
  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
}

resource "google_secret_manager_secret_version" "this" {
  count = length(var.secret[*])

  secret                 = google_secret_manager_secret.this[0].id
  secret_data_wo         = file(var.secret.source)
  secret_data_wo_version = var.secret.version

  # The old version goes when the service has the new one.
  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "reader" {
  count = length(var.secret[*])

  project   = var.project
  secret_id = google_secret_manager_secret.this[0].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${var.account}"
}
