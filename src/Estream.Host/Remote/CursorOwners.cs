using Estream.Client;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Queue;

namespace Estream.Host.Remote;

/// <summary>
/// The cursors of clients, and the subscription that uses each. A later subscription takes the cursor over, so a client that lost its
/// connection continues at once. Thread-safe.
/// </summary>
/// <param name="maxAge">How long retention waits for an unused cursor; zero for ever.</param>
internal sealed class CursorOwners(TimeSpan maxAge) : IDisposable
{
    /// <summary>The prefix of the named tailers of clients, so that they never use the tailer of another part of the host.</summary>
    public const string Prefix = "client-";

    /// <summary>The maximum number of cursors of a queue.</summary>
    public const int MaxCursors = 256;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<(string Queue, string Cursor), RemoteSubscription> _owners = [];

    /// <summary>Gives an age to the cursors that have none: an earlier release made them, or cursors were kept for ever until
    /// now.</summary>
    public void SetMissingAges(IEnumerable<QueueRuntime> queues)
    {
        foreach (EstreamQueue queue in queues.Select(queue => queue.Queue).Where(queue => maxAge > TimeSpan.Zero && Names(queue).Any()))
        {
            try
            {
                // From now on the clock of the queue is checked: cursors end by their age.
                queue.CheckRetentionClock();
                foreach (TailerInfo cursor in queue.GetInfo().Tailers.Where(tailer => IsCursor(tailer.Name) && tailer.RetainsUntil is null))
                {
                    queue.CreateTailer(cursor.Name, maxAge).Dispose();
                }
            }
            catch (EstreamException)
            {
                // A cursor is damaged: the next subscription that uses it reports the damage, and until then retention waits for it.
            }
        }
    }

    /// <summary>Ends the subscription that uses a cursor, and begins another.</summary>
    /// <param name="queue">The name of the queue.</param>
    /// <param name="cursor">The name of the cursor.</param>
    /// <param name="log">The queue.</param>
    /// <param name="begin">Creates the subscription with the tailer of the cursor, and closes the tailer if it throws.</param>
    /// <exception cref="RemoteRefusalException">The cursor is new, and the queue has the maximum number of cursors.</exception>
    public async Task<RemoteSubscription> TakeOverAsync(
        string queue, string cursor, EstreamQueue log, Func<QueueTailer, RemoteSubscription> begin)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_owners.Remove((queue, cursor), out RemoteSubscription? owner))
            {
                await owner.EndAsync(ClientStatus.TakenOver, "Another subscription has taken over the cursor.").ConfigureAwait(false);
            }

            RemoteSubscription next = begin(Open(queue, Prefix + cursor, log));
            _owners.Add((queue, cursor), next);
            return next;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Deletes a cursor that no subscription uses.</summary>
    /// <returns>Whether the cursor existed.</returns>
    /// <exception cref="RemoteRefusalException">A subscription uses the cursor.</exception>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="EstreamException">The cursor cannot be deleted.</exception>
    public async Task<bool> RemoveAsync(string queue, string cursor, EstreamQueue log)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            return !_owners.ContainsKey((queue, cursor)) ? log.RemoveTailer(Prefix + cursor)
                : throw new RemoteRefusalException(ClientStatus.Conflict,
                    $"A subscription uses the cursor '{cursor}' of queue '{queue}'. End the subscription, then remove the cursor.");
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>Forgets a subscription that has ended.</summary>
    public async Task LeaveAsync(string queue, string cursor, RemoteSubscription owner)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        if (_owners.TryGetValue((queue, cursor), out RemoteSubscription? known) && ReferenceEquals(known, owner))
        {
            _owners.Remove((queue, cursor));
        }

        _gate.Release();
    }

    private QueueTailer Open(string queue, string name, EstreamQueue log)
    {
        string[] known = [.. Names(log)];
        if (known.Length >= MaxCursors && !known.Contains(name, StringComparer.Ordinal) && !RemoveOldest(log))
        {
            throw new RemoteRefusalException(ClientStatus.LimitExceeded,
                $"Queue '{queue}' has {known.Length} cursors, its maximum. Remove those that no client uses any more: estream queue "
                + $"remove-cursor {queue} CURSOR. Cursors that are unused for Client:MaxCursorAge make room by themselves.");
        }

        return log.CreateTailer(name, maxAge);
    }

    /// <summary>Deletes the cursor that has been unused for longest, if retention waits for it no more. A clock that may be wrong deletes
    /// none.</summary>
    private static bool RemoveOldest(EstreamQueue log) =>
        log.CheckRetentionClock() is null
        && log.GetInfo().Tailers.Where(tailer => IsCursor(tailer.Name) && !tailer.IsRetaining).MinBy(tailer => tailer.RetainsUntil)
            is { } oldest && log.RemoveTailer(oldest.Name);

    private static IEnumerable<string> Names(EstreamQueue log) => log.ListTailers().Where(IsCursor);

    private static bool IsCursor(string tailer) => tailer.StartsWith(Prefix, StringComparison.Ordinal);
}
