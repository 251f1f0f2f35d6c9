using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>All calls of the C library. Constants are those of Linux.</summary>
internal static unsafe partial class NativeMethods
{
    public const int ProtRead = 1;
    public const int ProtWrite = 2;
    public const int MapShared = 0x01;
    public const int MapPrivate = 0x02;
    public const int MapFixed = 0x10;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;
    public const int MsSync = 4;
    public const int MadvDontNeed = 4;
    public const int MadvHugePage = 14;
    public const int MadvDontDump = 16;
    public const int MadvPopulateRead = 22;
    public const int MadvPopulateWrite = 23;
    public const int LockShared = 1;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int LockUnlock = 8;
    public const int LockRangeOfOpening = 37;
    public const int ErrorNoEntry = 2;
    public const int ErrorInterrupted = 4;
    public const int ErrorTryAgain = 11;
    public const int ErrorNoMemory = 12;
    public const int ErrorInvalid = 22;
    public const int ErrorNoSystemCall = 38;
    public const int ErrorTimedOut = 110;
    public const int ErrorNoSpace = 28;
    public const int ErrorReadOnlyFileSystem = 30;
    public const int ErrorQuota = 122;
    public const int ErrorHardwarePoison = 133;
    public const int ErrorNotSupported = 95;
    public const int StatusOfDescriptor = 0x1000;
    public const uint StatusLengthAndBlocks = 0x600;
    public const uint StatusTypeOnly = 1;
    public const uint StatusBasic = 0x7FF;
    public const int StatusOfLinkItself = 0x100;
    public const int RemoveDirectory = 0x200;
    public const int CurrentDirectory = -100;
    public const int ErrorExists = 17;
    public const int ErrorOtherDevice = 18;
    public const int ErrorNotADirectory = 20;
    public const int ErrorTooManyLinks = 40;

    public const int OpenReadOnly = 0;
    public const int OpenWriteOnly = 1;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenExclusively = 0x80;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenWithoutBlocking = 0x800;
    public const int ErrorWouldBlock = 11;

    public const int SyncRangeWaitBefore = 1;
    public const int SyncRangeWrite = 2;
    public const int SyncRangeWaitAfter = 4;
    public const int FileAdviceDontNeed = 4;

    public const int FutexWait = 0;
    public const int FutexWake = 1;
    public const uint FutexOf32Bits = 2;
    public const int BarrierEverywhere = 2;
    public const int BarrierRegister = 4;

    public const int ClockMonotonic = 1;
    public const int ClockBootTime = 7;

    public const long TmpfsMagic = 0x01021994;
    public const long RamfsMagic = 0x858458F6;
    public const long HugetlbfsMagic = 0x958458F6;

    private const string LibC = "libc";

