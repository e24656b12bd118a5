# SPDX-License-Identifier: PostgreSQL
world.fault("out:/twilio/status", 'set status.indicator="major"', 'set status.description="Partial System Outage"')
