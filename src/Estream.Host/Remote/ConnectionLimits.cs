using System.Net;

namespace Estream.Host.Remote;

/// <summary>
/// Limits the connections of clients. Connections that have not sent Hello are counted apart, per transport and per address, so that
/// connections of strangers leave room for clients. Connections over the Unix socket have no address. Thread-safe.
/// </summary>
/// <param name="maxConnections">The maximum number of connections after Hello, and of those before Hello per transport.</param>
/// <param name="maxPerAddress">The maximum number of connections of an address after Hello.</param>
internal sealed class ConnectionLimits(int maxConnections, int maxPerAddress)
{
    /// <summary>The maximum number of connections of an address that have not sent Hello, per transport.</summary>
    public const int MaxPendingPerAddress = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<(IPAddress Address, bool IsWebSocket), int> _pendingOf = [];
    private readonly Dictionary<IPAddress, int> _admittedOf = [];
    private int _pendingTcp;
    private int _pendingWebSockets;
    private int _admitted;

    /// <summary>The number of connections after Hello.</summary>
    public int Count => Volatile.Read(ref _admitted);

    /// <summary>Counts a connection that has not sent Hello.</summary>
    /// <returns>Why it is refused; null if it is not.</returns>
    public string? TryEnter(RemotePeer peer)
    {
        lock (_lock)
        {
            ref int pending = ref PendingOf(peer);
            if (pending >= maxConnections)
            {
                return $"{pending} connections have not sent Hello, the maximum. Set Estream:Client:MaxConnections";
            }

            if (peer.Address is { } address)
            {
                int own = _pendingOf.GetValueOrDefault((address, peer.IsWebSocket));
                if (own >= MaxPendingPerAddress)
                {
                    return $"{own} connections of the address have not sent Hello, the maximum";
                }

                _pendingOf[(address, peer.IsWebSocket)] = own + 1;
            }

            pending++;
            return null;
        }
    }

    /// <summary>Counts a connection as one of a client, after Hello.</summary>
    /// <returns>Why it is refused; null if it is not. A refused connection is still counted as before Hello.</returns>
    public string? TryAdmit(RemotePeer peer)
    {
        lock (_lock)
        {
            if (_admitted >= maxConnections)
            {
                return $"The host has {_admitted} client connections, its maximum. Set Estream:Client:MaxConnections.";
            }

            if (peer.Address is { } address)
            {
                int own = _admittedOf.GetValueOrDefault(address);
                if (own >= maxPerAddress)
                {
                    return $"The address has {own} client connections, its maximum. Set Estream:Client:MaxConnectionsPerAddress.";
                }

                _admittedOf[address] = own + 1;
            }

            LeavePending(peer);
            _admitted++;
            return null;
        }
    }

    /// <summary>Forgets a connection that has ended.</summary>
    public void Leave(RemotePeer peer, bool isAdmitted)
    {
        lock (_lock)
        {
            if (!isAdmitted)
            {
                LeavePending(peer);
                return;
            }

            _admitted--;
            if (peer.Address is { } address)
            {
                Decrement(_admittedOf, address);
            }
        }
    }

    private void LeavePending(RemotePeer peer)
    {
        PendingOf(peer)--;
        if (peer.Address is { } address)
        {
            Decrement(_pendingOf, (address, peer.IsWebSocket));
        }
    }

    private ref int PendingOf(RemotePeer peer) => ref peer.IsWebSocket ? ref _pendingWebSockets : ref _pendingTcp;

    private static void Decrement<TKey>(Dictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        if (--counts[key] == 0)
        {
            counts.Remove(key);
        }
    }
}
