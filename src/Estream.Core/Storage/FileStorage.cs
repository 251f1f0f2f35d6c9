using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Estream.Core.Internal;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core;

/// <summary>The file system of the machine. Supports Linux; on other systems, opening a region throws.</summary>
public sealed class FileStorage : IStorage
{
    /// <summary>Creates files for their owner alone (mode 600): queues and maps may contain confidential messages, and a user who may read
    /// a segment may also lock it.</summary>
    public static FileStorage Instance { get; } = new(FileOpening.OwnerMode);

    /// <summary>
    /// Creates files that their group may read (mode 640), for readers that run as other users. Members of the group can delay retention by
    /// locking a segment. Lock files remain accessible to the owner only.
    /// </summary>
    public static FileStorage GroupReadable { get; } = new(FileOpening.GroupMode);

    /// <summary>
    /// Creates files that every user of the machine may read (mode 644), such as a web server of another user. Lock files remain
    /// accessible to the owner only, because a user who may read one could hold the lock. The umask of the process applies.
    /// </summary>
    public static FileStorage Public { get; } = new(FileOpening.EverybodyMode);

    private const long LoadedAtOpen = 64 << 10;
    private const int ReadBits = 0x124;

    private static readonly Lazy<Guid> s_bootId = new(ProcessTable.ReadBootId);
    private static readonly Lazy<ProcessIdentity> s_currentProcess =
        new(() => ProcessTable.Find(Environment.ProcessId) ?? new ProcessIdentity(Environment.ProcessId, 0));

    private readonly int _newFileMode;

    private FileStorage(int newFileMode) => _newFileMode = newFileMode;

    /// <inheritdoc/>
    /// <remarks>Only users who may read new files may list and enter new directories: mode 700, 750 or 755 minus the umask.</remarks>
    public void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        // The entry of a new directory is in its parent, which is flushed afterwards.
        string? parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (parent is not null)
        {
            CreateDirectory(parent);
        }

        Guard(path, "create the directory", () => CreateOne(path));
        if (parent is not null && OperatingSystem.IsLinux())
        {
            SyncDirectory(parent);
        }
    }

    private void CreateOne(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, (UnixFileMode)(_newFileMode | ((_newFileMode & ReadBits) >> 2)));
    }

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => Directory.Exists(path);

    /// <inheritdoc/>
    public bool FileExists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory, string suffix)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        string[] names = Guard(directory, "list the directory", () => Directory.GetFiles(directory));
        return [.. names.Select(Path.GetFileName).OfType<string>().Where(n => n.EndsWith(suffix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public MemoryRegion CreateRegion(string path, long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        RequireLinux();
        SafeFileHandle file = FileOpening.CreateNew(path, _newFileMode);
        try
        {
            FileSystem.PlaceOnHugePages(file, length);
            Reserve(file, path, length);
            return MappedRegion.Map(file, path, RegionAccess.ReadWrite);
        }
        catch
        {
            if (!file.IsClosed)
            {
                // Truncation frees the space at once. Closing may not: a child process that is just being started has a copy of the
                // descriptor for a moment.
                _ = NativeMethods.Truncate((int)file.DangerousGetHandle(), 0);
                file.Dispose();
            }

            TryDelete(path);
            throw;
        }
    }

    // Ignores failures: the caller reports the failure that led to this call.
    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <inheritdoc/>
    public MemoryRegion OpenRegion(string path, RegionAccess access)
    {
        RequireLinux();
        FileKinds.ThrowIfSpecial(path);
        SafeFileHandle file = FileOpening.Open(path, access);
        try
        {
            if (access == RegionAccess.ReadWrite)
            {
                FillHoles(file, path);
            }

            MappedRegion region = MappedRegion.Map(file, path, access);
            return LoadStart(region);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Loads headers and small files when the region is opened, so that callers need not call Load.
    private static MappedRegion LoadStart(MappedRegion region)
    {
        try
        {
            region.Load(0, Math.Min(region.Length, LoadedAtOpen));
            return region;
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath) =>
        Guard(path, $"rename the file to '{newPath}'", () => File.Move(path, newPath, overwrite: true));

    /// <inheritdoc/>
    public void Delete(string path) => Guard(path, "delete the file", () => File.Delete(path));

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        RequireLinux();
        using SafeFileHandle directory = FileOpening.OpenDirectory(path);
        if (FileOpening.SyncDirectory(directory) is var error and not 0)
        {
            throw StorageErrors.NotWritten(error, path);
        }
    }

    /// <inheritdoc/>
    public Guid BootId => s_bootId.Value;

    /// <inheritdoc/>
    public ProcessIdentity CurrentProcess => s_currentProcess.Value;

    /// <inheritdoc/>
    public bool IsAlive(ProcessIdentity process) => ProcessTable.Find(process.ProcessId) == process;

    /// <inheritdoc/>
    public void FillRandom(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    /// <inheritdoc/>
    public IDisposable? TryLock(string path, LockMode mode)
    {
        RequireLinux();
        SafeFileHandle file = mode == LockMode.Exclusive ? FileOpening.OpenOrCreate(path) : FileOpening.Open(path, RegionAccess.ReadOnly);
        try
        {
            if (FileLock.TryTake(file, mode, path))
            {
                return new AcquiredLock(file);
            }

            file.Dispose();
            return null;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public LockHolders FindLockHolders(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        RequireLinux();
        return LockTable.Find(paths);
    }

    private static void Reserve(SafeFileHandle file, string path, long length)
    {
        int error;
        do
        {
            error = NativeMethods.Allocate((int)file.DangerousGetHandle(), 0, length);
        }
        while (error == NativeMethods.ErrorInterrupted);

        if (error != 0)
        {
            throw StorageErrors.FromErrno(error, path, $"reserve {length} bytes for the file");
        }
    }

    /// <summary>
    /// Reserves the space of a sparse file. A copy made by cp, tar or rsync has holes where nothing was written, and a store to a hole on a
    /// full disk would fault.
    /// </summary>
    /// <remarks>
    /// Checks the number of blocks first: reserving a reserved segment of a queue in /dev/shm takes 2 ms, and tailers open segments while
    /// they read. Uses the system call, not the function of the C library. If the file system cannot reserve space, the function writes to
    /// the file, while a writer may be writing too.
    /// </remarks>
    private static void FillHoles(SafeFileHandle file, string path)
    {
        (long length, long reserved) = FileSpace.Of(file);
        if (length == 0 || reserved == length)
        {
            return;
        }

        int error;
        do
        {
            error = NativeMethods.AllocateInPlace((int)file.DangerousGetHandle(), 0, 0, length) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        while (error == NativeMethods.ErrorInterrupted);

        if (error is not (0 or NativeMethods.ErrorNotSupported))
        {
            throw StorageErrors.FromErrno(error, path, $"reserve the {length} bytes of the file");
        }
    }

    private static void RequireLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException(
                "Estream maps its files into memory with Linux system calls, so it runs on Linux only.");
        }
    }

    private static void Guard(string path, string action, Action body) => Guard<object?>(path, action, () =>
    {
        body();
        return null;
    });

    private static TResult Guard<TResult>(string path, string action, Func<TResult> body)
    {
        try
        {
            return body();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.From(cause, path, action);
        }
    }
}
