using System.Net;
using Estream.Wire;
using Microsoft.AspNetCore.Connections;

namespace Estream.Host.Http;

/// <summary>Limits the connections per remote address, so one peer cannot use all connections of the host. Proxies represent many peers and
/// are not limited. Thread-safe.</summary>
/// <param name="limit">The maximum number of connections per address.</param>
/// <param name="unlimited">The addresses without a limit.</param>
internal sealed class ConnectionsPerAddress(int limit, IReadOnlyList<IPNetwork> unlimited)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _counts = [];

    /// <summary>The connection middleware of a listener.</summary>
    public ConnectionDelegate Limit(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: { } remote })
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        IPAddress address = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
        if (unlimited.Any(network => network.Contains(address)))
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        address = CountedAddress.Of(address);
        if (!TryEnter(address))
        {
            connection.Abort(new ConnectionAbortedException($"{address} already has {limit} connections, the maximum per address."));
            return;
        }

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
        lock (_lock)
        {
            int count = _counts.GetValueOrDefault(address);
            if (count >= limit)
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
            int count = _counts[address] - 1;
            if (count == 0)
            {
                _counts.Remove(address);
            }
            else
            {
                _counts[address] = count;
            }
        }
    }
}
