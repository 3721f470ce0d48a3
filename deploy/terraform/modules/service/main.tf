# One service: private unless told otherwise, and called by those on one list.

locals {
  # A receiver checks for itself what Cloud Run has checked.
  receiver = length(var.callers) == 0 ? {} : {
    AUDIENCES       = var.url
    ALLOWED_CALLERS = join(",", var.callers)
  }

  environment = merge(
    var.environment,
    local.receiver,
    { GOOGLE_CLOUD_PROJECT = var.project },
    var.secret == null ? {} : { (var.secret.variable) = var.secret.path },
  )

  invokers = var.public == "all-users" ? ["allUsers"] : [for email in var.callers : "serviceAccount:${email}"]
}

resource "google_cloud_run_v2_service" "this" {
  name     = var.name
  project  = var.project
  location = var.region

  ingress              = "INGRESS_TRAFFIC_ALL" # a caller on Cloud Run is no inside traffic, without a VPC
  invoker_iam_disabled = var.public == "without-iam-check"
  deletion_protection  = false

  template {
    service_account                  = var.account
    timeout                          = "30s"
    max_instance_request_concurrency = 80

    scaling {
      min_instance_count = 0
      max_instance_count = var.max_instances
    }

    containers {
      image = var.image

      ports {
        container_port = 8080
      }

      resources {
        limits            = { cpu = "1", memory = "256Mi" }
        cpu_idle          = true # paid for while a request runs
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.environment
        content {
          name  = env.key
          value = env.value
        }
      }

      # Not /health/ready: a receiver that cannot fetch Google's keys must start, and heals with the next request.
      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 30
        http_get {
          path = "/health/live"
        }
      }

      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 3
        http_get {
          path = "/health/live"
        }
      }

      dynamic "volume_mounts" {
        for_each = var.secret[*]
        content {
          name       = volume_mounts.value.id
          mount_path = dirname(volume_mounts.value.path)
        }
      }
    }

    dynamic "volumes" {
      for_each = var.secret[*]
      content {
        name = volumes.value.id
        secret {
          secret = google_secret_manager_secret.this[0].secret_id
          items {
            path = basename(volumes.value.path)
            # Not `latest`: a new version is a new revision, and instances with the old one stop.
            version = google_secret_manager_secret_version.this[0].version
          }
        }
      }
    }
  }

  # Without it the first revision could not read its file. The binding is made by then, and may still be news to Google:
  # the README has it made before the images are.
  depends_on = [google_secret_manager_secret_iam_member.reader]
}

# Authoritative for the role: a member added by hand is a difference in the next plan, and is removed.
resource "google_cloud_run_v2_service_iam_binding" "invokers" {
  count = length(local.invokers) > 0 ? 1 : 0

  name     = google_cloud_run_v2_service.this.name
  project  = var.project
  location = var.region
  role     = "roles/run.invoker"
  members  = local.invokers
}

# Cloud Run refuses a token for an audience that is none of the service's URLs.
check "audience" {
  assert {
    condition     = contains(google_cloud_run_v2_service.this.urls, var.url)
    error_message = "${var.url} is not among the URLs that Cloud Run gave ${var.name}: no token for it will be accepted."
  }
}
