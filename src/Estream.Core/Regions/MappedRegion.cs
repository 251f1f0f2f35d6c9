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

    private readonly FileSystem _fileSystem;

    // Every page has been brought in once and will not be taken away again. Pages of a memory file stay mapped once they are, while those
    // of a file on a device are taken away, or protected against writing, each time they have reached the device. Asking for present ones
    // again costs 160 ns a page: for a reused queue segment, more than half of the time in which the appender fills one.
    private bool _staysPresent;

    private MappedRegion(SafeFileHandle file, string path, FileSystem fileSystem, byte* address, long length, bool isReadOnly)
        : base(address, length, isReadOnly)
    {
        _file = file;
        _fileSystem = fileSystem;
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
                throw new EstreamCorruptionException(
                    $"'{path}' is empty. It was cut off; restore it from a copy, or delete it if nothing was stored yet.", path);
            }

            int protection = access == RegionAccess.ReadOnly ? NativeMethods.ProtRead : NativeMethods.ProtRead | NativeMethods.ProtWrite;

            // SAFETY: the kernel chooses the address and guarantees `length` bytes there until Unmap, which only Release calls, once.
            // Pages past the end of a file that someone truncates would fault; files are allocated whole and never truncated while mapped.
            FileSystem fileSystem = FileSystem.Of(file);
            nuint mappedBytes = MappedBytes(length, fileSystem);
            if (fileSystem.IsHugetlbfs)
            {
                // Mapping makes the file as long as its pages, if it may be written; so that is how long the region is, each time.
                length = (long)mappedBytes;
            }

            void* address = NativeMethods.Map(null, mappedBytes, protection, NativeMethods.MapShared, (int)file.DangerousGetHandle(), 0);
            if (address == (void*)-1)
            {
                throw StorageErrors.FromErrno(Marshal.GetLastPInvokeError(), path, "map it into memory");
            }

            if (fileSystem.IsTmpfs && length >= fileSystem.HugePageBytes)
            {
                // A hint, for a file system that gives huge pages to whoever asks.
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
            // The call says neither where nor why it failed, and kernels before 5.14 do not have it.
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
            // A shared mapping only gives up its view: the pages stay with the kernel until the second call, and longer if they are dirty.
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

    // The file is whole pages of its file system, and so is the mapping: 2 MiB on hugetlbfs.
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
        // SAFETY: called once, by Dispose, with what Map returned; no window is in use by then (the contract of MemoryRegion).
        _ = NativeMethods.Unmap(address, MappedBytes(length, _fileSystem));
        FileLock.Free(_file);
        _file.Dispose();
    }
}
