// The yardstick of sparse-product.ts: counts and product of two sparse matrices by rows, plainly, for -O3.
//
// gustavson FILE ROUNDS WHAT. FILE holds, in 32-bit words, the dimensions M, K, N and 0, then for A and for B the row starts,
// the columns and the values (64-bit). Prints for each round "seconds-of-counting seconds-of-product entries"; where
// WHAT is "count", nothing is multiplied and the second number is 0.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

struct Matrix {
  std::vector<uint32_t> rowStart, column;
  std::vector<double> value;
};

template <typename T>
static std::vector<T> take(FILE* file, size_t count) {
  std::vector<T> data(count);
  if (fread(data.data(), sizeof(T), count, file) != count) exit(1);
  return data;
}

static Matrix takeMatrix(FILE* file, uint32_t rows) {
  Matrix matrix;
  matrix.rowStart = take<uint32_t>(file, size_t(rows) + 1);
  matrix.column = take<uint32_t>(file, matrix.rowStart[rows]);
  matrix.value = take<double>(file, matrix.rowStart[rows]);
  return matrix;
}

static std::vector<uint32_t> rowOutputs(const Matrix& A, const Matrix& B, uint32_t rows, uint32_t columns) {
  std::vector<uint32_t> outputs(rows), lastRow(columns);
  for (uint32_t m = 0; m < rows; m++) {
    uint32_t count = 0;
    for (uint32_t i = A.rowStart[m]; i < A.rowStart[m + 1]; i++) {
      const uint32_t k = A.column[i];
      for (uint32_t j = B.rowStart[k]; j < B.rowStart[k + 1]; j++) {
        const uint32_t n = B.column[j];
        if (lastRow[n] == m + 1) continue;
        lastRow[n] = m + 1;
        count++;
      }
    }
    outputs[m] = count;
  }
  return outputs;
}

static Matrix multiply(const Matrix& A, const Matrix& B, uint32_t rows, uint32_t columns) {
  const std::vector<uint32_t> outputs = rowOutputs(A, B, rows, columns);
  Matrix C;
  C.rowStart.resize(size_t(rows) + 1);
  for (uint32_t m = 0; m < rows; m++) C.rowStart[m + 1] = C.rowStart[m] + outputs[m];
  C.column.resize(C.rowStart[rows]);
  C.value.resize(C.rowStart[rows]);
  std::vector<uint32_t> lastRow(columns);
  std::vector<double> sums(columns);
  for (uint32_t m = 0; m < rows; m++) {
    const uint32_t first = C.rowStart[m];
    uint32_t at = first;
    for (uint32_t i = A.rowStart[m]; i < A.rowStart[m + 1]; i++) {
      const uint32_t k = A.column[i];
      const double a = A.value[i];
      for (uint32_t j = B.rowStart[k]; j < B.rowStart[k + 1]; j++) {
        const uint32_t n = B.column[j];
        if (lastRow[n] == m + 1) {
          sums[n] += a * B.value[j];
        } else {
          lastRow[n] = m + 1;
          sums[n] = a * B.value[j];
          C.column[at++] = n;
        }
      }
    }
    std::sort(C.column.begin() + first, C.column.begin() + at);
    for (uint32_t i = first; i < at; i++) C.value[i] = sums[C.column[i]];
  }
  return C;
}

int main(int count, char** words) {
  if (count < 4) return 2;
  FILE* file = fopen(words[1], "rb");
  if (file == nullptr) return 1;
  const std::vector<uint32_t> sizes = take<uint32_t>(file, 4);
  const uint32_t M = sizes[0], K = sizes[1], N = sizes[2];
  const Matrix A = takeMatrix(file, M);
  const Matrix B = takeMatrix(file, K);
  for (int round = 0; round < atoi(words[2]); round++) {
    using clock = std::chrono::steady_clock;
    const auto start = clock::now();
    const std::vector<uint32_t> outputs = rowOutputs(A, B, M, N);
    const auto counted = clock::now();
    const bool multiplies = strcmp(words[3], "count") != 0;
    const Matrix C = multiplies ? multiply(A, B, M, N) : Matrix();
    const auto end = clock::now();
    const auto seconds = [](auto from, auto to) { return std::chrono::duration<double>(to - from).count(); };
    uint64_t entries = 0;
    for (const uint32_t output : outputs) entries += output;
    if (multiplies && entries != C.column.size()) return 1;
    printf("%.9f %.9f %llu\n", seconds(start, counted), seconds(counted, end), (unsigned long long)entries);
  }
  return 0;
}
