# Asked before anything of a project is handed to a tool (requirement 003-9): does it take data of this class, and is it a risk
# that this tenant takes?
#
# input: data    {class: one of data.gates.classes, from the least to the most guarded}
#        tool    {local, data_class: the most guarded it takes, risk: "low"|"high"}
#        tenant  {sensitive}
package reel.gates.data_class

stage := "pre"

checks := {"class", "covered", "risk"}

rank[class] := n if some n, class in data.gates.classes

outcomes contains {
	"id": "class",
	"pass": input.data.class in data.gates.classes,
	"message": sprintf("the data is %v; classes are %v", [input.data.class, data.gates.classes]),
}

outcomes contains {"id": "covered", "pass": true, "message": "it stays on this machine"} if {
	input.tool.local == true
	input.data.class in data.gates.classes
}

outcomes contains {
	"id": "covered",
	"pass": rank[input.data.class] <= rank[input.tool.data_class],
	"message": sprintf("the data is %v, the tool takes up to %v", [input.data.class, input.tool.data_class]),
} if {
	input.tool.local == false
}

# A tool of high risk sees nothing of a tenant that is sensitive, on this machine or elsewhere.
outcomes contains {"id": "risk", "pass": true, "message": "a tool of low risk"} if input.tool.risk == "low"

outcomes contains {
	"id": "risk",
	"pass": input.tenant.sensitive == false,
	"message": "a tool of high risk, and whether its tenant is sensitive",
} if {
	input.tool.risk == "high"
}
