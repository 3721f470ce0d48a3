# Who may call whom, with a provider that makes nothing: needs no project, no credentials and no network.

mock_provider "google" {}

override_data {
  target = data.google_project.this
  values = { number = "123456789012" }
}

override_resource {
  target = google_service_account.identity["login-service"]
  values = { email = "login-service@some-project.iam.gserviceaccount.com" }
}

override_resource {
  target = google_service_account.identity["profile-service"]
  values = { email = "profile-service@some-project.iam.gserviceaccount.com" }
}

override_resource {
  target = google_service_account.identity["search-service"]
  values = { email = "search-service@some-project.iam.gserviceaccount.com" }
}

override_resource {
  target = google_service_account.identity["frontend"]
  values = { email = "frontend@some-project.iam.gserviceaccount.com" }
}

override_resource {
  target = module.service["login-service"].google_cloud_run_v2_service.this
  values = { urls = ["https://login-service-123456789012.europe-west1.run.app"] }
}

override_resource {
  target = module.service["profile-service"].google_cloud_run_v2_service.this
  values = { urls = ["https://profile-service-123456789012.europe-west1.run.app"] }
}

override_resource {
  target = module.service["search-service"].google_cloud_run_v2_service.this
  values = { urls = ["https://search-service-123456789012.europe-west1.run.app"] }
}

variables {
  project       = "some-project"
  region        = "europe-west1"
  image_tag     = "1"
  users_file    = "tests/users.json" # the hash is of random bytes: no password has it
  profiles_file = "../local/profiles.json"
}

run "two_callers_and_no_more" {
  assert {
    condition = output.invokers == {
      login-service   = null
      profile-service = toset(["serviceAccount:login-service@some-project.iam.gserviceaccount.com"])
      search-service  = toset(["serviceAccount:frontend@some-project.iam.gserviceaccount.com"])
    }
    error_message = "Somebody else may call: ${jsonencode(output.invokers)}"
  }

  assert {
    condition     = output.iam_check == { login-service = false, profile-service = true, search-service = true }
    error_message = "Only login-service is public: ${jsonencode(output.iam_check)}"
  }
}

run "each_service_runs_as_itself" {
  assert {
    condition = alltrue([
      for name, service in module.service : service.account == "${name}@some-project.iam.gserviceaccount.com"
    ])
    error_message = "A service runs as another."
  }
}

run "a_secret_has_one_reader" {
  assert {
    condition = { for name, service in module.service : name => service.readers } == {
      login-service   = ["serviceAccount:login-service@some-project.iam.gserviceaccount.com"]
      profile-service = ["serviceAccount:profile-service@some-project.iam.gserviceaccount.com"]
      search-service  = []
    }
    error_message = "Only the service that is given a file may read it."
  }
}

run "the_environment_of_each_service" {
  assert {
    condition = module.service["login-service"].environment == {
      GOOGLE_CLOUD_PROJECT = "some-project"
      PROFILE_URL          = "https://profile-service-123456789012.europe-west1.run.app"
      USERS_FILE           = "/etc/login-service/users.json"
    }
    error_message = jsonencode(module.service["login-service"].environment)
  }

  assert {
    condition = module.service["profile-service"].environment == {
      ALLOWED_CALLERS      = "login-service@some-project.iam.gserviceaccount.com"
      AUDIENCES            = "https://profile-service-123456789012.europe-west1.run.app"
      GOOGLE_CLOUD_PROJECT = "some-project"
      PROFILES_FILE        = "/etc/profile-service/profiles.json"
    }
    error_message = jsonencode(module.service["profile-service"].environment)
  }

  assert {
    condition = module.service["search-service"].environment == {
      ALLOWED_CALLERS      = "frontend@some-project.iam.gserviceaccount.com"
      AUDIENCES            = "https://search-service-123456789012.europe-west1.run.app"
      GOOGLE_CLOUD_PROJECT = "some-project"
      PROFILE_URL          = "https://profile-service-123456789012.europe-west1.run.app"
    }
    error_message = jsonencode(module.service["search-service"].environment)
  }
}

run "public_by_all_users_opens_login_service_alone" {
  variables {
    login_public_by = "all-users"
  }

  assert {
    condition     = output.invokers["login-service"] == toset(["allUsers"])
    error_message = "Users do not get in."
  }

  assert {
    condition     = !anytrue([for name in ["profile-service", "search-service"] : contains(output.invokers[name], "allUsers")])
    error_message = "Everyone gets in."
  }

  assert {
    condition     = alltrue(values(output.iam_check))
    error_message = "With a binding for all users the check stays on."
  }
}
