/**
 * I2_S, the file format of BitNet's ternary weights: two bits a weight, four weights a byte, and
 * one f32 scale for the whole matrix, in a 32-byte tail behind the packed weights.
 *
 * Weights come in blocks of 128, packed into 32 bytes. Byte i of a block holds the weights i,
 * i + 32, i + 64 and i + 96, in bits 7-6, 5-4, 3-2 and 1-0, so that a 256-bit register of bytes,
 * shifted and masked, yields 32 neighbours at once. Codes 0, 1, 2 stand for -1, 0, +1.
 *
 * Source: microsoft/BitNet@01eb415 src/ggml-bitnet-mad.cpp and, in its llama.cpp, the decoder
 * dequantize_row_i2_s of ggml/src/ggml-quants.c (read 2026-11).
 */

/** Weights to a block in every published file. */
export const i2sBlockLength = 128;
/** Bytes behind the packed weights; the first four are the scale, the rest is zero. */
export const i2sTailBytes = 32;
