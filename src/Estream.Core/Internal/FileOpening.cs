using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>
/// Opens files without the advisory lock that .NET takes on every opened file: Estream uses these locks itself.
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
        Open(path, access == RegionAccess.ReadOnly ? NativeMethods.OpenReadOnly : NativeMethods.OpenReadWrite, "open the file");

    public static SafeFileHandle CreateNew(string path, int mode) =>
        Open(path, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate | NativeMethods.OpenExclusively, "create the file", mode);

    public static SafeFileHandle OpenOrCreate(string path) =>
        Open(path, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate, "open the file");

    public static SafeFileHandle OpenDirectory(string path) =>
        Open(path, NativeMethods.OpenReadOnly | NativeMethods.OpenDirectory, "open the directory");

    /// <summary>Flushes the entries of a directory. Returns the error of the kernel; 0 for none.</summary>
    public static int SyncDirectory(SafeFileHandle directory)
    {
        int error = NativeMethods.SyncFile((int)directory.DangerousGetHandle()) == 0 ? 0 : Marshal.GetLastPInvokeError();

        // Some file systems cannot flush a directory and return EINVAL.
        return error == NativeMethods.ErrorInvalid ? 0 : error;
    }

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
                throw StorageErrors.FromErrno(error, path, action);
            }
        }
    }
}
