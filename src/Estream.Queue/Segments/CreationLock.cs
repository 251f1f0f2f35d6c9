using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Held while a file of the queue is created, so that only one process creates it.</summary>
internal static class CreationLock
{
    public const string FileName = "create.lock";

    /// <exception cref="EstreamLeaseException">Another process has held the lock for seconds, longer than creating a file
    /// takes.</exception>
    public static IDisposable Take(IStorage storage, string directory, string fileName = FileName) =>
        TimedLock.Take(storage, Path.Combine(directory, fileName));
}
