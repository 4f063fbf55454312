// SPDX-License-Identifier: LGPL-2.1-or-later
// Ways to read all modules, and nothing else: what `tree` cannot be faster than, and what was
// weighed against pread.
//
//     read_ways WAY THREADS MODULES_ORDER
//
// WAY is one of
//
//     pread     64 KiB at a time into one buffer, as the library does
//     ahead     the same, and the kernel is asked for the file 32 places further on (readahead)
//     mmap      the whole file mapped, its pages as they are touched
//     populate  the same with MAP_POPULATE
//     uring     16 files at a time through io_uring: opened together, read together, closed
//     together
//
// Each file that modules.order names is opened, its state asked for before and after, and every
// word of it added up, which costs little and makes sure that it is there. Threads take the files
// in turn. The sum is printed: it is the same whatever the way. Exit status 2 if anything fails.
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <liburing.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10U;
constexpr std::size_t kAhead = 32;
constexpr unsigned kBatch = 16;

[[noreturn]] void die(const std::string& what) {
  std::perror(("read_ways: " + what).c_str());
  std::exit(2);
}

std::uint64_t sum_of(const void* data, std::size_t size) {
  std::uint64_t sum = 0;
  std::uint64_t word = 0;
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (; size >= sizeof word; size -= sizeof word, bytes += sizeof word) {
    std::memcpy(&word, bytes, sizeof word);
    sum += word;
  }
  for (; size > 0; --size) {
    sum += *bytes++;
  }
  return sum;
}

std::uint64_t size_of(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) {
    die("fstat");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

/// The files, handed out to the threads.
class Files {
 public:
  explicit Files(const std::string& order) {
    std::ifstream lines(order);
    const std::string directory = order.substr(0, order.rfind('/') + 1);
    for (std::string line; std::getline(lines, line);) {
      paths_.push_back(directory + line);
    }
    if (paths_.empty()) {
      die(order);
    }
  }

  /// The number of the first of the next `count` files; size() or more if there is none.
  std::size_t take(std::size_t count) { return next_.fetch_add(count); }
  [[nodiscard]] std::size_t size() const { return paths_.size(); }
  [[nodiscard]] const char* path(std::size_t number) const { return paths_[number].c_str(); }

  [[nodiscard]] int open(std::size_t number) const {
    const int file = ::open(path(number), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
      die(path(number));
    }
    return file;
  }

 private:
  std::vector<std::string> paths_;
  std::atomic<std::size_t> next_{0};
};

std::uint64_t by_pread(Files& files, bool ahead) {
  std::vector<char> buffer(kChunk);
  std::uint64_t sum = 0;
  for (std::size_t number = 0; (number = files.take(1)) < files.size();) {
    if (ahead && number + kAhead < files.size()) {
      const int file = files.open(number + kAhead);
      static_cast<void>(::posix_fadvise(file, 0, 0, POSIX_FADV_WILLNEED));
      ::close(file);
    }
    const int file = files.open(number);
    const std::uint64_t size = size_of(file);
    for (std::uint64_t at = 0; at < size;) {
      const ssize_t count = ::pread(file, buffer.data(), kChunk, static_cast<off_t>(at));
      if (count <= 0) {
        die(files.path(number));
      }
      sum += sum_of(buffer.data(), static_cast<std::size_t>(count));
      at += static_cast<std::uint64_t>(count);
    }
    static_cast<void>(size_of(file));
    ::close(file);
  }
  return sum;
}

std::uint64_t by_mmap(Files& files, int flags) {
  std::uint64_t sum = 0;
  for (std::size_t number = 0; (number = files.take(1)) < files.size();) {
    const int file = files.open(number);
    const std::size_t size = size_of(file);
    if (size > 0) {
      void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | flags, file, 0);
      if (data == MAP_FAILED) {
        die(files.path(number));
      }
      sum += sum_of(data, size);
      ::munmap(data, size);
    }
    static_cast<void>(size_of(file));
    ::close(file);
  }
  return sum;
}

