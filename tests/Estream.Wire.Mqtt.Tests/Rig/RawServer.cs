using System.Net;
using System.Net.Sockets;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A scripted broker that a test controls packet by packet.</summary>
internal sealed class RawServer : IDisposable
{
    private const int LimitMs = 60_000;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RawServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>The CONNECT of the last accepted connection.</summary>
    public RawPacket? LastConnect { get; private set; }

    /// <summary>Accepts a connection, reads its CONNECT and sends a CONNACK.</summary>
    public RawClient Accept(bool isSessionPresent = false, params byte[] properties)
    {
        RawClient connection = AcceptUnanswered();
        connection.Send([0x20, (byte)(3 + properties.Length), (byte)(isSessionPresent ? 1 : 0), 0, (byte)properties.Length, .. properties]);
        return connection;
    }

    /// <summary>Accepts a connection and reads its CONNECT.</summary>
    public RawClient AcceptUnanswered()
    {
        Assert.True(_listener.Poll(TimeSpan.FromMilliseconds(LimitMs), SelectMode.SelectRead), "no client connects");
        RawClient connection = new(_listener.Accept());
        LastConnect = connection.Read();
        Assert.Equal(PacketType.Connect, LastConnect.Type);
        return connection;
    }

    /// <summary>Accepts a connection, sends a CONNACK and grants its subscription.</summary>
    public RawClient AcceptSubscriber(bool isSessionPresent = false, byte grant = 1)
    {
        RawClient connection = Accept(isSessionPresent);
        RawPacket subscribe = connection.Read();
        Assert.Equal(PacketType.Subscribe, subscribe.Type);
        connection.Send(0x90, 4, subscribe.Body[0], subscribe.Body[1], 0, grant);
        return connection;
    }

    public void Dispose()
    {
        _listener.Dispose();
    }
}
