using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A received packet: first byte and body.</summary>
internal sealed record RawPacket(byte First, byte[] Body)
{
    public PacketType Type => (PacketType)(First >> 4);
}

/// <summary>A socket that sends arbitrary bytes and decodes packets without the product's parser.</summary>
internal sealed class RawClient : IDisposable
{
    private const int LimitMs = 60_000;

    private readonly Socket _socket;
    private Stream _stream;

    public RawClient(int port)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(IPAddress.Loopback, port);
        _stream = new NetworkStream(_socket, ownsSocket: true) { ReadTimeout = LimitMs, WriteTimeout = LimitMs };
    }

    /// <summary>The server's end of a connection.</summary>
    public RawClient(Socket accepted)
    {
        _socket = accepted;
        _stream = new NetworkStream(_socket, ownsSocket: true) { ReadTimeout = LimitMs, WriteTimeout = LimitMs };
    }

    public Socket Socket => _socket;

    /// <summary>Starts TLS and requires a server certificate that this authority has signed.</summary>
    public void Secure(string caFile, SslProtocols protocol = SslProtocols.None, X509Certificate2? certificate = null)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        SslStream secure = new(_stream);
        _stream = secure;
        secure.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = policy,
            EnabledSslProtocols = protocol,
            ClientCertificates = certificate is null ? null : [certificate],
        });
    }

    public RawPacket Connect(string clientId = "tester", bool cleanStart = true, uint expirySeconds = 0, ushort keepAlive = 60)
    {
        ConnectRequest request = new()
        {
            ClientId = clientId,
            CleanStart = cleanStart,
            SessionExpirySeconds = expirySeconds,
            KeepAliveSeconds = keepAlive,
        };
        Send(ClientPackets.Connect(request));
        RawPacket answer = Read();
        Assert.Equal(PacketType.ConnAck, answer.Type);
        Assert.Equal(MqttReasonCode.Success, (MqttReasonCode)answer.Body[1]);
        return answer;
    }

    public void Send(params byte[] bytes)
    {
        _stream.Write(bytes);
    }

    /// <summary>Sends a prepared buffer without allocating.</summary>
    public void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Reads a known number of bytes without allocating.</summary>
    public void ReadExactly(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int count = _socket.Receive(destination);
            if (count == 0)
            {
                // This is not an assertion, because assertions allocate and this method is called while allocations are counted.
                throw new IOException("The connection was closed instead of answering.");
            }

            destination = destination[count..];
        }
    }

    public void Publish(string topic, string payload, MqttQos qos = MqttQos.AtMostOnce, ushort packetId = 0)
    {
        Send(Publishing(topic, payload, qos, packetId));
    }

    public static byte[] Publishing(string topic, string payload, MqttQos qos = MqttQos.AtMostOnce, ushort packetId = 0)
    {
        byte[] packet = new byte[topic.Length + payload.Length + 64];
        int length = ClientPackets.WritePublish(
            packet, System.Text.Encoding.UTF8.GetBytes(topic), qos, packetId, System.Text.Encoding.UTF8.GetBytes(payload));
        return packet[..length];
    }

    public RawPacket Read()
    {
        int first = _stream.ReadByte();
        Assert.True(first >= 0, "the connection was closed instead of answering");
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            int next = _stream.ReadByte();
            Assert.True(next >= 0, "the connection was closed inside a packet");
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                break;
            }
        }

        byte[] body = new byte[length];
        _stream.ReadExactly(body);
        return new RawPacket((byte)first, body);
    }

    /// <summary>Expects a DISCONNECT with this reason code, then the end of the connection.</summary>
    public void ExpectDisconnect(MqttReasonCode reason)
    {
        RawPacket packet = Read();
        Assert.Equal(PacketType.Disconnect, packet.Type);
        Assert.Equal(reason, (MqttReasonCode)packet.Body[0]);
        ExpectClosed();
    }

    /// <summary>Expects a CONNACK that refuses with this reason code, then the end of the connection.</summary>
    public void ExpectRefusal(MqttReasonCode reason)
    {
        RawPacket packet = Read();
        Assert.Equal(PacketType.ConnAck, packet.Type);
        Assert.Equal(0, packet.Body[0]);
        Assert.Equal(reason, (MqttReasonCode)packet.Body[1]);
        ExpectClosed();
    }

    /// <summary>Expects an acknowledgement of this type for this packet.</summary>
    public MqttReasonCode ExpectAck(PacketType type, ushort packetId)
    {
        RawPacket packet = Read();
        Assert.Equal(type, packet.Type);
        Assert.Equal(packetId, (packet.Body[0] << 8) | packet.Body[1]);
        return packet.Body.Length > 2 ? (MqttReasonCode)packet.Body[2] : MqttReasonCode.Success;
    }

    /// <summary>Expects the end of the connection without further packets.</summary>
    public void ExpectClosed()
    {
        try
        {
            Assert.Equal(-1, _stream.ReadByte());
        }
        catch (IOException failure) when (failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // A reset also ends the connection.
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
    }
}
