# Asked before money is reserved (requirements 002-12.4a, 003-9): the worst a call can cost against what is left. Whole micro-USD.
#
# input: quote_micro_usd             at worst; absent: nobody can say, and unknown is not zero
#        run.remaining_micro_usd     what this run may still spend, with what is reserved taken off
#        tenant.remaining_micro_usd  what its tenant may, or "unlimited"
package reel.gates.budget

stage := "pre"

checks := {"quote", "run", "tenant"}

known if {
	is_number(input.quote_micro_usd)
	input.quote_micro_usd >= 0
}

outcomes contains {
	"id": "quote",
	"pass": input.quote_micro_usd >= 0,
	"message": "what it costs at worst is known",
	"metric": input.quote_micro_usd,
	"threshold": 0,
	"unit": "micro_usd",
} if {
	is_number(input.quote_micro_usd)
}

outcomes contains {
	"id": "run",
	"pass": input.quote_micro_usd <= input.run.remaining_micro_usd,
	"message": "the quote against what the run has left",
	"metric": input.quote_micro_usd,
	"threshold": input.run.remaining_micro_usd,
	"unit": "micro_usd",
} if {
	known
	is_number(input.run.remaining_micro_usd)
}

outcomes contains {"id": "tenant", "pass": true, "message": "the tenant has no limit"} if {
	known
	input.tenant.remaining_micro_usd == "unlimited"
}

outcomes contains {
	"id": "tenant",
	"pass": input.quote_micro_usd <= input.tenant.remaining_micro_usd,
	"message": "the quote against what the tenant has left",
	"metric": input.quote_micro_usd,
	"threshold": input.tenant.remaining_micro_usd,
	"unit": "micro_usd",
} if {
	known
	is_number(input.tenant.remaining_micro_usd)
}
