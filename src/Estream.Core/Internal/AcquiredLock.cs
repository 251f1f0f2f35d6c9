using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>A held lock. Disposing it frees the lock and closes the file, as the end of the process does.</summary>
internal sealed class AcquiredLock(SafeFileHandle file) : IDisposable
{
    public void Dispose()
    {
        if (!file.IsClosed)
        {
            FileLock.Free(file);
            file.Dispose();
        }
    }
}
