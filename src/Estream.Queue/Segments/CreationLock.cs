using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Held for the moment in which a file of the queue comes into being, so that of several makers one makes it.</summary>
internal static class CreationLock
{
    private const string FileName = "create.lock";

    /// <exception cref="EstreamLeaseException">Another process has held it for seconds, which no making takes.</exception>
    public static IDisposable Take(IStorage storage, string directory, string fileName = FileName) =>
        TimedLock.Take(storage, Path.Combine(directory, fileName));
}
