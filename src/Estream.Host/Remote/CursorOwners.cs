using Estream.Client;

namespace Estream.Host.Remote;

/// <summary>The subscription that uses each cursor. A later subscription takes the cursor over, so a client that lost its connection
/// continues at once. Thread-safe.</summary>
internal sealed class CursorOwners : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<(string Queue, string Cursor), RemoteSubscription> _owners = [];

    /// <summary>Ends the subscription that uses a cursor, and begins another.</summary>
    public async Task<RemoteSubscription> TakeOverAsync(string queue, string cursor, Func<RemoteSubscription> begin)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_owners.Remove((queue, cursor), out RemoteSubscription? owner))
            {
                await owner.EndAsync(ClientStatus.TakenOver, "Another subscription has taken over the cursor.").ConfigureAwait(false);
            }

            RemoteSubscription next = begin();
            _owners.Add((queue, cursor), next);
            return next;
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
}
