using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Estream.Core.Internal;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core;

/// <summary>The file system of the machine. Linux is supported; other systems are refused when the first region is opened.</summary>
public sealed class FileStorage : IStorage
{
    /// <summary>What is made with it is for its owner alone (mode 600): logs and maps hold what people say, and who may read a segment may
    /// also lock it.</summary>
    public static FileStorage Instance { get; } = new(FileOpening.OwnerMode);

    /// <summary>
    /// What is made with it may also be read by its group (mode 640): for readers that run as other users. A member of the group is trusted
    /// not to hold up the writer: it can lock a segment, so that retention has to wait for it. Files for locks are the owner's alone.
    /// </summary>
    public static FileStorage GroupReadable { get; } = new(FileOpening.GroupMode);

    /// <summary>
    /// What is made with it may be read by everybody on the machine (mode 644), such as a web server of another user. Files for locks may
    /// not: who can open one for reading can hold it, and nobody could write any more. The umask of the process takes away what it takes
    /// away from both.
    /// </summary>
    public static FileStorage Public { get; } = new(FileOpening.EverybodyMode);

    private const long LoadedAtOpen = 64 << 10;

    private static readonly Lazy<Guid> s_bootId = new(ProcessTable.ReadBootId);
    private static readonly Lazy<ProcessIdentity> s_currentProcess =
        new(() => ProcessTable.Find(Environment.ProcessId) ?? new ProcessIdentity(Environment.ProcessId, 0));

    private readonly int _newFileMode;

    private FileStorage(int newFileMode) => _newFileMode = newFileMode;

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        // A new directory is a name in the one above it, which is flushed once the new one is there.
        string? parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (parent is not null)
        {
            CreateDirectory(parent);
        }

        Guard(path, "create the directory", () => Directory.CreateDirectory(path));
        if (parent is not null && OperatingSystem.IsLinux())
        {
            SyncDirectory(parent);
        }
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
                // Gives the space back at once: a process that is just being started has a copy of the descriptor for a moment.
                _ = NativeMethods.Truncate((int)file.DangerousGetHandle(), 0);
                file.Dispose();
            }

            TryDelete(path);
            throw;
        }
    }

    // The first failure is the one to report.
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

    // Headers and small files are read at once; their users do not have to load them.
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
        Guard(path, $"rename it to '{newPath}'", () => File.Move(path, newPath, overwrite: true));

    /// <inheritdoc/>
    public void Delete(string path) => Guard(path, "delete it", () => File.Delete(path));

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        RequireLinux();
        using SafeFileHandle directory = FileOpening.OpenDirectory(path);
        int error = NativeMethods.SyncFile((int)directory.DangerousGetHandle()) == 0 ? 0 : Marshal.GetLastPInvokeError();

        // Some file systems have nothing to flush for a directory and say so by calling the request invalid.
        if (error is not (0 or NativeMethods.ErrorInvalid))
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
            throw StorageErrors.FromErrno(error, path, $"reserve {length} bytes for it");
        }
    }

    /// <summary>
    /// Reserves the space of a file that has less of it than its length says: a copy made by cp, tar or rsync leaves out what was never
    /// written, and the first store there would fault on a full disk.
    /// </summary>
    /// <remarks>
    /// The number of blocks is looked at first, since reserving what is reserved costs 2 ms for a segment of a queue in /dev/shm, which a
    /// tailer opens on its way. The call of the kernel and not that of the C library: where the file system cannot reserve, the latter
    /// writes to the file, beside a writer that may be at work.
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
            throw StorageErrors.FromErrno(error, path, $"reserve the {length} bytes it is long");
        }
    }

    private static void RequireLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException(
                "Estream keeps its files in memory mapped with the calls of Linux; other systems are not supported yet.");
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
