using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>
/// A temporary folder in which one install writes, next to its target. The install holds a file lock in the folder while it runs; later
/// installs delete temporary folders whose lock is free.
/// </summary>
internal sealed class InstallCapacity : IDisposable
{
    /// <summary>The prefix of the names of all temporary folders.</summary>
    public const string Prefix = ".estream-room-";

    private const string LockName = "lock";
    private const string ContentName = "content";
    private const int RandomBytes = 16;
    private const int Tries = 100;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;
    private readonly IDisposable _lock;

    private InstallCapacity(string path, IDisposable held) => (_path, _lock) = (path, held);

    /// <summary>The folder that is renamed to the target when it is complete.</summary>
    public string Content => Path.Combine(_path, ContentName);

    /// <summary>Deletes the temporary folders of dead installs in a parent folder, and creates a new one there.</summary>
    public static InstallCapacity Make(string parent)
    {
        Sweep(parent);
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            string path = NewPath(parent);
            MakeFolder(path, OwnerOnly);
            if (TryLock(path) is not IDisposable held)
            {
                continue;
            }

            // Between creation and locking, a sweep of another install may have taken this folder for an abandoned one and renamed it.
            if (FileKinds.Of(Path.Combine(path, LockName)) == FileKind.Regular)
            {
                InstallCapacity room = new(path, held);
                MakeFolder(room.Content, (UnixFileMode)PackageTree.ExecutableMode);
                return room;
            }

            held.Dispose();
        }

        throw new IOException(
            $"In {Tries} attempts, no temporary install folder could be created in '{parent}': another program removes "
            + "these folders. Stop that program, and install again.");
    }

    /// <summary>Creates a folder with at most the given mode.</summary>
    public static void MakeFolder(string path, UnixFileMode mode) => _ = OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(path)
        : Directory.CreateDirectory(path, mode);

    public void Dispose()
    {
        Remove(_path);
        _lock.Dispose();
    }

    private static void Sweep(string parent)
    {
        foreach (string room in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            if (FileKinds.Of(room) != FileKind.Folder || TryLock(room) is not IDisposable held)
            {
                continue;
            }

            using (held)
            {
                // The rename ensures that no install starts to use the folder while it is being deleted.
                string mine = NewPath(parent);
                if (TryRename(room, mine))
                {
                    Remove(mine);
                }
            }
        }
    }

    // A concurrent sweep may create its lock file in a folder whose lock was just deleted. The folder is then not empty, and the sweep
    // deletes it.
    private static void Remove(string room)
    {
        try
        {
            Directory.Delete(room, recursive: true);
        }
        catch (IOException)
        {
        }
    }

    // Returns false if another process renamed it first.
    private static bool TryRename(string room, string mine)
    {
        try
        {
            Directory.Move(room, mine);
            return true;
        }
        catch (IOException) when (FileKinds.Of(room) == FileKind.Missing)
        {
            return false;
        }
    }

    // Returns null if the owner is alive, the folder is gone, or the folder belongs to another user.
    private static IDisposable? TryLock(string room)
    {
        string path = Path.Combine(room, LockName);
        try
        {
            return FileKinds.Of(path) is FileKind.Missing or FileKind.Regular
                ? FileStorage.Instance.TryLock(path, LockMode.Exclusive)
                : null;
        }
        catch (EstreamStorageException gone) when (gone.Reason is StorageFailure.NotFound or StorageFailure.AccessDenied)
        {
            return null;
        }
    }

    private static string NewPath(string parent)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        FileStorage.Instance.FillRandom(random);
        return Path.Combine(parent, Prefix + Convert.ToHexStringLower(random));
    }
}
