output "invokers" {
  description = "Whom Cloud Run lets through."
  value       = one(google_cloud_run_v2_service_iam_binding.invokers[*].members)
}

output "iam_check" {
  description = "Whether Cloud Run asks for a token."
  value       = !google_cloud_run_v2_service.this.invoker_iam_disabled
}

output "account" {
  description = "The account that it runs as."
  value       = google_cloud_run_v2_service.this.template[0].service_account
}

output "environment" {
  description = "Its environment variables."
  value       = { for env in google_cloud_run_v2_service.this.template[0].containers[0].env : env.name => env.value }
}

output "readers" {
  description = "Who may read its secret."
  value       = google_secret_manager_secret_iam_member.reader[*].member
}
