/* One function per command; each reads its own options and gives the exit status:
 * 0 fine; 1 it worked and found something; 2 bad usage or bad input. */
#ifndef LP_CLI_COMMANDS_H
#define LP_CLI_COMMANDS_H

enum { LP_EXIT_FINE = 0, LP_EXIT_FOUND = 1, LP_EXIT_BAD = 2 };

int lp_cmd_analyze(int argc, char **argv);
int lp_cmd_diagnose(int argc, char **argv);
int lp_cmd_disasm(int argc, char **argv);
int lp_cmd_explain(int argc, char **argv);
int lp_cmd_generate(int argc, char **argv);
int lp_cmd_monitor(int argc, char **argv);
int lp_cmd_optimize(int argc, char **argv);
int lp_cmd_run(int argc, char **argv);
int lp_cmd_rules(int argc, char **argv);
int lp_cmd_sensor(int argc, char **argv);
int lp_cmd_targets(int argc, char **argv);
int lp_cmd_validate(int argc, char **argv);

#endif
