#include "diagnose/troubles.h"

#define TRACE "Record the run loop's return codes and block numbers and give them with --trace (docs/formats.md)."
#define LOG "Print the device log (CRC of input, epochs and output, self-test of the pools) and give it with --device-log."

const struct lp_trouble_text lp_trouble_texts[LP_VERDICTS] = {
    [LP_TROUBLE_NETWORK_NOT_RESET] = {"network-not-reset",
                                      "after DONE the network stays at its end, so that a further run returns DONE at once and "
                                      "computes nothing",
                                      "Call LL_ATON_RT_Reset_Network(&instance) after each DONE, before the next inference.",
                                      TRACE},
    [LP_TROUBLE_INPUT_NOT_CLEANED] =
        {"input-not-cleaned", "the input is still in the CPU's data cache, the NPU reads what memory held before",
         "After writing the input call SCB_CleanDCache_by_Addr(input, bytes) over all of it, before the first epoch, and never "
         "an "
         "invalidate before the clean.",
         "Run once with the data cache off (SCB_DisableDCache): if the outputs follow, it is the cache."},
    [LP_TROUBLE_OUTPUT_NOT_INVALIDATED] =
        {"output-not-invalidated", "the CPU reads the output from its data cache, not what the NPU wrote to memory",
         "Call SCB_InvalidateDCache_by_Addr(output, bytes) after DONE and before reading the output.",
         "Run once with the data cache off (SCB_DisableDCache): if the outputs follow, it is the cache."},
    [LP_TROUBLE_INPUT_WRONG_ADDRESS] =
        {"input-wrong-address", "the input is written to another buffer than the one that the network reads",
         "Write to the address that the network states (lp_network_input, or LL_Buffer_addr_start of "
         "LL_ATON_Input_Buffers_Info), not to a buffer of your own.",
         "Print the address that you write to and the one that the network states."},
    [LP_TROUBLE_OUTPUT_WRONG_ADDRESS] =
        {"output-wrong-address", "the output is read from another buffer than the one that the network writes",
         "Read from the address that the network states (lp_network_output, or LL_Buffer_addr_start of "
         "LL_ATON_Output_Buffers_Info).",
         "Fill the buffer that you read with 0xA5 before a run: if it stays, the network writes elsewhere."},
    [LP_TROUBLE_RESET_TOO_EARLY] =
        {"reset-too-early", "the network is reset before it returned DONE, so that its last epochs never run",
         "Call LL_ATON_RT_RunEpochBlock until it returns LL_ATON_RT_DONE (wait on LL_ATON_RT_WFE), and "
         "only then reset.",
         TRACE},
    [LP_TROUBLE_NPU_TIMEOUT] =
        {"npu-timeout", "an epoch never ends, so that nothing behind it is computed",
         "Enable the NPU's interrupt line and clock, then look at the unit that the time-out names; the run "
         "loop must not read the output of a run that did not return DONE.",
         TRACE},
    [LP_TROUBLE_POOL_ASLEEP] =
        {"pool-asleep", "a memory has no power or clock: it reads zero and loses what is written",
         "Switch on the memory before the first use (RAMCFG clock, clear SRAMSD in RAMCFG_AXISRAMxCR, enable "
         "AXISRAMxEN in RCC_MEMENR).",
         "Write a word to each pool from the CPU and read it back."},
    [LP_TROUBLE_POOL_FIREWALLED] =
        {"pool-firewalled", "the bus firewall refuses the NPU: its reads give zero, its writes are dropped",
         "Allow the NPU as bus master in the pool (RIFSC/RISAF region with the NPU's CID, secure and privileged as the master).",
         "Let the NPU copy a pattern within each pool and read it with the CPU."},
    [LP_TROUBLE_WEIGHTS_MISSING] =
        {"weights-missing", "the memory of the weights is empty: erased flash, or not memory-mapped",
         "Program the weights' image to its address and enable memory-mapped mode of the external flash "
         "before the first epoch.",
         "Read the first words at the weights' address with a debugger."},
    [LP_TROUBLE_WEIGHTS_WRONG_ADDRESS] = {"weights-wrong-address", "the weights lie at another address than the program reads",
                                          "Program the image to exactly the address that the report states for its pool.",
                                          "Compare the first 16 bytes at the weights' address with those of the image file."},
    [LP_TROUBLE_WEIGHTS_CORRUPT] = {"weights-corrupt", "the weights on the device are not those of the model",
                                    "Program the weights' image again, of the same build as the program, and check its CRC after "
                                    "programming.",
                                    "Compute the CRC of the weights on the device and compare it with the report's."},
    [LP_TROUBLE_CACHE_LINE_SHARED] =
        {"cache-line-shared",
         "the output shares a 32-byte cache line with data that the CPU writes: cleaning one spoils the other",
         "Align input, output and all that the CPU writes beside them to 32 bytes, and pad their sizes to 32.",
         "Print the addresses of input and output: no two buffers may share a line of 32 bytes."},
    [LP_TROUBLE_INPUT_TYPE_MISMATCH] =
        {"input-type-mismatch", "the input's bytes are of another type: uint8, float or unscaled values where int8 is expected",
         "Write int8 values: q = round(value / scale) + zero_point, clamped to -128..127.",
         "Print the first 16 bytes of the input buffer as int8 and compare them with the model's quantized input."},
    [LP_TROUBLE_INPUT_LAYOUT] = {"input-layout", "the input's elements stand in another order: channel-first, or transposed",
                                 "Write the input with the channels last: index (y * width + x) * channels + c.",
                                 "Feed an input in which a single feature differs from zero."},
    [LP_TROUBLE_OUTPUT_SCALE_WRONG] =
        {"output-scale-wrong", "the output's integers are right and become real numbers with the wrong scale or zero point",
         "Dequantize with the scale and zero point of this model's output: real = scale * (q - zero_point), q as int8.",
         "Log the output's integers beside the real values."},
    [LP_TROUBLE_SOFTMAX_TWICE] = {"softmax-twice", "softmax is applied to probabilities, which flattens them",
                                  "Leave out the softmax behind the network: the model ends in one.",
                                  "Log the network's output before your own softmax: it sums to 1 already."},
    [LP_TROUBLE_ACCUMULATOR_SATURATES] =
        {"accumulator-saturates",
         "the accumulator's shift follows the net weight sum, so that a layer with balanced weights saturates its 16 bits",
         "Compile with limpid, whose shifts follow the reachable range, or run this layer on the CPU; retraining with "
         "smaller weights in the layer helps as well.",
         "Give the vendor's program with --program: its saturated values are counted on your own log."},
    [LP_TROUBLE_MODEL_INSENSITIVE] =
        {"model-insensitive", "the model itself gives the same output for these inputs: the change dies in a layer",
         "Change the model: a finer input scale, features normalized one by one, a wider output range "
         "of the layer, or fewer steps "
         "to average over.",
         "Feed an input with a much larger change: the report states how large it must be."},
    [LP_TROUBLE_OUTPUT_SATURATED] =
        {"output-saturated", "the model's output stands at the limit of its range for these inputs",
         "Widen the output's range when quantizing, or take the layer before the softmax as the output.",
         "Run the float model on the same log and look at its range."},
    [LP_TROUBLE_INPUT_RANGE_MISMATCH] =
        {"input-range-mismatch", "the inputs do not fit the input's quantization: clipped, or within few steps of it",
         "Scale or normalize the inputs as in training, or quantize the model with a calibration set like this log.",
         "Compare the log's range with the range that the model's input can represent."},
    [LP_TROUBLE_HEALTHY] = {"healthy", "outputs are what the model gives for these inputs", "Nothing to do.", "None is needed."},
    [LP_TROUBLE_UNEXPLAINED] = {"unexplained", "outputs differ from the model's, and no cause fits",
                                "Check that inputs, outputs, model and program belong together, row by row.", LOG},
};
