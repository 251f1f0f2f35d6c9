using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>The rules for a folder that other users may write to.</summary>
internal static class SharedFolder
{
    /// <summary>The permissions, beyond those of the owner, of folders that other users may read, before the umask.</summary>
    public const UnixFileMode OthersRead =
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>
    /// Returns why the folder of incoming files is unsafe; null if it is safe. Other users may replace the folders <c>done</c> and
    /// <c>refused</c>, and the files of each other, if one of them owns the folder or if it is not sticky.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="status">Its status.</param>
    /// <param name="user">The user of the host; null to look at the permissions only.</param>
    public static string? WhyUnsafe(string folder, in EntryStatus status, uint? user)
    {
        return user is { } me && status.Owner != me
                ? $"{folder} belongs to user {status.Owner}, but must belong to user {me}, who runs the host: the owner of a folder can "
                    + $"replace the folders in it. Run: chown {me} {folder} && chmod u+rwx,+t {folder}"
            : OthersMayWriteTo(status) && (status.Mode & UnixFileMode.StickyBit) == 0
                ? $"{folder} (mode {Convert.ToString((int)status.Mode, 8)}) is writable by users other than its owner and not sticky, so "
                    + $"these users can replace the folders in it. Run: chmod +t {folder}"
            : null;
    }

    /// <summary>As above, for a check that may run as another user than the host: looks at the permissions only.</summary>
    public static string? WhyUnsafe(string folder)
    {
        try
        {
            using FolderHandle opened = FolderHandle.Open(folder);
            return ParentFolders.WhyUnsafe(folder, user: null) ?? WhyUnsafe(folder, opened.Status, user: null);
        }
        catch (EstreamStorageException failure)
        {
            return failure.Message;
        }
    }

    /// <summary>Opens a folder in a shared folder that the host keeps there, such as <c>done</c>.</summary>
    /// <exception cref="IOException">It belongs to another user.</exception>
    /// <exception cref="EstreamStorageException">It does not exist or is a link.</exception>
    public static FolderHandle OpenOwn(FolderHandle folder, string name)
    {
        FolderHandle own = folder.OpenFolder(name);
        uint owner = own.Status.Owner;
        if (owner == FolderHandle.CurrentUser || owner == 0)
        {
            return own;
        }

        own.Dispose();
        throw new IOException($"{own.Path} belongs to user {owner}, not to user {FolderHandle.CurrentUser}, who runs the host. Remove it.");
    }

    /// <summary>Whether a folder is owned by the user of the host and accessible to no other user.</summary>
    public static bool IsPrivate(in EntryStatus status) =>
        status.Kind == FileKind.Folder && status.Owner == FolderHandle.CurrentUser
        && (status.Mode & ~FolderHandle.OwnersFolder & ~UnixFileMode.SetGroup) == 0;

    /// <summary>Whether a folder is owned by the user of the host and writable by no other user.</summary>
    public static bool IsOwn(in EntryStatus status) =>
        status.Kind == FileKind.Folder && status.Owner == FolderHandle.CurrentUser && !OthersMayWriteTo(status);

    /// <summary>Whether users other than the owner may write to a folder.</summary>
    public static bool OthersMayWriteTo(in EntryStatus status) => (status.Mode & OthersMayWrite) != 0;

    /// <summary>Opens a folder whose path only root and the user of the host can change.</summary>
    /// <exception cref="IOException">Another user can replace a part of the path.</exception>
    /// <exception cref="EstreamStorageException">The folder cannot be opened.</exception>
    public static FolderHandle Open(string folder) => ParentFolders.WhyUnsafe(folder, FolderHandle.CurrentUser) is { } reason
        ? throw new IOException(reason)
        : FolderHandle.Open(folder);

    /// <summary>Requires that a path still leads to an open folder, and not to a folder that was mounted or created there since. Such a
    /// folder is not used, because another user may have put it there.</summary>
    /// <exception cref="IOException">The path leads to another folder.</exception>
    /// <exception cref="EstreamStorageException">The path cannot be opened.</exception>
    public static void RequireCurrent(FolderHandle folder)
    {
        using FolderHandle found = FolderHandle.Open(folder.Path);
        if (!found.Status.IsSameAs(folder.Status))
        {
            throw new IOException($"{folder.Path} was replaced, or another folder was mounted there, after the start. Find out who did "
                + "this, and restart the host");
        }
    }
}
