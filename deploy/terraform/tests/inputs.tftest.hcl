# What is refused before anything is made.

mock_provider "google" {}

variables {
  project       = "some-project"
  image_tag     = "1"
  users_file    = "tests/users.json" # the hash is of random bytes: no password has it
  profiles_file = "../local/profiles.json"
}

run "a_projects_number_is_not_its_id" {
  command = plan
  variables {
    project = "123456789012"
  }
  expect_failures = [var.project]
}

run "a_zone_is_not_a_region" {
  command = plan
  variables {
    region = "europe-west1-b"
  }
  expect_failures = [var.region]
}

run "latest_is_not_a_tag_of_its_own" {
  command = plan
  variables {
    image_tag = "latest"
  }
  expect_failures = [var.image_tag]
}

run "a_file_of_users_that_is_not_there" {
  command = plan
  variables {
    users_file = "../local/no-such-file.json"
  }
  expect_failures = [var.users_file]
}

run "the_demos_passwords_are_published" {
  command = plan
  variables {
    users_file = "../local/users.json"
  }
  expect_failures = [var.users_file]
}

run "a_password_of_the_demo_under_another_name" {
  command = plan
  variables {
    users_file = "tests/demo-user.json"
  }
  expect_failures = [var.users_file]
}

run "the_profiles_are_not_users" {
  command = plan
  variables {
    users_file = "../local/profiles.json"
  }
  expect_failures = [var.users_file]
}

run "the_users_are_not_profiles" {
  command = plan
  variables {
    profiles_file = "../local/users.json"
  }
  expect_failures = [var.profiles_file]
}

run "a_third_way_to_be_public" {
  command = plan
  variables {
    login_public_by = "no"
  }
  expect_failures = [var.login_public_by]
}

run "a_service_without_an_instance" {
  command = plan
  variables {
    max_instances = 0
  }
  expect_failures = [var.max_instances]
}
