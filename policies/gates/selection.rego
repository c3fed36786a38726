# Asked again when a tool is about to be chosen: can it do this, and may this tenant use it (requirements 003-9, 001-18)?
#
# input: tool     {id, provider, modality: [..], operations: [..], moves, licence_cleared}
#        request  {modality, operation, motion_required}
#        tenant   {denied: [providers], allowed: [providers] or "all"}
package reel.gates.selection

stage := "pre"

checks := {"modality", "operation", "motion", "allowed", "denied", "licence"}

outcomes contains {
	"id": "modality",
	"pass": input.request.modality in input.tool.modality,
	"message": sprintf("%v is asked, the tool makes %v", [input.request.modality, input.tool.modality]),
}

outcomes contains {
	"id": "operation",
	"pass": input.request.operation in input.tool.operations,
	"message": sprintf("%v is asked, the tool can %v", [input.request.operation, input.tool.operations]),
}

# A tool that cannot move is no candidate where motion is required, whatever it would score.
outcomes contains {"id": "motion", "pass": true, "message": "no motion is required"} if input.request.motion_required == false

outcomes contains {"id": "motion", "pass": input.tool.moves == true, "message": "motion is required"} if {
	input.request.motion_required == true
}

outcomes contains {"id": "allowed", "pass": true, "message": "every provider is allowed"} if input.tenant.allowed == "all"

outcomes contains {
	"id": "allowed",
	"pass": input.tool.provider in input.tenant.allowed,
	"message": sprintf("allowed are %v", [input.tenant.allowed]),
} if {
	is_array(input.tenant.allowed)
}

outcomes contains {"id": "denied", "pass": true, "message": "its provider is not denied"} if {
	is_array(input.tenant.denied)
	is_string(input.tool.provider)
	not input.tool.provider in input.tenant.denied
}

outcomes contains {
	"id": "licence",
	"pass": input.tool.licence_cleared == true,
	"message": "what it makes may be shown",
}
