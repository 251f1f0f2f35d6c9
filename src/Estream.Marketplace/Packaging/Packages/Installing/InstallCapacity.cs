using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>
/// A folder in which one install writes, beside what it installs. It has a file that is locked as long as the install lives: whoever comes
/// later takes rooms away whose lock is free.
/// </summary>
internal sealed class InstallCapacity : IDisposable
{
    /// <summary>What the names of all rooms begin with.</summary>
    public const string Prefix = ".estream-room-";

    private const string LockName = "lock";
    private const string ContentName = "content";
    private const int RandomBytes = 16;
    private const int Tries = 100;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;
    private readonly IDisposable _lock;

    private InstallCapacity(string path, IDisposable held) => (_path, _lock) = (path, held);

    /// <summary>The folder that is renamed once it is whole.</summary>
    public string Content => Path.Combine(_path, ContentName);

    /// <summary>Takes away what dead installs have left in a folder, and makes a room there.</summary>
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

            // Between the two lines above somebody may have taken the room for a dead one's and renamed it.
            if (FileKinds.Of(Path.Combine(path, LockName)) == FileKind.Regular)
            {
                InstallCapacity room = new(path, held);
                MakeFolder(room.Content, (UnixFileMode)PackageTree.ExecutableMode);
                return room;
            }

            held.Dispose();
        }

        throw new IOException($"In {Tries} tries no room for an install could be made in '{parent}': something takes them away.");
    }

    /// <summary>Makes a folder with no more than a mode.</summary>
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
                // Under another name nobody begins to work in it while it is taken away.
                string mine = NewPath(parent);
                if (TryRename(room, mine))
                {
                    Remove(mine);
                }
            }
        }
    }

    // Whoever looks for dead rooms may put a lock into one whose own is just removed: then it is not empty, and theirs to take away.
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

    // False where another one was faster.
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

    // Null where its owner lives, where it is gone, and where it is another user's.
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
