using System.Runtime.InteropServices;
using Estream.Core.Internal;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core;

/// <summary>
/// A file mapped into memory and shared with every process that maps it. A store is visible to the others at once and survives the
/// death of this process; it survives a power cut only after <see cref="Flush"/>.
/// </summary>
public sealed unsafe class MappedRegion : MemoryRegion
{
    private readonly SafeFileHandle _file;

    // Every page has been brought in once and will not be taken away again.
    private bool _staysPresent;

    private MappedRegion(SafeFileHandle file, string path, byte* address, long length, bool isReadOnly)
        : base(address, length, isReadOnly)
    {
        _file = file;
        Path = path;
    }

    /// <summary>The mapped file, as it was named when it was opened.</summary>
    public string Path { get; }

    /// <summary>Maps an open file. The region owns the handle from here on, also when mapping fails.</summary>
    /// <param name="file">The open file; with the right to write unless <paramref name="access"/> is read-only.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="access">What the region may be used for.</param>
    /// <exception cref="EstreamStorageException">The system could not map it.</exception>
    /// <exception cref="EstreamCorruptionException">The file is empty, so there is nothing to map.</exception>
    internal static MappedRegion Map(SafeFileHandle file, string path, RegionAccess access)
    {
        try
        {
            long length = RandomAccess.GetLength(file);
            if (length == 0)
            {
                throw new EstreamCorruptionException($"'{path}' is empty. It was cut off; restore it from a copy, or delete it if nothing was stored yet.", path);
            }

            int protection = access == RegionAccess.ReadOnly ? NativeMethods.ProtRead : NativeMethods.ProtRead | NativeMethods.ProtWrite;

            // SAFETY: the kernel chooses the address and guarantees `length` bytes there until Unmap, which only Release calls, once.
            // Pages past the end of a file that someone truncates would fault; files are allocated whole and never truncated while mapped.
            void* address = NativeMethods.Map(null, (nuint)length, protection, NativeMethods.MapShared, (int)file.DangerousGetHandle(), 0);
            if (address == (void*)-1)
            {
                throw StorageErrors.FromErrno(Marshal.GetLastPInvokeError(), path, "map it into memory");
            }

            return new MappedRegion(file, path, (byte*)address, length, access == RegionAccess.ReadOnly);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Prefault(long offset, long length)
    {
        RegionSpan part = Slice(offset, length);
        if (part.Length > 0 && !_staysPresent)
        {
            PageAdvice.Apply(part, IsReadOnly ? NativeMethods.MadvPopulateRead : NativeMethods.MadvPopulateWrite);
            _staysPresent = part.Length == Length && IsMemoryFile();
        }
    }

    /// <inheritdoc/>
    public override void Flush(long offset, long length)
    {
        RegionSpan part = Slice(offset, length);
        if (part.Length > 0 && PageAdvice.Sync(part) is int error and not 0)
        {
            throw StorageErrors.FromErrno(error, Path, "write it to the device");
        }
    }

    /// <inheritdoc/>
    public override bool TryLock(LockMode mode) => FileLock.TryTake(_file, mode, Path);

    /// <inheritdoc/>
    public override void Unlock() => FileLock.Free(_file);

    /// <summary>
    /// Whether the file lives in memory alone. Its pages stay mapped once they are, while those of a file on a device are taken away,
    /// or protected against writing, each time they have reached the device. Asking for present ones again costs 160 ns a page: for a
    /// reused queue segment, more than half of the time in which the appender fills one.
    /// </summary>
    private bool IsMemoryFile()
    {
        try
        {
            string? directory = System.IO.Path.GetDirectoryName(Path);
            return directory is not null && new DriveInfo(directory).DriveFormat is "tmpfs" or "ramfs" or "hugetlbfs";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The directory has gone, or may not be looked at: then the pages are asked for each time.
            return false;
        }
    }

    private protected override void Release(byte* address, long length)
    {
        // SAFETY: called once, by Dispose, with what Map returned; no window is in use by then (the contract of MemoryRegion).
        _ = NativeMethods.Unmap(address, (nuint)length);
        FileLock.Free(_file);
        _file.Dispose();
    }
}
