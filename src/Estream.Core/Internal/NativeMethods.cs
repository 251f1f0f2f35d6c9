using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>The calls into the C library, all of them. Constants are those of Linux.</summary>
internal static unsafe partial class NativeMethods
{
    public const int ProtRead = 1;
    public const int ProtWrite = 2;
    public const int MapShared = 0x01;
    public const int MapPrivate = 0x02;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;
    public const int MsSync = 4;
    public const int MadvHugePage = 14;
    public const int MadvPopulateRead = 22;
    public const int MadvPopulateWrite = 23;
    public const int LockShared = 1;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int LockUnlock = 8;
    public const int ErrorInterrupted = 4;
    public const int ErrorNoSpace = 28;
    public const int ErrorReadOnlyFileSystem = 30;
    public const int ErrorQuota = 122;
    public const int ErrorNotSupported = 95;
    public const int StatusOfDescriptor = 0x1000;
    public const uint StatusLengthAndBlocks = 0x600;

    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenExclusively = 0x80;
    public const int OpenCloseOnExec = 0x80000;
    public const int ErrorWouldBlock = 11;

    private const string LibC = "libc";

    [LibraryImport(LibC, EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Open(string path, int flags, int mode);

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

    [LibraryImport(LibC, EntryPoint = "posix_fallocate")]
    public static partial int Allocate(int fileDescriptor, long offset, long length);

    [LibraryImport(LibC, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int AllocateInPlace(int fileDescriptor, int mode, long offset, long length);

    [LibraryImport(LibC, EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Status(int directory, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport(LibC, EntryPoint = "nanosleep")]
    public static partial int Sleep(TimeSpec* duration, TimeSpec* remaining);

    /// <summary>struct statx, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        [FieldOffset(40)]
        public long Length;

        [FieldOffset(48)]
        public long Blocks;
    }

    /// <summary>struct timespec of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
