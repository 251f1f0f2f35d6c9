using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>flock(2): a lock on an open file description. The kernel frees the lock when the last descriptor of the description closes,
/// however the process ends.</summary>
internal static class FileLock
{
    public static bool TryTake(SafeFileHandle file, LockMode mode, string path)
    {
        int operation = (mode == LockMode.Shared ? NativeMethods.LockShared : NativeMethods.LockExclusive) | NativeMethods.LockNonBlocking;
        while (NativeMethods.Lock((int)file.DangerousGetHandle(), operation) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == NativeMethods.ErrorWouldBlock)
            {
                return false;
            }

            if (error != NativeMethods.ErrorInterrupted)
            {
                throw StorageErrors.FromErrno(error, path, "lock the file");
            }
        }

        return true;
    }

    /// <summary>
    /// Frees a lock. Closing the file is not enough: a child process that is just being started has a copy of the descriptor. The copy
    /// would keep the lock until the child executes its program.
    /// </summary>
    public static void Free(SafeFileHandle file) => _ = NativeMethods.Lock((int)file.DangerousGetHandle(), NativeMethods.LockUnlock);
}
