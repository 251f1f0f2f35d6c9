using Estream.Core;

namespace Estream.Host.Runtime;

/// <summary>
/// The right to run the adapters of a data folder that two hosts share. The lease is a kernel lock on a file, which ends with its
/// process, so it needs no timeout, and two hosts never hold it at once. Disposing it hands over to the waiting host.
/// </summary>
internal sealed partial class StandbyLease : IDisposable
{
    private const string FileName = "gateway.lock";

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    private readonly IDisposable _lock;

    private StandbyLease(IDisposable held, bool isTakeover) => (_lock, IsTakeover) = (held, isTakeover);

    /// <summary>Whether another host held the lease until just now.</summary>
    public bool IsTakeover { get; }

    /// <summary>Waits until no other host holds the lease.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="logger">Logs the wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamStorageException">The data folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static async Task<StandbyLease> AcquireAsync(string data, ILogger logger, CancellationToken cancellation)
    {
        IStorage storage = FileStorage.Instance;
        storage.CreateDirectory(data);
        string path = Path.Combine(data, FileName);
        bool hasWaited = false;
        while (true)
        {
            if (storage.TryLock(path, LockMode.Exclusive) is { } held)
            {
                if (hasWaited)
                {
                    LogTakeover(logger, data);
                }

                return new StandbyLease(held, hasWaited);
            }

            if (!hasWaited)
            {
                LogStandby(logger, data, string.Join(", ", storage.FindLockHolders([path]).Holders.Select(holder => holder.ProcessId)));
                hasWaited = true;
            }

            await Task.Delay(s_interval, cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose() => _lock.Dispose();

    [LoggerMessage(EventId = 95, Level = LogLevel.Information,
        Message = "Standby: process {ProcessId} runs the adapters of {Data}. This host takes over when that process ends.")]
    private static partial void LogStandby(ILogger logger, string data, string processId);

    [LoggerMessage(EventId = 96, Level = LogLevel.Warning, Message = "The other host of {Data} has ended. This host takes over.")]
    private static partial void LogTakeover(ILogger logger, string data);
}
