# Asked before a person's action is carried out (requirements 002-34, 002-27): the table of roles is data.gates.roles.
#
# input: actor   {role}
#        action  one of data.gates.actions
package reel.gates.roles

stage := "pre"

checks := {"role", "action", "allowed"}

outcomes contains {
	"id": "role",
	"pass": input.actor.role in object.keys(data.gates.roles),
	"message": sprintf("the role is %v", [input.actor.role]),
}

outcomes contains {
	"id": "action",
	"pass": input.action in data.gates.actions,
	"message": sprintf("the action is %v", [input.action]),
}

outcomes contains {
	"id": "allowed",
	"pass": input.action in data.gates.roles[input.actor.role],
	"message": sprintf("%v by %v", [input.action, input.actor.role]),
}
