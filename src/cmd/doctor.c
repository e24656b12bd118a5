/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/doctor.h"

const char *doctor_status_name(DoctorStatus status) {
    static const char *const names[] = {"ok", "warning", "problem", "unknown"};
    return names[status];
}

void doctor_add(Doctor *doctor, DoctorStatus status, const char *what, const char *text, const char *fix) {
    *LIST_PUSH(doctor->arena, doctor->lines) =
        (DoctorLine){.status = status, .group = doctor->group, .what = what, .text = text, .fix = fix};
}

void doctor_add_error(Doctor *doctor, DoctorStatus status, const char *what, const Err *err) {
    doctor_add(doctor, status, what, err_text(doctor->arena, err), err_first_hint(err));
}
