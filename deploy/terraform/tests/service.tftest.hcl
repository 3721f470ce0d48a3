# The module alone: what every service gets, and what it gets only when it is asked for.

mock_provider "google" {}

override_resource {
  target = google_cloud_run_v2_service.this
  values = { urls = ["https://orders-123456789012.europe-west1.run.app", "https://orders-abcdefghij-ew.a.run.app"] }
}

override_resource {
  target = google_secret_manager_secret_version.this
  values = { version = "7" }
}

variables {
  name          = "orders"
  project       = "some-project"
  region        = "europe-west1"
  image         = "europe-west1-docker.pkg.dev/some-project/service-to-service/orders:1"
  account       = "orders@some-project.iam.gserviceaccount.com"
  url           = "https://orders-123456789012.europe-west1.run.app"
  callers       = ["shop@some-project.iam.gserviceaccount.com", "till@some-project.iam.gserviceaccount.com"]
  max_instances = 2
}

run "private_and_the_same_callers_on_both_lists" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = google_cloud_run_v2_service.this.invoker_iam_disabled == false
    error_message = "A service is private unless told otherwise."
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_binding.invokers[0].role == "roles/run.invoker"
    error_message = "The role that admits is another."
  }

  assert {
    condition = (
      join(",", sort([for member in google_cloud_run_v2_service_iam_binding.invokers[0].members : trimprefix(member, "serviceAccount:")]))
      == output.environment.ALLOWED_CALLERS
    )
    error_message = "Cloud Run and the service disagree."
  }

  assert {
    condition     = length(google_secret_manager_secret.this) == 0 && length(google_cloud_run_v2_service.this.template[0].volumes) == 0
    error_message = "It was not given a secret."
  }
}

run "the_same_numbers_as_make_deploy" {
  module {
    source = "./modules/service"
  }

  assert {
    condition = alltrue([
      for template in google_cloud_run_v2_service.this.template : alltrue([
        for flag in [
          "--port=${template.containers[0].ports[0].container_port}",
          "--cpu=${template.containers[0].resources[0].limits.cpu}",
          "--memory=${template.containers[0].resources[0].limits.memory}",
          template.containers[0].resources[0].cpu_idle ? "--cpu-throttling" : "--no-cpu-throttling",
          template.containers[0].resources[0].startup_cpu_boost ? "--cpu-boost" : "--no-cpu-boost",
          "--concurrency=${template.max_instance_request_concurrency}",
          "--min-instances=${template.scaling[0].min_instance_count}",
          "--timeout=${trimsuffix(template.timeout, "s")}",
          "--ingress=${lower(trimprefix(google_cloud_run_v2_service.this.ingress, "INGRESS_TRAFFIC_"))}",
        ] : can(regex("[ \n]${flag}[ \n]", file("../cloud-run/deploy.sh")))
      ])
    ])
    error_message = "deploy/cloud-run/deploy.sh has another number."
  }

  assert {
    condition = alltrue([
      for flag, probe in {
        startup  = google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0]
        liveness = google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0]
        } : strcontains(file("../cloud-run/deploy.sh"), join(",", [
          "--${flag}-probe='httpGet.path=${probe.http_get[0].path}",
          "httpGet.port=${google_cloud_run_v2_service.this.template[0].containers[0].ports[0].container_port}",
          "periodSeconds=${probe.period_seconds}",
          "timeoutSeconds=${probe.timeout_seconds}",
          "failureThreshold=${probe.failure_threshold}'",
      ]))
    ])
    error_message = "deploy/cloud-run/deploy.sh has another probe."
  }
}

run "idle_it_costs_nothing_and_the_probes_need_no_keys" {
  module {
    source = "./modules/service"
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].scaling[0].min_instance_count == 0
    error_message = "An instance stays."
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].scaling[0].max_instance_count == 2
    error_message = "There can be more instances than allowed."
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].resources[0].cpu_idle
    error_message = "The processor is paid for between requests."
  }

  assert {
    condition = toset(["/health/live"]) == toset([
      google_cloud_run_v2_service.this.template[0].containers[0].startup_probe[0].http_get[0].path,
      google_cloud_run_v2_service.this.template[0].containers[0].liveness_probe[0].http_get[0].path,
    ])
    error_message = "A probe asks for what needs Google's keys."
  }
}

run "a_secret_is_a_file_of_one_version" {
  module {
    source = "./modules/service"
  }

  variables {
    secret = {
      id       = "prices"
      source   = "../local/profiles.json"
      version  = 1
      path     = "/etc/orders/prices.json"
      variable = "PRICES_FILE"
    }
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].containers[0].volume_mounts[0].mount_path == "/etc/orders"
    error_message = "It is mounted elsewhere."
  }

  assert {
    condition = [for item in google_cloud_run_v2_service.this.template[0].volumes[0].secret[0].items : [item.path, item.version]] == [
      ["prices.json", "7"]
    ]
    error_message = "Another file, or another version."
  }

  assert {
    condition     = google_secret_manager_secret_version.this[0].secret_data == null
    error_message = "The value is where the state keeps it."
  }

  assert {
    condition     = google_secret_manager_secret_iam_member.reader[0].member == "serviceAccount:orders@some-project.iam.gserviceaccount.com"
    error_message = "Somebody else may read it."
  }
}

run "private_without_callers_is_a_mistake" {
  command = plan
  module {
    source = "./modules/service"
  }
  variables {
    callers = []
  }
  expect_failures = [var.public]
}

run "a_third_way_to_be_public" {
  command = plan
  module {
    source = "./modules/service"
  }
  variables {
    public = "yes"
  }
  expect_failures = [var.public]
}

run "an_audience_that_is_not_its_url" {
  module {
    source = "./modules/service"
  }
  variables {
    url = "https://orders.example"
  }
  expect_failures = [check.audience]
}
