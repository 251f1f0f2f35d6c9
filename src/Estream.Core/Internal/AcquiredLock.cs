using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>A lock that was taken. Disposing gives it back and closes the file; so does the death of the process.</summary>
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
