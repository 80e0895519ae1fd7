/* How many multiply-adds one core does at most with AVX2: cc -O2 bench/engine/peak.c -o peak && ./peak
   In 8 bit: vpmaddubsw, vpmaddwd and vpaddd for each 32 products, as 8-bit convolutions without VNNI take them. In float32: vfmadd231ps for each 8. */
#include <stdio.h>
#include <time.h>

#define ROUNDS 100000000L
#define EIGHT(sum, part) \
  "vpmaddubsw %%ymm15, %%ymm14, %%ymm" part "\n vpmaddwd %%ymm14, %%ymm" part ", %%ymm" part "\n vpaddd %%ymm" part ", %%ymm" sum ", %%ymm" sum "\n"
#define FLOAT(sum) "vfmadd231ps %%ymm15, %%ymm14, %%ymm" sum "\n"
#define REGISTERS                                                                                                                       \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(void) {
  __asm__ volatile("vzeroall" ::: REGISTERS);
  double start = seconds();
  for (long i = 0; i < ROUNDS; i++)
    __asm__ volatile(EIGHT("0", "10") EIGHT("1", "11") EIGHT("2", "12") EIGHT("3", "13") EIGHT("4", "10") EIGHT("5", "11") EIGHT("6", "12")
                         EIGHT("7", "13") EIGHT("8", "10") EIGHT("9", "11")::: REGISTERS);
  printf("8 bit: %.0f billion multiply-adds a second\n", ROUNDS * 10 * 32 / (seconds() - start) / 1e9);
  start = seconds();
  for (long i = 0; i < ROUNDS; i++)
    __asm__ volatile(FLOAT("0") FLOAT("1") FLOAT("2") FLOAT("3") FLOAT("4") FLOAT("5") FLOAT("6") FLOAT("7") FLOAT("8") FLOAT("9")
                         FLOAT("10") FLOAT("11")::: REGISTERS);
  printf("float32: %.0f billion multiply-adds a second\n", ROUNDS * 12 * 8 / (seconds() - start) / 1e9);
  return 0;
}
