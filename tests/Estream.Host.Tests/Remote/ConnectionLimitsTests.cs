using System.Net;
using Estream.Host.Remote;

namespace Estream.Host.Tests.Remote;

/// <summary>Goal: connections of one address leave room for those of others, before and after Hello.</summary>
public sealed class ConnectionLimitsTests
{
    private const int MaxConnections = 256;

    private readonly ConnectionLimits _limits = new(MaxConnections, MaxConnections / 4);

    [Fact]
    public void Connections_without_hello_are_limited_per_address_and_transport()
    {
        RemotePeer stranger = Peer("192.0.2.1");
        for (int i = 0; i < ConnectionLimits.MaxPendingPerAddress; i++)
        {
            Assert.Null(_limits.TryEnter(stranger));
        }

        Assert.NotNull(_limits.TryEnter(stranger));
        Assert.NotNull(_limits.TryEnter(Peer("::ffff:192.0.2.1")));
        Assert.Null(_limits.TryEnter(stranger with { IsWebSocket = true }));
        Assert.Null(_limits.TryEnter(Peer("192.0.2.2")));
        Assert.Equal(0, _limits.Count);
        _limits.Leave(stranger, isAdmitted: false);
        Assert.Null(_limits.TryEnter(stranger));
    }

    [Fact]
    public void Addresses_of_one_IPv6_network_count_as_one()
    {
        for (int i = 0; i < ConnectionLimits.MaxPendingPerAddress; i++)
        {
            Assert.Null(_limits.TryEnter(Peer($"2001:db8:0:1::{i:x}")));
        }

        Assert.NotNull(_limits.TryEnter(Peer("2001:db8:0:1:ffff::1")));
        Assert.Null(_limits.TryEnter(Peer("2001:db8:0:2::1")));
    }

    [Fact]
    public void Connections_of_many_addresses_without_hello_do_not_refuse_web_sockets()
    {
        for (int i = 0; i < MaxConnections; i++)
        {
            Assert.Null(_limits.TryEnter(Peer($"192.0.2.{i}")));
        }

        Assert.NotNull(_limits.TryEnter(Peer("198.51.100.1")));
        Assert.Null(_limits.TryEnter(Peer("198.51.100.1") with { IsWebSocket = true }));
    }

    [Fact]
    public void An_address_has_a_quarter_of_the_connections_and_the_socket_has_all()
    {
        RemotePeer one = Peer("192.0.2.1");
        for (int i = 0; i < MaxConnections / 4; i++)
        {
            Assert.Null(_limits.TryEnter(one));
            Assert.Null(_limits.TryAdmit(one));
        }

        Assert.Null(_limits.TryEnter(one));
        Assert.Contains("MaxConnectionsPerAddress", _limits.TryAdmit(one), StringComparison.Ordinal);
        _limits.Leave(one, isAdmitted: false);

        RemotePeer socket = new("socket", null!);
        while (_limits.Count < MaxConnections)
        {
            Assert.Null(_limits.TryEnter(socket));
            Assert.Null(_limits.TryAdmit(socket));
        }

        Assert.Null(_limits.TryEnter(socket));
        Assert.Contains("Client:MaxConnections.", _limits.TryAdmit(socket), StringComparison.Ordinal);
        _limits.Leave(one, isAdmitted: true);
        Assert.Null(_limits.TryAdmit(socket));
    }

    private static RemotePeer Peer(string address) => new(address, null!) { Address = IPAddress.Parse(address) };
}
