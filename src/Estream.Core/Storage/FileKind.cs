using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>The kind of a file system entry.</summary>
public enum FileKind
{
    /// <summary>It does not exist.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A FIFO, a socket or a device: reading it may block or have side effects.</summary>
    Special,
}

/// <summary>Determines the kind of an entry before it is opened. Thread-safe.</summary>
public static class FileKinds
{
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;
    private const int FolderType = 0x4000;
    private const int LinkType = 0xA000;

    /// <summary>The kind of an entry. Follows links in the directory part of the path only. One system call.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="EstreamStorageException">A directory of the path may not be searched, or is not a directory.</exception>
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
            return error == NativeMethods.ErrorNoEntry
                ? FileKind.Missing
                : throw StorageErrors.FromErrno(error, path, "read the file type");
        }

        return OfMode(status.Mode);
    }

    internal static FileKind OfMode(int mode) => (mode & TypeMask) switch
    {
        RegularType => FileKind.Regular,
        FolderType => FileKind.Folder,
        LinkType => FileKind.Link,
        _ => FileKind.Special,
    };

    /// <summary>Refuses a FIFO, a socket or a device, also at the end of links: opening it could block.</summary>
    /// <param name="path">The path to be opened as a file.</param>
    /// <exception cref="EstreamStorageException">The path leads to a FIFO, a socket or a device.</exception>
    /// <remarks>
    /// Accepts a pipe of the shell (/dev/fd/N), because it has a writer. Refuses nothing on systems other than Linux. Two system calls, and
    /// more for links.
    /// </remarks>
    public static void ThrowIfSpecial(string path)
    {
        if (OperatingSystem.IsLinux() && File.Exists(path) && Of(EndOf(path)) == FileKind.Special)
        {
            throw new EstreamStorageException(
                $"'{path}' is a pipe, a socket or a device, not a file. Put the file back in its place, or give the path of a file.", path,
                StorageFailure.Other);
        }
    }

    // The links below /proc to open files have targets that are not paths, and so do not exist. A loop of links is reported when the file
    // is opened.
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
