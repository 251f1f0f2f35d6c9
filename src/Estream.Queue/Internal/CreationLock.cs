using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Held for the moment in which a file of the queue comes into being, so that of several makers one makes it.</summary>
internal static class CreationLock
{
    private const string FileName = "create.lock";
    private const int Attempts = 10_000;

    /// <exception cref="EstreamLeaseException">Another process has held it for seconds, which no making takes.</exception>
    public static IDisposable Take(IStorage storage, string directory) => Take(storage, directory, FileName);

    /// <exception cref="EstreamLeaseException">Another process has held it for seconds, which no making takes.</exception>
    public static IDisposable Take(IStorage storage, string directory, string fileName)
    {
        string path = Path.Combine(directory, fileName);
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (storage.TryLock(path, LockMode.Exclusive) is { } held)
            {
                return held;
            }

            idle.Idle(0);
        }

        throw new EstreamLeaseException($"Another process has been creating a file in '{directory}' for seconds. Find out which holds '{path}', end it, and try again.", path);
    }
}
