using System.Runtime.InteropServices;
using Estream.Core.Internal;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core;

/// <summary>
/// A file mapped into memory, shared with all processes that map it. They see a store at once. A store survives the end of this process,
/// and a power cut after <see cref="Flush"/>.
/// </summary>
public sealed unsafe class MappedRegion : MemoryRegion
{
    private readonly SafeFileHandle _file;

    private readonly FileSystem _fileSystem;

    // All pages were populated and remain mapped. This holds for files in memory; the kernel unmaps or write-protects the pages of a file
    // on a device each time it has written them. Populating present pages again costs 160 ns each: for a reused queue segment, more than
    // half of the time in which the appender fills it.
    private bool _staysPresent;

    private MappedRegion(SafeFileHandle file, string path, FileSystem fileSystem, byte* address, long length, bool isReadOnly)
        : base(address, length, isReadOnly)
    {
        _file = file;
        _fileSystem = fileSystem;
        Path = path;
    }

    /// <summary>The path with which the file was opened.</summary>
    public string Path { get; }

    /// <summary>Maps an open file and takes ownership of the handle, even if mapping fails.</summary>
    /// <param name="file">The open file; writable unless <paramref name="access"/> is read-only.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="access">The allowed access.</param>
    /// <exception cref="EstreamStorageException">The system could not map it.</exception>
    /// <exception cref="EstreamCorruptionException">The file is empty.</exception>
    internal static MappedRegion Map(SafeFileHandle file, string path, RegionAccess access)
    {
        try
        {
            long length = RandomAccess.GetLength(file);
            if (length == 0)
            {
                throw new EstreamCorruptionException(
                    $"'{path}' is empty. It was truncated; restore it from a copy, or delete it if nothing was stored yet.", path);
            }

            int protection = access == RegionAccess.ReadOnly ? NativeMethods.ProtRead : NativeMethods.ProtRead | NativeMethods.ProtWrite;

            // SAFETY: the kernel chooses the address and guarantees `length` bytes there until Release, which is called once.
            // Pages past the end of a file that someone truncates would fault; files are allocated whole and never truncated while mapped.
            FileSystem fileSystem = FileSystem.Of(file);
            nuint mappedBytes = MappedBytes(length, fileSystem);
            if (fileSystem.IsHugetlbfs)
            {
                // The kernel extends a writable file to whole pages when it maps the file, so the region always has that length.
                length = (long)mappedBytes;
            }

            void* address = RetiredAddresses.Map(mappedBytes, protection, NativeMethods.MapShared, (int)file.DangerousGetHandle());
            if (address == (void*)-1)
            {
                throw StorageErrors.FromErrno(Marshal.GetLastPInvokeError(), path, "map the file into memory");
            }

            if (fileSystem.IsTmpfs && length >= fileSystem.HugePageBytes)
            {
                // A hint, for a file system that gives huge pages on request.
                _ = NativeMethods.Advise(address, mappedBytes, NativeMethods.MadvHugePage);
            }

            return new MappedRegion(file, path, fileSystem, (byte*)address, length, access == RegionAccess.ReadOnly);
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
            _staysPresent = part.Length == Length && _fileSystem.IsMemory;
        }
    }

    /// <inheritdoc/>
    public override void Load(long offset, long length)
    {
        RegionSpan part = Slice(offset, length);
        if (part.Length > 0 && !_staysPresent && PageAdvice.TryApply(part, NativeMethods.MadvPopulateRead) is int error and not 0)
        {
            // MADV_POPULATE_READ reports neither where nor why it failed, and kernels before 5.14 do not support it.
            FileReading.RequireReadable(_file, Path, offset, part.Length, isPageLost: error == NativeMethods.ErrorHardwarePoison);
        }
    }

    /// <inheritdoc/>
    public override void Flush(long offset, long length)
    {
        RegionSpan part = Slice(offset, length);
        if (part.Length > 0 && PageAdvice.Sync(part) is int error and not 0)
        {
            throw StorageErrors.NotWritten(error, Path);
        }
    }

    /// <inheritdoc/>
    public override void WriteBehind(long offset, long length) => _ = SyncRange(offset, length, NativeMethods.SyncRangeWrite);

    /// <inheritdoc/>
    public override void AwaitWritten(long offset, long length)
    {
        const uint Flags = NativeMethods.SyncRangeWaitBefore | NativeMethods.SyncRangeWrite | NativeMethods.SyncRangeWaitAfter;
        if (SyncRange(offset, length, Flags) is int error and not 0)
        {
            throw StorageErrors.NotWritten(error, Path);
        }
    }

    /// <inheritdoc/>
    public override void DropBehind(long offset, long length)
    {
        RegionSpan part = Slice(offset, length);
        if (part.Length > 0 && !_fileSystem.IsMemory)
        {
            // The first call only unmaps the pages; the second one drops them from the page cache, unless they are dirty.
            PageAdvice.Apply(part, NativeMethods.MadvDontNeed);
            _ = NativeMethods.AdviseFile((int)_file.DangerousGetHandle(), offset, length, NativeMethods.FileAdviceDontNeed);
        }
    }

    /// <inheritdoc/>
    public override HugePages HugePages => Length < _fileSystem.HugePageBytes ? HugePages.None : _fileSystem.HugePagesOf(_file);

    /// <inheritdoc/>
    public override bool TryLock(LockMode mode) => FileLock.TryTake(_file, mode, Path);

    /// <inheritdoc/>
    public override void Unlock() => FileLock.Free(_file);

    // Mappings have whole pages of the file system: 2 MiB on hugetlbfs.
    private static nuint MappedBytes(long length, FileSystem fileSystem) =>
        (nuint)((length + fileSystem.PageBytes - 1) / fileSystem.PageBytes * fileSystem.PageBytes);

    /// <returns>0, or the errno.</returns>
    private int SyncRange(long offset, long length, uint flags)
    {
        // 0 would mean "to the end of the file".
        if (Slice(offset, length).Length == 0)
        {
            return 0;
        }

        int result;
        do
        {
            result = NativeMethods.SyncRange((int)_file.DangerousGetHandle(), offset, length, flags) == 0
                ? 0
                : Marshal.GetLastPInvokeError();
        }
        while (result == NativeMethods.ErrorInterrupted);
        return result;
    }

    private protected override void Release(byte* address, long length)
    {
        // SAFETY: called once, by Dispose, with what Map returned.
        RetiredAddresses.Add(address, MappedBytes(length, _fileSystem), IsReadOnly);
        FileLock.Free(_file);
        _file.Dispose();
    }
}
