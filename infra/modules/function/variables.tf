variable "project" {
  type = string
}

variable "region" {
  type = string
}

variable "image" {
  type = string
}

variable "function" {
  description = "The function's row of topology.json."
  type = object({
    name           = string
    callers        = list(string)
    publishes      = list(string)
    roles          = list(string)
    memoryMiB      = number
    cpu            = number
    concurrency    = number
    maxInstances   = number
    timeoutSeconds = number
  })
}

variable "url" {
  description = "Its address, which is also what callers' tokens are made for."
  type        = string
}

variable "environment" {
  description = "Variables in plain text."
  type        = map(string)
}

variable "secrets" {
  description = "Variables whose value is a version of a secret. Instances read it when they start."
  type        = map(object({ id = string, version = string }))
}

variable "invokers" {
  description = "Who may call it, by a name for each."
  type        = map(string)
}

variable "min_instances" {
  type = number
}

variable "protect" {
  type = bool
}
