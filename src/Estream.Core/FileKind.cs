using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>What has a name in a file system.</summary>
public enum FileKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link, wherever it leads.</summary>
    Link,

    /// <summary>A FIFO, a socket or a device: reading it may block, or do something.</summary>
    Special,
}

/// <summary>Looks what something is before it is opened. Thread-safe.</summary>
public static class FileKinds
{
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;
    private const int FolderType = 0x4000;
    private const int LinkType = 0xA000;

    /// <summary>What has a name; a link is not followed, but for those in folders before the name. Costs one call of the system.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="EstreamStorageException">The system does not say: a folder before the name may not be searched, or is none.</exception>
    public static unsafe FileKind Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        NativeMethods.FileStatus status = default;

        // SAFETY: the structure has the 256 bytes that the kernel fills, and lies on this stack.
        int result = NativeMethods.Status(NativeMethods.CurrentDirectory, path, NativeMethods.StatusOfLinkItself, NativeMethods.StatusTypeOnly, &status);
        if (result != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            return error == NativeMethods.ErrorNoEntry ? FileKind.Missing : throw StorageErrors.FromErrno(error, path, "look at it");
        }

        return (status.Mode & TypeMask) switch
        {
            RegularType => FileKind.Regular,
            FolderType => FileKind.Folder,
            LinkType => FileKind.Link,
            _ => FileKind.Special,
        };
    }
}
