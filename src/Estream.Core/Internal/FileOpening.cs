using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>
/// Opens files without the advisory lock that .NET puts on every file it opens: locks mean something here, and a reader must not take
/// one by opening.
/// </summary>
internal static class FileOpening
{
    // rw for the owner, r for the group; the process's umask takes away more.
    private const int NewFileMode = 0x1A0;

    public static SafeFileHandle Open(string path, RegionAccess access) =>
        Open(path, access == RegionAccess.ReadOnly ? NativeMethods.OpenReadOnly : NativeMethods.OpenReadWrite, "open it");

    public static SafeFileHandle CreateNew(string path) =>
        Open(path, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate | NativeMethods.OpenExclusively, "create it");

    public static SafeFileHandle OpenOrCreate(string path) =>
        Open(path, NativeMethods.OpenReadWrite | NativeMethods.OpenCreate, "open it");

    public static SafeFileHandle OpenDirectory(string path) =>
        Open(path, NativeMethods.OpenReadOnly | NativeMethods.OpenDirectory, "open the directory");

    private static SafeFileHandle Open(string path, int flags, string action)
    {
        while (true)
        {
            int descriptor = NativeMethods.Open(path, flags | NativeMethods.OpenCloseOnExec, NewFileMode);
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
