# Asked before the first attempt at a tool: may this be done here at all (requirements 002-12.1, 002-12.2, 002-12.3, 003-9)?
#
# input: task        what is to be done, such as "script" or "background_plate"
#        tool        {local, availability: "available"|"degraded"|"unavailable", missing: [what it needs and does not find], writes: [..]}
#        project     {external: "forbidden"|"allowed", writing_external: the same, of writing alone}
#        spend       {worst_micro_usd, threshold_micro_usd, approved}
package reel.gates.pre_execution

stage := "pre"

checks := {"availability", "environment", "local_only", "external", "writes", "spend"}

outcomes contains {
	"id": "availability",
	"pass": input.tool.availability in {"available", "degraded"},
	"message": sprintf("the tool is %v", [input.tool.availability]),
}

outcomes contains {
	"id": "environment",
	"pass": count(input.tool.missing) == 0,
	"message": sprintf("what it needs and does not find: %v", [input.tool.missing]),
	"metric": count(input.tool.missing),
	"threshold": 0,
	"unit": "count",
}

# What the system's correctness rests on never leaves the machine, under any settings.
leaves if input.tool.local == false

stays if input.tool.local == true

known_task if input.task in data.gates.local_only

known_task if input.task in data.gates.may_leave

outcomes contains {"id": "local_only", "pass": true, "message": "it stays on this machine"} if {
	stays
	known_task
}

outcomes contains {
	"id": "local_only",
	"pass": input.task in data.gates.may_leave,
	"message": sprintf("whether %v may leave this machine", [input.task]),
} if {
	leaves
}

outcomes contains {"id": "external", "pass": true, "message": "no outside provider is asked"} if stays

outcomes contains {
	"id": "external",
	"pass": input.project.external == "allowed",
	"message": sprintf("the project says that outside providers are %v", [input.project.external]),
} if {
	leaves
	is_string(input.task)
	not input.task in data.gates.writing
}

outcomes contains {
	"id": "external",
	"pass": {input.project.external, input.project.writing_external} == {"allowed"},
	"message": sprintf("the project says that outside writers are %v", [input.project.writing_external]),
} if {
	leaves
	input.task in data.gates.writing
}

# Who enhances a film from outside changes neither what is true nor when it is shown.
guarded := {"canon", "timing", "registry"}

written := {w | some w in input.tool.writes}

outcomes contains {"id": "writes", "pass": true, "message": "a tool of this machine"} if stays

outcomes contains {
	"id": "writes",
	"pass": count(guarded & written) == 0,
	"message": sprintf("what it changes: %v", [input.tool.writes]),
} if {
	leaves
	is_array(input.tool.writes)
}

default settled := false

settled if input.spend.worst_micro_usd == 0

settled if {
	input.spend.worst_micro_usd > 0
	is_number(input.spend.threshold_micro_usd)
	input.spend.worst_micro_usd <= input.spend.threshold_micro_usd
}

settled if input.spend.approved == true

outcomes contains {
	"id": "spend",
	"pass": settled,
	"message": "it is free, below what may be spent without asking, or approved; what nobody can estimate is asked about",
}
