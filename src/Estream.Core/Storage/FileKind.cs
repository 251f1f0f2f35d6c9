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
    /// <exception cref="EstreamStorageException">The system does not say: a folder before the name may not be searched, or is
    /// none.</exception>
    public static unsafe FileKind Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        NativeMethods.FileStatus status = default;

        // SAFETY: the structure has the 256 bytes that the kernel fills, and lies on this stack.
        int result = NativeMethods.Status(NativeMethods.CurrentDirectory, path, NativeMethods.StatusOfLinkItself,
            NativeMethods.StatusTypeOnly, &status);
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

    /// <summary>Refuses a FIFO, a socket or a device, also at the end of links: opened to be read, it would wait for whoever writes into
    /// it.</summary>
    /// <param name="path">What is to be opened as a file.</param>
    /// <exception cref="EstreamStorageException">It is one.</exception>
    /// <remarks>
    /// A pipe that the shell has opened and calls /dev/fd/N is let through: somebody is at its other end. Nothing is refused elsewhere than
    /// on Linux. Costs two calls of the system, and some more where there are links.
    /// </remarks>
    public static void ThrowIfSpecial(string path)
    {
        if (OperatingSystem.IsLinux() && File.Exists(path) && Of(EndOf(path)) == FileKind.Special)
        {
            throw new EstreamStorageException(
                $"'{path}' is a pipe, a socket or a device, and no file. Take it away and put the file there again, or name a file.", path,
                StorageFailure.Other);
        }
    }

    // The links below /proc, which lead to what is open, have targets that are no paths: nothing is found there. Links without end are told
    // by whoever opens them.
    private static string EndOf(string path)
    {
        try
        {
            return Of(path) == FileKind.Link && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } end ? end.FullName : path;
        }
        catch (IOException)
        {
            return path;
        }
    }
}
