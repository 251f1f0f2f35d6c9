using System.Runtime.InteropServices;
using Estream.Core.Internal;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core;

/// <summary>The status of a file system entry.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Mode">Its permissions, with the sticky bit.</param>
/// <param name="Owner">The user that owns it.</param>
/// <param name="Group">Its group.</param>
/// <param name="Links">The number of its names (hard links).</param>
/// <param name="Device">Its file system.</param>
/// <param name="Inode">Its number on the file system. Device and inode identify an entry, whatever its path is.</param>
/// <param name="WrittenNanos">When it was last written, in nanoseconds since 1970.</param>
public readonly record struct EntryStatus(
    FileKind Kind, UnixFileMode Mode, uint Owner, uint Group, uint Links, ulong Device, ulong Inode, long WrittenNanos)
{
    /// <summary>Whether both are the same entry.</summary>
    public bool IsSameAs(in EntryStatus other) => Device == other.Device && Inode == other.Inode;
}

/// <summary>
/// An open folder. Its methods work relative to the descriptor of the folder and never follow a link, so a user who may write to the
/// folder, or to a folder above, cannot redirect them to other files. Linux only. Thread-safe.
/// </summary>
/// <remarks>Names are names of entries of the folder, without a slash. The folder stays the same if it is renamed or replaced.</remarks>
public sealed class FolderHandle : IDisposable
{
    /// <summary>The permissions of a folder that only its owner may use: 700.</summary>
    public const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const int PermissionBits = 0xFFF;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly SafeFileHandle _handle;

    private FolderHandle(SafeFileHandle handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    /// <summary>The user of this process, as the kernel checks its rights.</summary>
    public static uint CurrentUser => NativeMethods.GetEffectiveUser();

    /// <summary>The path with which the folder was opened, for messages.</summary>
    public string Path { get; }

    /// <summary>The status of the folder.</summary>
    public EntryStatus Status => StatusOf("", NativeMethods.StatusOfDescriptor)!.Value;

    /// <summary>Opens a folder. Follows links in the path.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="EstreamStorageException">It does not exist, is not a folder, or may not be read.</exception>
    public static FolderHandle Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new FolderHandle(FileOpening.OpenDirectory(path), path);
    }

    /// <summary>Returns the status of an entry, without following a link; null if the entry does not exist.</summary>
    /// <param name="path">The path. Links in its folder part are followed.</param>
    /// <exception cref="EstreamStorageException">The status cannot be read.</exception>
    public static unsafe EntryStatus? StatusOfPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        NativeMethods.FileStatus status = default;

        // SAFETY: the structure has the 256 bytes that the kernel fills, and lies on this stack.
        if (NativeMethods.Status(NativeMethods.CurrentDirectory, path, NativeMethods.StatusOfLinkItself, NativeMethods.StatusBasic,
            &status) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            return error == NativeMethods.ErrorNoEntry ? null : throw StorageErrors.FromErrno(error, path, "read the file type");
        }

