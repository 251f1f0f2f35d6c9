using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// The private folders of an adapter: one for records, and one for files on their way from or to a shared folder. Both are the folder of
/// the adapter in the data of the host, if a file can be renamed from there to the shared folder and has the right group there. Otherwise,
/// as on another file system, the files are in a private folder in the shared folder. Without data of a host, the records are there too.
/// Not thread-safe.
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    private const string Unfinished = ".new";
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private WorkFolder(FolderHandle records, FolderHandle files)
    {
        Records = records;
        Files = files;
    }

    /// <summary>The folder of records. No other user can write to it.</summary>
    public FolderHandle Records { get; }

    /// <summary>The folder of files; possibly the same. A file can be renamed between this folder and the shared folder.</summary>
    public FolderHandle Files { get; }

    /// <summary>What a person should look at in the shared folder; null if nothing.</summary>
    public string? Notice { get; private set; }

    /// <summary>Opens the folders, creates missing ones, and takes over the content of a private folder that an earlier version kept in the
    /// shared folder.</summary>
    /// <param name="place">The place of the adapter in the data of the host; null if there is none.</param>
    /// <param name="name">The name of the folder there.</param>
    /// <param name="shared">The shared folder.</param>
    /// <param name="nameInShared">The name of the folder in the shared folder.</param>
    /// <param name="creates">Whether the adapter creates the files, which must get the group that the shared folder gives to files.</param>
    /// <param name="isRecord">Whether a file name is that of a record.</param>
    /// <exception cref="IOException">A folder is not private, or files would be left behind.</exception>
    /// <exception cref="EstreamStorageException">A folder cannot be created, opened or written.</exception>
    public static WorkFolder Open(
        AdapterPlace? place, string name, FolderHandle shared, string nameInShared, bool creates, Func<string, bool> isRecord)
    {
        if (place is null)
        {
            FolderHandle only = OpenPrivate(shared, nameInShared);
            return new WorkFolder(only, only);
        }

        FileStorage.Instance.CreateDirectory(place.Directory);
        FolderHandle records;
        using (FolderHandle adapter = FolderHandle.Open(place.Directory))
        {
            records = OpenPrivate(adapter, name);
        }

        FolderHandle? files = null;
        try
        {
            files = (!creates || HasGroupOf(shared, records)) && CanMove(records, shared) ? records : OpenPrivate(shared, nameInShared);
            WorkFolder work = new(records, files);
            work.TakeOver(shared, nameInShared, isRecord);
            return work;
        }
        catch
        {
            files?.Dispose();
            records.Dispose();
            throw;
        }
    }

    /// <summary>Replaces a record in one step. The record is durable when the method returns, if requested.</summary>
    /// <exception cref="EstreamStorageException">The folder cannot be written.</exception>
    /// <exception cref="IOException">The record cannot be written.</exception>
    public void Replace(string record, ReadOnlySpan<byte> content, bool isDurable)
    {
        string next = record + Unfinished;
        Records.Delete(next);
        using (FileStream file = Records.CreateNew(next, OwnersFile))
        {
            file.Write(content);
            file.Flush(flushToDisk: isDurable);
        }

        Records.Move(next, Records, record);
        if (isDurable)
        {
            Records.Sync();
        }
    }

    /// <summary>Reads a record; empty if there is none.</summary>
    /// <exception cref="EstreamStorageException">The record cannot be opened.</exception>
    /// <exception cref="IOException">The record cannot be read.</exception>
    public byte[] Read(string record)
    {
        if (Records.StatusOf(record) is null)
        {
            return [];
        }

        using FileStream file = Records.OpenRead(record);
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    /// <summary>Makes created, moved and deleted names in both folders durable.</summary>
    /// <exception cref="EstreamStorageException">The device failed.</exception>
    public void Sync()
    {
        Files.Sync();
        if (Records != Files)
        {
            Records.Sync();
        }
    }

    public void Dispose()
    {
        Files.Dispose();
        Records.Dispose();
    }

    private static FolderHandle OpenPrivate(FolderHandle folder, string name)
    {
        folder.CreateFolder(name, FolderHandle.OwnersFolder);
        FolderHandle opened = folder.OpenFolder(name);
        if (SharedFolder.IsPrivate(opened.Status))
        {
            return opened;
        }

        opened.Dispose();
        uint user = FolderHandle.CurrentUser;
        throw new IOException($"{opened.Path} is not a private folder of user {user}, who runs the host. Another user may have put it "
            + "there: look into it, and remove it. If the host has created it, change it: "
            + $"chown {user} {opened.Path} && chmod 700 {opened.Path}");
    }

    // A file created in a folder with the setgid bit gets the group of the folder, whose members may read it.
    private static bool HasGroupOf(FolderHandle shared, FolderHandle own)
    {
        EntryStatus status = shared.Status;
        return (status.Mode & UnixFileMode.SetGroup) == 0 || status.Group == own.Status.Group;
    }

    // Moves a file there and back. The kernel refuses this also between two mounts of one file system, and between some folders of one
    // mount, so comparing the file systems is not enough.
    private static bool CanMove(FolderHandle own, FolderHandle shared)
    {
        string probe = $".estream-{Guid.NewGuid():N}{Unfinished}";
        own.CreateNew(probe, OwnersFile).Dispose();
        FolderHandle holder = own;
        try
        {
            if (!own.TryMove(probe, shared, probe))
            {
                return false;
            }

            holder = shared;
            if (!shared.TryMove(probe, own, probe))
            {
                return false;
            }

            holder = own;
            return true;
        }
        finally
        {
            holder.Delete(probe);
        }
    }

    private void TakeOver(FolderHandle shared, string nameInShared, Func<string, bool> isRecord)
    {
        if (Files != Records && Records.FileNames().FirstOrDefault(name => !isRecord(name) && !IsUnfinished(name)) is { } left)
        {
            throw new IOException($"{Records.Path} has files such as {left} that were not finished, but files are now kept in "
                + $"{Files.Path}. Move them there, and start again.");
        }

        if (shared.StatusOf(nameInShared) is not { } earlier)
        {
            return;
        }

        using FolderHandle? old = earlier.Kind == FileKind.Folder ? shared.OpenFolder(nameInShared) : null;
        if (old is null || !SharedFolder.IsOwn(old.Status))
        {
            Notice = $"{Path.Combine(shared.Path, nameInShared)} is ignored: it is not a folder that only user "
                + $"{FolderHandle.CurrentUser}, who runs the host, can write to. Look into it, and remove it.";
            return;
        }

        foreach (string name in old.FileNames().ToList().OrderByDescending(isRecord))
        {
            FolderHandle target = isRecord(name) ? Records : Files;
            if (IsUnfinished(name))
            {
                old.Delete(name);
            }
            else if (target.Status.IsSameAs(old.Status))
            {
                continue;
            }
            else if (target.StatusOf(name) is null)
            {
                MoveOrCopy(old, name, target);
            }
            else if (isRecord(name))
            {
                old.Delete(name);
            }
            else
            {
                throw new IOException($"{old.Path} and {target.Path} both have a file {name}. Remove one of the two.");
            }
        }

        if (Files == Records && !old.FileNames().Any())
        {
            shared.DeleteFolder(nameInShared);
        }
    }

    private static bool IsUnfinished(string name) =>
        name.EndsWith(Unfinished, StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal);

    private static void MoveOrCopy(FolderHandle old, string name, FolderHandle target)
    {
        if (old.TryMove(name, target, name))
        {
            target.Sync();
            return;
        }

        target.Delete(name + Unfinished);
        using (FileStream from = old.OpenRead(name))
        using (FileStream copy = target.CreateNew(name + Unfinished, OwnersFile))
        {
            from.CopyTo(copy);
            copy.Flush(flushToDisk: true);
        }

        target.Move(name + Unfinished, target, name);
        target.Sync();
        old.Delete(name);
    }
}
