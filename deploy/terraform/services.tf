# Who may call whom, and what each service is given. All else is in modules/service.

locals {
  # Known before the first service is: a service's own `uri` cannot be in its own environment.
  # https://cloud.google.com/run/docs/triggering/https-request#deterministic
  urls = {
    for name in ["login-service", "profile-service", "search-service"] :
    name => "https://${name}-${data.google_project.this.number}.${var.region}.run.app"
  }

  services = {
    login-service = {
      public      = var.login_public_by
      callers     = []
      environment = { PROFILE_URL = local.urls.profile-service }
      secret = {
        id       = "login-users"
        source   = var.users_file
        version  = var.users_version
        path     = "/etc/login-service/users.json"
        variable = "USERS_FILE"
      }
    }

    profile-service = {
      public      = "no"
      callers     = ["login-service"]
      environment = {}
      secret = {
        id       = "profiles"
        source   = var.profiles_file
        version  = var.profiles_version
        path     = "/etc/profile-service/profiles.json"
        variable = "PROFILES_FILE"
      }
    }

    # It is given profile-service's URL, and is not among its callers: that is the refusal to see.
    search-service = {
      public      = "no"
      callers     = ["frontend"]
      environment = { PROFILE_URL = local.urls.profile-service }
      secret      = null
    }
  }
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name          = each.key
  project       = var.project
  region        = var.region
  image         = "${local.repository}/${each.key}:${var.image_tag}"
  account       = google_service_account.identity[each.key].email
  url           = local.urls[each.key]
  public        = each.value.public
  callers       = [for name in each.value.callers : google_service_account.identity[name].email]
  environment   = each.value.environment
  secret        = each.value.secret
  max_instances = var.max_instances

  depends_on = [google_project_service.needed]
}
