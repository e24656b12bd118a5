# SPDX-License-Identifier: PostgreSQL
world.fault("out:/twilio/2010-04-01/Accounts/AC00.json", 'set status="suspended"')
