/* SPDX-License-Identifier: PostgreSQL */
#include "check/defects.h"

size_t defects_report(CheckContext *context, CheckResult *result, BackupDefectKind kind, const CheckFinding *declared) {
    size_t count = 0;
    LIST_EACH (const BackupDefect, defect, context->backup->defects) {
        if (defect->kind != kind)
            continue;
        const char *where = defect->table != NULL ? defect->table : defect->where;
        /* The first says what that means as well: it may be the only sentence that somebody reads. */
        check_report(context, result, declared, where == NULL ? "" : where, "%s%s%s: %s",
                     count == 0 ? declared->title : "", count == 0 ? ". " : "",
                     defect->where == NULL ? "backup" : defect->where, defect->message);
        count++;
    }
    return count;
}
