using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>Gives files that root creates to the user who works with the files.</summary>
internal static class FileOwner
{
    private const uint KeepGroup = uint.MaxValue;

    /// <summary>Gives a file to the owner of another entry if this process runs as root. Otherwise does nothing.</summary>
    /// <param name="entry">The entry whose owner gets the file.</param>
    /// <param name="file">The file. The method does not follow a link.</param>
    /// <exception cref="EstreamStorageException">The owner cannot be read or changed.</exception>
    public static void Copy(string entry, string file)
    {
        if (!OperatingSystem.IsLinux() || NativeMethods.GetEffectiveUser() != 0
            || FolderHandle.StatusOfPath(entry) is not { Owner: not 0 } owned)
        {
            return;
        }

        if (NativeMethods.ChangeOwner(file, owned.Owner, KeepGroup) != 0)
        {
            throw StorageErrors.FromErrno(Marshal.GetLastPInvokeError(), file, $"give the file to user {owned.Owner}");
        }
    }
}