        return StatusOf(status);
    }

    /// <summary>Returns the status of an open file, also after the file was renamed or deleted.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="EstreamStorageException">The status cannot be read.</exception>
    public static EntryStatus StatusOf(FileStream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return StatusOf(file.SafeFileHandle, file.Name);
    }

    /// <summary>Opens a folder in this folder.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="EstreamStorageException">It does not exist, is a link or not a folder, or may not be read.</exception>
    public FolderHandle OpenFolder(string name) =>
        new(Open(name, NativeMethods.OpenReadOnly | NativeMethods.OpenDirectory, 0, "open the folder"), PathOf(name));

    /// <summary>Creates a folder in this folder if no entry has its name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mode">The permissions of a created folder, before the umask.</param>
    /// <exception cref="EstreamStorageException">The folder cannot be created.</exception>
    public void CreateFolder(string name, UnixFileMode mode)
    {
        if (NativeMethods.CreateDirectoryAt(_handle, Checked(name), (int)mode) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != NativeMethods.ErrorExists)
            {
                throw StorageErrors.FromErrno(error, PathOf(name), "create the folder");
            }
        }
    }

    /// <summary>The status of an entry, of a link itself; null if it does not exist.</summary>
    /// <param name="name">The name of the entry.</param>
    /// <exception cref="EstreamStorageException">The status cannot be read.</exception>
    public EntryStatus? StatusOf(string name) => StatusOf(Checked(name), NativeMethods.StatusOfLinkItself);

    /// <summary>Opens a regular file with a single name for reading, without a buffer.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="EstreamStorageException">It does not exist, is a link or not a regular file, has a second name (a hard link), or
    /// may not be read.</exception>
    public FileStream OpenRead(string name) =>
        OpenFile(name, NativeMethods.OpenReadOnly | NativeMethods.OpenWithoutBlocking, 0, FileAccess.Read);

    /// <summary>Opens a regular file with a single name for reading and writing, and creates it if it does not exist. Without a
    /// buffer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mode">The permissions of a created file, before the umask.</param>
    /// <exception cref="EstreamStorageException">It is a link or not a regular file, has a second name (a hard link), or may not be
    /// written.</exception>
    public FileStream OpenOrCreate(string name, UnixFileMode mode) =>
        OpenFile(name, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate | NativeMethods.OpenWithoutBlocking, mode,
            FileAccess.ReadWrite);

    /// <summary>Creates a file that does not exist for writing, without a buffer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mode">The permissions, before the umask.</param>
    /// <exception cref="EstreamStorageException">An entry, possibly a link, has this name, or the file cannot be created.</exception>
    public FileStream CreateNew(string name, UnixFileMode mode) =>
        OpenFile(name, NativeMethods.OpenWriteOnly | NativeMethods.OpenCreate | NativeMethods.OpenExclusively, mode, FileAccess.Write);

    /// <summary>Moves an entry to this or another folder, over a file of the new name. Moves a link itself.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">The folder to move it to.</param>
    /// <param name="newName">Its name there.</param>
    /// <returns>False, without an effect, if the folder is on another file system or another mount.</returns>
    /// <exception cref="EstreamStorageException">The entry does not exist or cannot be moved.</exception>
    public bool TryMove(string name, FolderHandle folder, string newName)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (NativeMethods.RenameAt(_handle, Checked(name), folder._handle, Checked(newName)) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == NativeMethods.ErrorOtherDevice
            ? false
            : throw StorageErrors.FromErrno(error, PathOf(name), $"move it to '{folder.PathOf(newName)}'");
    }

    /// <summary>As <see cref="TryMove"/>; throws if the folder is on another file system.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">The folder to move it to.</param>
    /// <param name="newName">Its name there.</param>
    /// <exception cref="EstreamStorageException">The entry does not exist or cannot be moved.</exception>
    public void Move(string name, FolderHandle folder, string newName)
    {
        if (!TryMove(name, folder, newName))
        {
            throw StorageErrors.FromErrno(NativeMethods.ErrorOtherDevice, PathOf(name), $"move it to '{folder.PathOf(newName)}'");
        }
    }

    /// <summary>Deletes a file or a link. Does nothing if it does not exist.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="EstreamStorageException">It cannot be deleted.</exception>
    public void Delete(string name) => Remove(name, 0);

    /// <summary>Deletes an empty folder. Does nothing if it does not exist.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="EstreamStorageException">It is not empty, or cannot be deleted.</exception>
    public void DeleteFolder(string name) => Remove(name, NativeMethods.RemoveDirectory);

    /// <summary>The names of all entries that are not folders, in no order.</summary>
    /// <exception cref="IOException">The folder cannot be read, or was deleted.</exception>
    public IEnumerable<string> FileNames()
    {
        // The kernel resolves this path to the open folder, whatever its path is today.
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        string path = $"/proc/self/fd/{_handle.DangerousGetHandle()}";
        return Directory.EnumerateFiles(path).Select(System.IO.Path.GetFileName).OfType<string>();
    }

    /// <summary>Makes created, moved and deleted names durable.</summary>
    /// <exception cref="EstreamStorageException">The device failed.</exception>
    public void Sync()
    {
        if (FileOpening.SyncDirectory(_handle) is var error and not 0)
        {
            throw StorageErrors.NotWritten(error, Path);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name is not ("." or "..") && !name.Contains('/', StringComparison.Ordinal)
            ? name
            : throw new ArgumentException($"'{name}' is not a name of an entry. Leave out '/', '.' and '..'.", nameof(name));
    }

    private unsafe EntryStatus? StatusOf(string name, int flags)
    {
        NativeMethods.FileStatus status = default;

        // SAFETY: the structure has the 256 bytes that the kernel fills, and lies on this stack.
        if (NativeMethods.StatusAt(_handle, name, flags, NativeMethods.StatusBasic, &status) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            return error == NativeMethods.ErrorNoEntry ? null : throw StorageErrors.FromErrno(error, PathOf(name), "read the file type");
        }

        return StatusOf(status);
    }

    private static EntryStatus StatusOf(in NativeMethods.FileStatus status) =>
        new(FileKinds.OfMode(status.Mode), (UnixFileMode)(status.Mode & PermissionBits), status.Owner, status.Group, status.Links,
            status.Device, status.Inode, (status.WrittenSeconds * NanosPerSecond) + status.WrittenNanos);

    private FileStream OpenFile(string name, int flags, UnixFileMode mode, FileAccess access)
    {
        SafeFileHandle file = Open(name, flags, (int)mode, access == FileAccess.Read ? "open the file" : "open or create the file");
        try
        {
            RequireOwnFile(file, name);
            return new FileStream(file, access, bufferSize: 0);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private SafeFileHandle Open(string name, int flags, int mode, string action)
    {
        int descriptor;
        int error = 0;
        do
        {
            descriptor = NativeMethods.OpenAt(
                _handle, Checked(name), flags | NativeMethods.OpenWithoutLinks | NativeMethods.OpenCloseOnExec, mode);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == NativeMethods.ErrorInterrupted);

        // Linux returns "not a directory" for a link if a folder is required.
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true)
            : error is NativeMethods.ErrorTooManyLinks or NativeMethods.ErrorNotADirectory && StatusOf(name)?.Kind == FileKind.Link
                ? throw Refused(name, "it is a symbolic link. Remove the link")
                : throw StorageErrors.FromErrno(error, PathOf(name), action);
    }

    private static unsafe EntryStatus StatusOf(SafeFileHandle file, string path)
    {
        NativeMethods.FileStatus status = default;

        // SAFETY: as in StatusOfPath.
        return NativeMethods.StatusAt(file, "", NativeMethods.StatusOfDescriptor, NativeMethods.StatusBasic, &status) == 0
            ? StatusOf(status)
            : throw StorageErrors.FromErrno(Marshal.GetLastPInvokeError(), path, "read the file type");
    }

    private void RequireOwnFile(SafeFileHandle file, string name)
    {
        EntryStatus opened = StatusOf(file, PathOf(name));
        if (opened.Kind != FileKind.Regular)
        {
            throw Refused(name, "it is not a regular file. Remove it");
        }

        if (opened.Links != 1)
        {
            throw Refused(name, "it has another name (a hard link). Remove one of the names");
        }
    }

    private EstreamStorageException Refused(string name, string reason) =>
        new($"'{PathOf(name)}' is not opened: {reason}.", PathOf(name), StorageFailure.Other);

    private void Remove(string name, int flags)
    {
        if (NativeMethods.RemoveAt(_handle, Checked(name), flags) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != NativeMethods.ErrorNoEntry)
            {
                throw StorageErrors.FromErrno(error, PathOf(name), "delete it");
            }
        }
    }

    private string PathOf(string name) => System.IO.Path.Combine(Path, name);
}
