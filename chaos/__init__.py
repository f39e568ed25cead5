"""The service under kill -9: `make chaos-kill`, or `python -m chaos.kill --help`.

kill       one run from start to verdict
plan       how much of everything; events, wishes, moments: what a seed makes of it
stage      the service as `caunoi up` runs it, in a folder and on ports of its own
dbclock    the hour that the run's database believes it is
load       a process that puts messages into the outbox, one transaction an event
people     a process in which villagers dial and text until they have been told a number
carrier    what goes wrong at the carrier
blows      kill -9, FLUSHALL, immediate stops, pauses
evidence   the carrier's journal, the notes of load and people, the database, the logs
verdict    the figures, each beside its target
"""
