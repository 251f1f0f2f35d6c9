using Estream.Circuits.Operations.Replication;

namespace Estream.Replication.Internal;

/// <summary>Runs the two tasks of a session until one of them fails.</summary>
internal static class SessionTasks
{
    /// <summary>Publishes and reads. When one task ends, the other is cancelled, and the error of the first is thrown.</summary>
    /// <param name="publish">Publishes until it fails or is cancelled.</param>
    /// <param name="read">Reads until it fails or is cancelled.</param>
    /// <param name="stop">Cancels both.</param>
    public static async Task RunAsync(Func<CancellationToken, Task> publish, Func<CancellationToken, Task> read, CancellationToken stop)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task publishing = publish(ended.Token);
        Task reading = read(ended.Token);
        Task first = await Task.WhenAny(publishing, reading).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(publishing, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // A takeover or a difference counts even if the connection failed first: the entry that shows it is not read again.
        bool isFinal = reading.Exception?.InnerException is EstreamReplicationException;
        await (isFinal ? reading : first).ConfigureAwait(false);
    }
}