    // These two flags differ between the architectures.
    public static readonly int OpenDirectory = IsArm ? 0x4000 : 0x10000;
    public static readonly int OpenWithoutLinks = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    [LibraryImport(LibC, EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport(LibC, EntryPoint = "execvp", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Execute(string program, nint* arguments);

    [LibraryImport(LibC, EntryPoint = "umask")]
    public static partial uint SetCreationMask(uint mask);

    [LibraryImport(LibC, EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int ReadClock(int clock, long* time);

    [LibraryImport(LibC, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(LibC, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* request);

    [LibraryImport(LibC, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int most, int timeoutMs);

    [LibraryImport(LibC, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int fileDescriptor, long offset);

    [LibraryImport(LibC, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport(LibC, EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(void* address, nuint length, int advice);

    [LibraryImport(LibC, EntryPoint = "msync", SetLastError = true)]
    public static partial int Sync(void* address, nuint length, int flags);

    [LibraryImport(LibC, EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int fileDescriptor, int operation);

    [LibraryImport(LibC, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int LockRange(int fileDescriptor, int command, FileRange* range);

    [LibraryImport(LibC, EntryPoint = "posix_fallocate")]
    public static partial int Allocate(int fileDescriptor, long offset, long length);

    [LibraryImport(LibC, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int AllocateInPlace(int fileDescriptor, int mode, long offset, long length);

    [LibraryImport(LibC, EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Status(int directory, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport(LibC, EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int StatusAt(SafeFileHandle directory, string name, int flags, uint mask, FileStatus* status);

    [LibraryImport(LibC, EntryPoint = "openat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int OpenAt(SafeFileHandle directory, string name, int flags, int mode);

    [LibraryImport(LibC, EntryPoint = "mkdirat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int CreateDirectoryAt(SafeFileHandle directory, string name, int mode);

    [LibraryImport(LibC, EntryPoint = "renameat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int RenameAt(SafeFileHandle directory, string name, SafeFileHandle newDirectory, string newName);

    [LibraryImport(LibC, EntryPoint = "unlinkat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int RemoveAt(SafeFileHandle directory, string name, int flags);

    [LibraryImport(LibC, EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int ChangeOwner(string path, uint owner, uint group);

    [LibraryImport(LibC, EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUser();

    [LibraryImport(LibC, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(int fileDescriptor, long length);

    [LibraryImport(LibC, EntryPoint = "fsync", SetLastError = true)]
    public static partial int SyncFile(int fileDescriptor);

    [LibraryImport(LibC, EntryPoint = "sync_file_range", SetLastError = true)]
    public static partial int SyncRange(int fileDescriptor, long offset, long length, uint flags);

    [LibraryImport(LibC, EntryPoint = "posix_fadvise")]
    public static partial int AdviseFile(int fileDescriptor, long offset, long length, int advice);

    [LibraryImport(LibC, EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int StatFileSystem(int fileDescriptor, FileSystemStat* result);

    /// <summary>The membarrier call, for which the C library has no function.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    public static partial long ProcessBarrier(long number, long command, long flags, long cpu);

    /// <summary>The futex call, for which the C library has no function.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    public static partial long Futex(long number, int* word, long operation, long value, TimeSpec* timeout, void* unused, long unused2);

    /// <summary>The sched_getattr call, for which the C library has no function. Thread 0 is the calling thread.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    public static partial long GetScheduling(long number, long thread, byte* attributes, long bytes, long flags);

    /// <summary>The sched_setattr call, for which the C library has no function. The attributes begin with their length.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    public static partial long SetScheduling(long number, long thread, byte* attributes, long flags);

    /// <summary>The futex_waitv call, for which the C library has no function. The end is an absolute time; null for no limit.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    public static partial long FutexWaitAny(long number, FutexWaiter* words, long count, long flags, TimeSpec* end, long clock);

    [LibraryImport(LibC, EntryPoint = "clock_gettime")]
    public static partial int ClockTime(int clock, TimeSpec* time);

    /// <summary>Thread 0 is the calling thread. The mask has one bit for each CPU.</summary>
    [LibraryImport(LibC, EntryPoint = "sched_setaffinity", SetLastError = true)]
    public static partial int SetAffinity(int thread, nuint bytes, ulong* mask);

    /// <summary>Thread 0 is the calling thread. Fails with <see cref="ErrorInvalid"/> if the mask is smaller than the kernel's.</summary>
    [LibraryImport(LibC, EntryPoint = "sched_getaffinity", SetLastError = true)]
    public static partial int GetAffinity(int thread, nuint bytes, ulong* mask);

    [LibraryImport(LibC, EntryPoint = "nanosleep")]
    public static partial int Sleep(TimeSpec* duration, TimeSpec* remaining);

    /// <summary>struct statx, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public long Length;

        [FieldOffset(48)]
        public long Blocks;

        [FieldOffset(112)]
        public long WrittenSeconds;

        [FieldOffset(120)]
        public uint WrittenNanos;

        [FieldOffset(136)]
        public ulong Device;
    }

    /// <summary>struct flock of 64-bit Linux. The default value is a shared lock on a whole file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FileRange
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }

    /// <summary>struct timespec of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct futex_waitv.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FutexWaiter
    {
        public ulong Expected;
        public ulong Address;
        public uint Flags;
        public uint Reserved;
    }

    /// <summary>The start of struct statfs of 64-bit Linux, with space for the rest.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct FileSystemStat
    {
        public long Type;
        public long BlockBytes;
    }
}
