variable "name" {
  description = "The service's name."
  type        = string

  validation {
    condition     = length(var.name) <= 49
    error_message = "A longer name has no URL that is known beforehand."
  }
}

variable "project" {
  description = "The project's id."
  type        = string
}

variable "region" {
  description = "Where it runs."
  type        = string
}

variable "image" {
  description = "The image, with a tag or a digest."
  type        = string
}

variable "account" {
  description = "The e-mail of the account that it runs as, and no other service does."
  type        = string
}

variable "url" {
  description = "The service's URL: the audience that it accepts."
  type        = string
}

variable "callers" {
  description = "E-mails of the accounts that may call it: Cloud Run's list and the service's own, from one place."
  type        = list(string)
  default     = []
}

variable "public" {
  description = "no, or how everyone gets in: without-iam-check or all-users."
  type        = string
  default     = "no"

  validation {
    condition     = contains(["no", "without-iam-check", "all-users"], var.public)
    error_message = "One of no, without-iam-check, all-users."
  }

  validation {
    condition     = var.public != "no" || length(var.callers) > 0
    error_message = "A service that is not public needs callers: its list must not be empty."
  }
}

variable "environment" {
  description = "More environment variables; no secrets."
  type        = map(string)
  default     = {}
}

variable "secret" {
  description = "A file that it reads: the secret's id, the file that fills it, its path in the container and the path's variable."
  type = object({
    id       = string
    source   = string
    version  = number
    path     = string
    variable = string
  })
  default = null
}

variable "max_instances" {
  description = "The most instances."
  type        = number
}
