using Estream.Core;
using Estream.Fhir;
using Estream.Queue;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir;

/// <summary>
/// Reads the log of commits in order from a named position, and hands each change to a receiver. The position advances when the receiver
/// has finished with a commit, so that after a crash a commit is handed over again (at least once).
/// </summary>
internal sealed class ProjectionPump(ResourceStore store, string name)
{
    /// <summary>Runs until cancelled.</summary>
    /// <param name="receive">Takes the changes of a commit; retries by itself.</param>
    /// <param name="cancellation">Stops the pump.</param>
    public async Task RunAsync(Func<IReadOnlyList<ResourceChange>, CancellationToken, Task> receive, CancellationToken cancellation)
    {
        using QueueTailer tailer = store.CreateTailer(name);
        while (await tailer.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            while (TryRead(tailer, out IReadOnlyList<ResourceChange> changes))
            {
                await receive(changes, cancellation).ConfigureAwait(false);
                tailer.Commit();
            }
        }
    }

    private bool TryRead(QueueTailer tailer, out IReadOnlyList<ResourceChange> changes)
    {
        bool isRead = tailer.TryRead(out QueueMessage message);
        changes = isRead ? store.ReadChanges(message) : [];
        return isRead;
    }
}

/// <summary>Translates changes to messages of esf-health, and stores them in their queues. Deletes have no message. One thread at a
/// time.</summary>
internal sealed class Projection(IngressWriter writer, IReadOnlyCollection<string> types)
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(200);

    public async Task ReceiveAsync(IReadOnlyList<ResourceChange> changes, CancellationToken cancellation)
    {
        foreach (ResourceChange change in changes)
        {
            while (change.Interaction != Interaction.Delete && types.Contains(change.Type) && !TryAppend(change))
            {
                await Task.Delay(s_retryInterval, cancellation).ConfigureAwait(false);
            }
        }

        await WaitDurableAsync(cancellation).ConfigureAwait(false);
    }

    private bool TryAppend(ResourceChange change)
    {
        try
        {
            return writer.Append(new WireMessage(TopicOf(change.Type), change.Text)) != IngressStatus.Blocked;
        }
        finally
        {
            writer.Release();
        }
    }

    public static byte[] TopicOf(string type) => System.Text.Encoding.ASCII.GetBytes($"resource/{type}");

    private async Task WaitDurableAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await writer.WaitDurableAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (EstreamStorageException)
            {
                await Task.Delay(s_retryInterval, cancellation).ConfigureAwait(false);
            }
        }
    }
}
