/* How many multiply-adds one core does at most: cc -O2 bench/engine/peak.c -o peak && ./peak
   With AVX2, in 8 bit: vpmaddubsw, vpmaddwd and vpaddd for each 32 products, as 8-bit convolutions without VNNI take them; in float32:
   vfmadd231ps for each 8. With AVX-512 where the processor has it: vpdpbusd for each 64, vdpbf16ps for each 32, vfmadd231ps for each 16. */
#include <stdio.h>
#include <time.h>

#define ROUNDS 100000000L
#define EIGHT(sum, part) \
  "vpmaddubsw %%ymm15, %%ymm14, %%ymm" part "\n vpmaddwd %%ymm14, %%ymm" part ", %%ymm" part "\n vpaddd %%ymm" part ", %%ymm" sum ", %%ymm" sum "\n"
#define SUM(instruction, register, sum) instruction " %%" register "15, %%" register "14, %%" register sum "\n"
#define TWELVE(instruction, register)                                                                                                   \
  SUM(instruction, register, "0") SUM(instruction, register, "1") SUM(instruction, register, "2") SUM(instruction, register, "3")       \
  SUM(instruction, register, "4") SUM(instruction, register, "5") SUM(instruction, register, "6") SUM(instruction, register, "7")       \
  SUM(instruction, register, "8") SUM(instruction, register, "9") SUM(instruction, register, "10") SUM(instruction, register, "11")
#define REGISTERS                                                                                                                       \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
#define MEASURE(name, instructions, products)                                                                                           \
  do {                                                                                                                                  \
    double start = seconds();                                                                                                           \
    for (long i = 0; i < ROUNDS; i++) __asm__ volatile(instructions ::: REGISTERS);                                                     \
    printf("%s: %.0f billion multiply-adds a second\n", name, ROUNDS * (products) / (seconds() - start) / 1e9);                         \
  } while (0)

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(void) {
  __asm__ volatile("vzeroall" ::: REGISTERS);
  MEASURE("AVX2, 8 bit",
          EIGHT("0", "10") EIGHT("1", "11") EIGHT("2", "12") EIGHT("3", "13") EIGHT("4", "10") EIGHT("5", "11") EIGHT("6", "12")
              EIGHT("7", "13") EIGHT("8", "10") EIGHT("9", "11"),
          10 * 32);
  MEASURE("AVX2, float32", TWELVE("vfmadd231ps", "ymm"), 12 * 8);
  if (__builtin_cpu_supports("avx512vnni")) MEASURE("AVX-512, 8 bit", TWELVE("vpdpbusd", "zmm"), 12 * 64);
  if (__builtin_cpu_supports("avx512bf16")) MEASURE("AVX-512, bfloat16", TWELVE("vdpbf16ps", "zmm"), 12 * 32);
  if (__builtin_cpu_supports("avx512f")) MEASURE("AVX-512, float32", TWELVE("vfmadd231ps", "zmm"), 12 * 16);
  return 0;
}