/// One thread's ring, and the files that are on their way through it.
class Ring {
 public:
  explicit Ring(Files& files) : files_(files) {
    if (::io_uring_queue_init(kBatch, &ring_, 0) < 0) {
      die("io_uring");
    }
    for (Slot& slot : slots_) {
      slot.buffer.resize(kChunk);
    }
  }
  ~Ring() { ::io_uring_queue_exit(&ring_); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  std::uint64_t run() {
    for (std::size_t first = 0; (first = files_.take(kBatch)) < files_.size();) {
      const auto count =
          static_cast<unsigned>(std::min<std::size_t>(kBatch, files_.size() - first));
      open_all(first, count);
      read_all(count);
      close_all(count);
    }
    return sum_;
  }

 private:
  struct Slot {
    int file = -1;
    std::uint64_t size = 0;
    std::uint64_t at = 0;
    std::vector<char> buffer;
  };

  /// Adds a request of slot `number`, which `prepare(entry)` fills.
  template <typename Prepare>
  void add(unsigned number, Prepare prepare) {
    io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
    if (entry == nullptr) {
      die("io_uring_get_sqe");
    }
    prepare(entry);
    ::io_uring_sqe_set_data64(entry, number);
  }

  /// Submits `count` requests and calls `done(slot, result)` for each.
  template <typename Done>
  void finish(unsigned count, Done done) {
    if (::io_uring_submit_and_wait(&ring_, count) < 0) {
      die("io_uring_submit_and_wait");
    }
    for (unsigned i = 0; i < count; ++i) {
      io_uring_cqe* entry = nullptr;
      if (::io_uring_wait_cqe(&ring_, &entry) != 0 || entry->res < 0) {
        die("io_uring_wait_cqe");
      }
      done(slots_[entry->user_data], entry->res);
      ::io_uring_cqe_seen(&ring_, entry);
    }
  }

  void open_all(std::size_t first, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      add(i, [&](io_uring_sqe* entry) {
        ::io_uring_prep_openat(entry, AT_FDCWD, files_.path(first + i), O_RDONLY | O_CLOEXEC, 0);
      });
    }
    finish(count, [](Slot& slot, int result) {
      slot.file = result;
      slot.at = 0;
      slot.size = size_of(result);
    });
  }

  void read_all(unsigned count) {
    while (true) {
      unsigned submitted = 0;
      for (unsigned i = 0; i < count; ++i) {
        Slot& slot = slots_[i];
        if (slot.at < slot.size) {
          add(i, [&](io_uring_sqe* entry) {
            ::io_uring_prep_read(entry, slot.file, slot.buffer.data(), kChunk, slot.at);
          });
          ++submitted;
        }
      }
      if (submitted == 0) {
        return;
      }
      finish(submitted, [this](Slot& slot, int result) {
        if (result == 0) {
          die("a file that got shorter");
        }
        sum_ += sum_of(slot.buffer.data(), static_cast<std::size_t>(result));
        slot.at += static_cast<std::uint64_t>(result);
      });
    }
  }

  void close_all(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      static_cast<void>(size_of(slots_[i].file));
      add(i, [&](io_uring_sqe* entry) { ::io_uring_prep_close(entry, slots_[i].file); });
    }
    finish(count, [](Slot& /*slot*/, int /*result*/) {});
  }

  Files& files_;
  io_uring ring_{};
  std::array<Slot, kBatch> slots_;
  std::uint64_t sum_ = 0;
};

std::uint64_t read_by(const std::string& way, Files& files) {
  if (way == "pread" || way == "ahead") {
    return by_pread(files, way == "ahead");
  }
  if (way == "mmap" || way == "populate") {
    return by_mmap(files, way == "populate" ? MAP_POPULATE : 0);
  }
  if (way == "uring") {
    return Ring(files).run();
  }
  std::fprintf(stderr, "read_ways: no way %s\n", way.c_str());
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  unsigned threads = 0;
  if (arguments.size() == 3) {
    const std::string& count = arguments[1];
    std::from_chars(count.data(), count.data() + count.size(), threads);
  }
  if (threads == 0) {
    std::fprintf(stderr, "usage: read_ways WAY THREADS MODULES_ORDER\n");
    return 2;
  }
  Files files(arguments[2]);
  std::atomic<std::uint64_t> sum{0};
  const auto work = [&] { sum += read_by(arguments[0], files); };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < threads; ++i) {
    others.emplace_back(work);
  }
  work();
  others.clear();
  std::printf("%llu\n", static_cast<unsigned long long>(sum));
}
