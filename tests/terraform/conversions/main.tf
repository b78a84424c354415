variable "o" {
  type    = object({ a = optional(bool, true), b = optional(string), n = number })
  default = { n = "5", extra = 1 }
}
variable "l" {
  type    = list(string)
  default = [1, true]
}
variable "m" {
  type    = map(string)
  default = { a = 1, b = true }
}
variable "s" {
  type    = set(string)
  default = ["b", "a", "b"]
}
variable "any" {
  type    = any
  default = { x = [1, "a"] }
}
variable "lm" {
  type    = list(object({ n = string, p = optional(number, 5) }))
  default = [{ n = 1 }, { n = "x", p = "7" }]
}
variable "nl" {
  type    = map(list(string))
  default = {}
}
variable "bare" {
  type    = list(any)
  default = ["a"]
}
variable "tup" {
  type    = tuple([string, number])
  default = [1, "2"]
}
variable "nullobj" {
  type    = object({ a = optional(string, "d") })
  default = null
}
variable "nested" {
  type    = object({ i = optional(object({ on = optional(bool, false) }), {}) })
  default = {}
}
variable "nested2" {
  type    = map(object({ on = optional(bool, true), tags = optional(map(string), {}) }))
  default = { k = {}, j = { on = null } }
}
locals {
  r = jsonencode({ o = var.o, l = var.l, m = var.m, s = var.s, any = var.any, lm = var.lm, nl = var.nl, bare = var.bare, tup = var.tup, nullobj = var.nullobj, nested = var.nested, nested2 = var.nested2,
  look = lookup(var.nl, "x", []), el = element(tolist(var.s), 0), ks = { for k, v in var.m : k => v if v != "true" }, eq = var.m.a == "1", eq2 = var.lm[0].p == 5, tern = true ? var.l : [], t2 = true ? var.m : {}, t3 = false ? null : var.o, coal = coalesce(var.o.b, "z"), mm = merge(var.m, { c = 1 }), cc = concat(var.l, [1]), len = length(var.s), cont = contains(var.l, "1"), v = values(var.m), ts = toset(var.l), jj = join(",", var.s), t4 = true ? { a = 1 } : { a = "x", b = 2 }, t6 = true ? ["a", true] : ["b"] })
}
