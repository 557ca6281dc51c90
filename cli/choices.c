#include "cli/choices.h"

#include "cli/npu_build.h"
#include "compiler/report/choices.h"

enum { GOALS = 3 };

/* By what costs least storage. */
static const enum lp_goal goals[GOALS] = {LP_GOAL_SIZE, LP_GOAL_BALANCED, LP_GOAL_SPEED};

/* A session of its own: what it says is of no interest, and its memory goes when it was looked at. */
static lp_status measure(const struct lp_session *session, const struct lp_unit *compiled, enum lp_goal goal,
                         struct lp_choice *out)
{
    struct lp_session other = *session;
    struct lp_unit unit = {.arena = &other.arena, .diag = &other.diag};
    struct lp_npu_build build = {.only_accounts = true};
    other.arena = (struct lp_arena){0};
    other.diag = (struct lp_diag){0};
    other.options.goal = goal;
    lp_status status = lp_compile_for_goal(compiled, goal, &unit);
    if (status == LP_OK)
        status = lp_npu_build(&other, &unit, &build);
    if (status == LP_OK) {
        const struct lp_report_target measured = lp_session_report_target(&unit);
        lp_choice_measure(&measured, out);
    }
    out->does_not_fit = status == LP_DOES_NOT_FIT;
    lp_diag_free(&other.diag);
    lp_arena_free(&other.arena);
    return status == LP_DOES_NOT_FIT ? LP_OK : status;
}

lp_status lp_choices_find(struct lp_session *session, const struct lp_unit *unit, struct lp_report_target *target)
{
    struct lp_choice *choices = LP_NEW_ARRAY(&session->arena, GOALS, struct lp_choice);
    lp_status status = LP_OK;
    if (choices == NULL)
        return lp_no_memory(&session->diag);
    for (int i = 0; i < GOALS && status == LP_OK; i++) {
        choices[i].name = lp_session_goal_name(goals[i]);
        choices[i].is_chosen = goals[i] == session->options.goal;
        if (choices[i].is_chosen)
            lp_choice_measure(target, &choices[i]);
        else
            status = measure(session, unit, goals[i], &choices[i]);
    }
    target->choices = choices;
    target->choice_count = GOALS;
    return status == LP_OK ? LP_OK
                           : lp_error(&session->diag, status, "%s cannot be compiled with each --optimize", session->model_path);
}
