using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>
/// Opens files without the advisory lock that .NET takes on every opened file: Estream uses these locks itself. Refuses a
/// path whose last part is a link, because the link could lead to a file of another folder. Follows links in the folder part of a path.
/// </summary>
internal static class FileOpening
{
    /// <summary>rw for the owner. Also the mode of lock files: a user who may read one can hold the lock.</summary>
    public const int OwnerMode = 0x180;

    /// <summary>rw for the owner, r for the group, minus the umask of the process.</summary>
    public const int GroupMode = 0x1A0;

    /// <summary>rw for the owner, r for the group and others, minus the umask of the process.</summary>
    public const int EverybodyMode = 0x1A4;

    public static SafeFileHandle Open(string path, RegionAccess access) =>
        OpenFile(path, access == RegionAccess.ReadOnly ? NativeMethods.OpenReadOnly : NativeMethods.OpenReadWrite, "open the file");

    public static SafeFileHandle CreateNew(string path, int mode) =>
        OpenFile(path, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate | NativeMethods.OpenExclusively, "create the file", mode);

    public static SafeFileHandle OpenOrCreate(string path) =>
        OpenFile(path, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate, "open the file");

    public static SafeFileHandle OpenDirectory(string path) =>
        Open(path, NativeMethods.OpenReadOnly | NativeMethods.OpenDirectory, "open the directory");

    /// <summary>Flushes the entries of a directory. Returns the error of the kernel; 0 for none.</summary>
    public static int SyncDirectory(SafeFileHandle directory)
    {
        int error = NativeMethods.SyncFile((int)directory.DangerousGetHandle()) == 0 ? 0 : Marshal.GetLastPInvokeError();

        // Some file systems cannot flush a directory and return EINVAL.
        return error == NativeMethods.ErrorInvalid ? 0 : error;
    }

    private static SafeFileHandle OpenFile(string path, int flags, string action, int newFileMode = OwnerMode) =>
        Open(path, flags | NativeMethods.OpenWithoutLinks, action, newFileMode);

    private static SafeFileHandle Open(string path, int flags, string action, int newFileMode = OwnerMode)
    {
        while (true)
        {
            int descriptor = NativeMethods.Open(path, flags | NativeMethods.OpenCloseOnExec, newFileMode);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != NativeMethods.ErrorInterrupted)
            {
                throw error == NativeMethods.ErrorTooManyLinks && FileKinds.Of(path) == FileKind.Link
                    ? new EstreamStorageException(
                        $"'{path}' is a symbolic link, not a file. Put the file back in its place; only folders may be links.", path,
                        StorageFailure.Other, new Win32Exception(error))
                    : StorageErrors.FromErrno(error, path, action);
            }
        }
    }
}
