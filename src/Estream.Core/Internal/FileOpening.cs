using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>
/// Opens files without the advisory lock that .NET puts on every file it opens: locks mean something here, and a reader must not take
/// one by opening.
/// </summary>
internal static class FileOpening
{
    /// <summary>rw for the owner. Files that are only locked are made with it, too: who may read one can hold it.</summary>
    public const int OwnerMode = 0x180;

    /// <summary>rw for the owner, r for the group; the process's umask takes away more.</summary>
    public const int GroupMode = 0x1A0;

    /// <summary>rw for the owner, r for the group and everybody else; the process's umask takes away more.</summary>
    public const int EverybodyMode = 0x1A4;

    public static SafeFileHandle Open(string path, RegionAccess access) =>
        Open(path, access == RegionAccess.ReadOnly ? NativeMethods.OpenReadOnly : NativeMethods.OpenReadWrite, "open it");

    public static SafeFileHandle CreateNew(string path, int mode) =>
        Open(path, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate | NativeMethods.OpenExclusively, "create it", mode);

    public static SafeFileHandle OpenOrCreate(string path) =>
        Open(path, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate, "open it");

    public static SafeFileHandle OpenDirectory(string path) =>
        Open(path, NativeMethods.OpenReadOnly | NativeMethods.OpenDirectory, "open the directory");

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
