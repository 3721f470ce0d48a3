output "image_repository" {
  description = "Where the images go: this, a slash, the service's name, a colon and the tag."
  value       = local.repository
}

output "urls" {
  description = "Each service's URL, which is its audience too."
  value       = local.urls
}

output "accounts" {
  description = "Each identity's e-mail."
  value       = { for name, account in google_service_account.identity : name => account.email }
}

output "invokers" {
  description = "Whom Cloud Run lets through to each service. A service without the check has none."
  value       = { for name, service in module.service : name => service.invokers }
}

output "iam_check" {
  description = "The services before which Cloud Run asks for a token."
  value       = { for name, service in module.service : name => service.iam_check }
}
