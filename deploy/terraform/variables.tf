variable "project" {
  description = "The project's id (not its number)."
  type        = string

  validation {
    condition     = can(regex("^[a-z][-a-z0-9]{4,28}[a-z0-9]$", var.project))
    error_message = "A project's id has 6 to 30 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "region" {
  description = "The region of services and images. It is a part of every audience, so all callers must use the same."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region looks like europe-west1; europe-west1-b is a zone."
  }
}

variable "image_tag" {
  description = "The tag of the three images, which must be in the repository before the services are made."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "A tag of its own for each build: with the same tag again Terraform sees no change and deploys nothing."
  }
}

variable "users_file" {
  description = "The file that becomes the secret login-users."
  type        = string

  validation {
    condition     = can(keys(jsondecode(file(var.users_file))))
    error_message = "It must be a JSON object in a file: user name to Argon2id hash."
  }

  # login-service is public, and everyone can read those passwords.
  validation {
    condition = length(setintersection(
      try(values(jsondecode(file(var.users_file))), []),
      values(jsondecode(file("${path.module}/../local/users.json"))),
    )) == 0
    error_message = "It has a password of the demo, and those are published: make a file of your own."
  }
}

variable "users_version" {
  description = "Raise it after a change of users_file: Terraform keeps no value that it could compare."
  type        = number
  default     = 1
}

variable "profiles_file" {
  description = "The file that becomes the secret profiles."
  type        = string

  validation {
    condition     = can([for profile in jsondecode(file(var.profiles_file)) : profile.username])
    error_message = "It must be a JSON list of profiles in a file."
  }
}

variable "profiles_version" {
  description = "Raise it after a change of profiles_file."
  type        = number
  default     = 1
}

variable "login_public_by" {
  description = "How users get to login-service: without-iam-check, or all-users where that cannot be set."
  type        = string
  default     = "without-iam-check"

  validation {
    condition     = contains(["without-iam-check", "all-users"], var.login_public_by)
    error_message = "Either without-iam-check or all-users."
  }
}

variable "max_instances" {
  description = "The most instances of each service, and so the most that it can cost."
  type        = number
  default     = 3

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 100
    error_message = "From 1 to 100."
  }
}
