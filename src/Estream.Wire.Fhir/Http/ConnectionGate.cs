using System.Net;
using Estream.Wire.Internal;
using Microsoft.AspNetCore.Connections;

namespace Estream.Wire.Fhir.Http;

/// <summary>Limits the connections of one address, and closes a connection that has no accepted request within a time. So a client without
/// a token cannot take all connections. Thread-safe.</summary>
/// <param name="limit">The maximum number of connections of one address; null for a quarter of all, and no limit on loopback, where a proxy
/// stands for many clients.</param>
/// <param name="all">The maximum number of connections of the server.</param>
/// <param name="deadline">The time for the TLS handshake and the first accepted request.</param>
internal sealed class ConnectionGate(int? limit, int all, TimeSpan deadline)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _counts = [];

    /// <summary>The connection middleware of the listener.</summary>
    public ConnectionDelegate Limit(ConnectionDelegate next) => async connection =>
    {
        IPAddress address = connection.RemoteEndPoint is IPEndPoint { Address: var remote } ? CountedAddress.Of(remote) : IPAddress.None;
        if (!TryEnter(address))
        {
            connection.Abort(new ConnectionAbortedException("The address has the maximum number of connections."));
            return;
        }

        using CancellationTokenSource pending = new(deadline);
        using CancellationTokenRegistration abort = pending.Token.Register(
            () => connection.Abort(new ConnectionAbortedException("The connection had no accepted request in time.")));
        connection.Features.Set(new PendingConnection(pending));
        connection.Features.Set(new ConnectionUser(connection.LocalEndPoint, connection.RemoteEndPoint));
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(address);
        }
    };

    private bool TryEnter(IPAddress address)
    {
        int most = limit ?? (IPAddress.IsLoopback(address) ? all : Math.Max(1, all / 4));
        lock (_lock)
        {
            int count = _counts.GetValueOrDefault(address);
            if (count >= most)
            {
                return false;
            }

            _counts[address] = count + 1;
            return true;
        }
    }

    private void Leave(IPAddress address)
    {
        lock (_lock)
        {
            if (--_counts[address] == 0)
            {
                _counts.Remove(address);
            }
        }
    }
}

/// <summary>A connection that waits for its first accepted request.</summary>
internal sealed class PendingConnection(CancellationTokenSource deadline)
{
    /// <summary>Ends the deadline.</summary>
    public void Accept() => deadline.CancelAfter(Timeout.InfiniteTimeSpan);
}

/// <summary>Whether a connection comes from a program that runs as the user of this process. Asks the kernel once. Thread-safe.</summary>
internal sealed class ConnectionUser(EndPoint? local, EndPoint? remote)
{
    private readonly Lazy<bool> _isOwn = new(() => local is IPEndPoint here && remote is IPEndPoint there && PeerUser.IsOwn(here, there));

    public bool IsOwn => _isOwn.Value;
}
