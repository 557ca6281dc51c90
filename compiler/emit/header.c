/* NAME.h: what a program includes to use the network; and NAME_example.c, which does. */
#include "compiler/emit/parts.h"

static void add_port(const struct lp_emit_input *in, const char *direction, uint32_t i, int32_t tensor, struct lp_text *out)
{
    const struct lp_tensor *t = &in->graph->tensors[tensor];
    char upper_name[LP_NAME_BYTES], comment[LP_COMMENT_BYTES], shape[100];
    const char *upper = lp_emit_upper(in->name, upper_name);
    bool is_input = direction[0] == 'i';
    const char *upper_direction = is_input ? "INPUT" : "OUTPUT";
    lp_text_printf(out, "\n/* %s %u: '%s', %s, shape %s", direction, (unsigned)i, lp_emit_comment(t->name, comment),
                   lp_element_name(t->element), lp_shape_text(t, shape, sizeof shape));
    if (t->quant.count != 0) {
        lp_text_printf(out, "; real = ");
        lp_emit_float(out, t->quant.scale[0]);
        lp_text_printf(out, " * (integer - %d)", (int)t->quant.zero_point[0]);
    }
    lp_text_printf(out, " */\n#define %s_%s_%u_ELEMENTS %lld\n", upper, upper_direction, (unsigned)i,
                   (long long)lp_tensor_elements(t));
    if (t->quant.count != 0) {
        lp_text_printf(out, "#define %s_%s_%u_SCALE ", upper, upper_direction, (unsigned)i);
        lp_emit_float(out, t->quant.scale[0]);
        lp_text_printf(out, "\n#define %s_%s_%u_ZERO_POINT (%d)\n", upper, upper_direction, (unsigned)i,
                       (int)t->quant.zero_point[0]);
    }
    const char *type = lp_emit_c_type(t->element);
    const char *constant = is_input ? "" : "const ";
    lp_text_printf(
        out, "static inline %s%s *%s_%s_%u(const struct lp_network *net)\n{\n    return (%s%s *)lp_network_%s(net, %u);\n}\n",
        constant, type, in->name, direction, (unsigned)i, constant, type, direction, (unsigned)i);
}

void lp_emit_header(const struct lp_emit_input *in, struct lp_text *out)
{
    char upper_name[LP_NAME_BYTES];
    const char *upper = lp_emit_upper(in->name, upper_name);
    lp_text_printf(out, "#ifndef LP_GENERATED_%s_H\n#define LP_GENERATED_%s_H\n\n", in->name, in->name);
    lp_text_printf(out, "#include \"contract/network.h\"\n#include \"runtime/epoch/network.h\"\n%s\n#include <stdint.h>\n\n",
                   in->graph->state_count == 0 ? "" : "#include \"runtime/epoch/states.h\"\n");
    lp_text_printf(out,
                   "#if LP_ABI != %d\n#error \"%s was written for runtime ABI %d: generate it again, or use the runtime that "
                   "came with it\"\n#endif\n\n",
                   LP_ABI, in->name, LP_ABI);
    lp_text_printf(out, "#define %s_ARENA_BYTES %u\n#define %s_WEIGHTS_BYTES %u\n\n", upper, (unsigned)in->arena_bytes, upper,
                   (unsigned)in->program->weights.size_bytes);
    lp_text_printf(out, "/* Compile with every file of %s.sources and this folder as include path. Use: see %s_example.c. */\n",
                   in->name, in->name);
    lp_text_printf(out, "extern const struct lp_network_desc %s_network;\n", in->name);
    for (uint32_t i = 0; i < in->graph->input_count; i++)
        add_port(in, "input", i, in->graph->inputs[i], out);
    for (uint32_t i = 0; i < in->graph->output_count; i++)
        add_port(in, "output", i, in->graph->outputs[i], out);
    lp_text_printf(out, "\n#endif\n");
}

void lp_emit_example(const struct lp_emit_input *in, struct lp_text *out)
{
    char upper_name[LP_NAME_BYTES];
    const char *upper = lp_emit_upper(in->name, upper_name);
    const char *n = in->name;
    lp_text_printf(out,
                   "/* How to use the network: open once, then fill the inputs, run, read the outputs, as often as wanted.\n"
                   " * A run may overwrite the inputs: fill them before every run. */\n"
                   "#include \"%s.h\"\n#include \"runtime/ports/port.h\"\n\n"
                   "int main(void)\n{\n"
                   "    static struct lp_network net;\n"
                   "    lp_status status = lp_network_open(&net, &%s_network, lp_port_default());\n"
                   "    if (status != LP_OK)\n        return (int)status; /* net.failure says why */\n\n",
                   n, n);
    for (uint32_t i = 0; i < in->graph->input_count; i++) {
        const struct lp_tensor *t = &in->graph->tensors[in->graph->inputs[i]];
        lp_text_printf(out,
                       "    %s *in_%u = %s_input_%u(&net);\n    for (uint32_t i = 0; i < %s_INPUT_%u_ELEMENTS; i++)\n        "
                       "in_%u[i] = 0; /* your data */\n",
                       lp_emit_c_type(t->element), (unsigned)i, n, (unsigned)i, upper, (unsigned)i, (unsigned)i);
    }
    if (in->graph->state_count != 0)
        lp_text_printf(out, "\n    /* lp_network_reset(&net) begins a new sequence; lp_network_open has begun the first one. */");
    lp_text_printf(out, "\n    status = lp_network_run(&net);\n    if (status != LP_OK)\n        return (int)status;\n\n");
    for (uint32_t i = 0; i < in->graph->output_count; i++) {
        const struct lp_tensor *t = &in->graph->tensors[in->graph->outputs[i]];
        lp_text_printf(out, "    const %s *out_%u = %s_output_%u(&net);\n    (void)out_%u; /* %s_OUTPUT_%u_ELEMENTS results */\n",
                       lp_emit_c_type(t->element), (unsigned)i, n, (unsigned)i, (unsigned)i, upper, (unsigned)i);
    }
    lp_text_printf(out, "    return 0;\n}\n");
}
