using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>Checks the folders above a folder, as OpenSSH checks the path of a file of keys.</summary>
internal static class ParentFolders
{
    private const int MaxLinks = 40;

    /// <summary>
    /// Returns how another user could replace a folder, or a folder or link in its path, and the command that prevents the replacement.
    /// Returns null if only root and the user of the host can replace these. The check starts at the root, so no other user can change
    /// folders that are already checked.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="user">The user of the host; null to look at the permissions only.</param>
    /// <exception cref="EstreamStorageException">The status of a folder cannot be read.</exception>
    public static string? WhyUnsafe(string folder, uint? user)
    {
        Stack<string> rest = new();
        Push(rest, Path.GetFullPath(folder));
        string path = "/";
        int links = 0;
        while (rest.TryPop(out string? name))
        {
            if (name == "..")
            {
                path = Path.GetDirectoryName(path) ?? "/";
                continue;
            }

            string next = Path.Combine(path, name);
            if (FolderHandle.StatusOfPath(next) is not { } entry)
            {
                return $"{next} does not exist. Create it.";
            }

            if (WhyReplaceable(path, next, entry, user) is { } reason)
            {
                return reason;
            }

            if (entry.Kind != FileKind.Link)
            {
                path = next;
            }
            else if (++links <= MaxLinks && new FileInfo(next).LinkTarget is { } target)
            {
                path = target.StartsWith('/') ? "/" : path;
                Push(rest, target);
            }
            else
            {
                return $"{folder} has more than {MaxLinks} links in its path. Give its path without links.";
            }
        }

        return null;
    }

    private static void Push(Stack<string> rest, string path)
    {
        foreach (string name in path.Split('/').Reverse().Where(static name => name is not ("" or ".")))
        {
            rest.Push(name);
        }
    }

    private static string? WhyReplaceable(string parent, string path, in EntryStatus entry, uint? user)
    {
        EntryStatus above = FolderHandle.StatusOfPath(parent)!.Value;
        bool isWritable = SharedFolder.OthersMayWriteTo(above);
        return IsOfOther(above, user)
                ? $"{parent} belongs to user {above.Owner}, who can replace {path}. Run: chown root {parent}"
            : isWritable && (above.Mode & UnixFileMode.StickyBit) == 0
                ? $"{parent} (mode {Convert.ToString((int)above.Mode, 8)}) is writable by users other than its owner, who can replace "
                    + $"{path}. Run: chmod go-w {parent}"
            : isWritable && IsOfOther(entry, user)
                ? $"{path} belongs to user {entry.Owner}, who can replace it in {parent}. Run: chown -h {user} {path}"
            : null;
    }

    private static bool IsOfOther(in EntryStatus entry, uint? user) => user is { } me && entry.Owner != me && entry.Owner != 0;
}
