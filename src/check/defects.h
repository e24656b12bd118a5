/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_DEFECTS_H
#define LIFEBOAT_CHECK_DEFECTS_H

#include "check/check.h"

/* Turns every defect of that kind, met while the backup was read, into a finding; returns how many there were. */
size_t defects_report(CheckContext *context, CheckResult *result, BackupDefectKind kind, const CheckFinding *declared);

#endif
