using System.Text;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>What of a CONNECT outlives its buffer.</summary>
internal sealed class ConnectInfo
{
    private ConnectInfo(in ConnectPacket packet, Fault fault)
    {
        Fault = fault;
        ProtocolLevel = packet.ProtocolLevel;
        CleanStart = packet.CleanStart;
        KeepAliveSeconds = packet.KeepAliveSeconds;
        SessionExpirySeconds = packet.SessionExpirySeconds;
        MaximumPacketSize = packet.MaximumPacketSize;
        ClientId = Encoding.UTF8.GetString(packet.ClientId);
        UserName = packet.HasUserName ? Encoding.UTF8.GetString(packet.UserName) : null;
        Password = packet.Password.ToArray();
        Will = packet.HasWill ? new WillMessage(packet.WillTopic.ToArray(), packet.WillPayload.ToArray(), packet.WillDelaySeconds) : null;
    }

    public Fault Fault { get; }

    public byte ProtocolLevel { get; }

    public bool CleanStart { get; }

    public ushort KeepAliveSeconds { get; }

    public uint SessionExpirySeconds { get; }

    public uint MaximumPacketSize { get; }

    public string ClientId { get; }

    public string? UserName { get; }

    /// <summary>Cleared once it is checked.</summary>
    public byte[] Password { get; }

    public WillMessage? Will { get; }

    public static ConnectInfo Read(ReadOnlySpan<byte> body)
    {
        Fault fault = ConnectPacket.Decode(body, out ConnectPacket packet);
        if (!fault.IsFault && packet.HasAuthenticationMethod)
        {
            fault = Fault.Of(
                MqttReasonCode.BadAuthenticationMethod, "the CONNECT asks for an authentication method, and none is offered [MQTT-4.12.0-1]");
        }

        return new ConnectInfo(packet, fault);
    }

    /// <summary>Stands for a first packet that is no readable CONNECT.</summary>
    public static ConnectInfo Refused(Fault fault)
    {
        return new ConnectInfo(new ConnectPacket(), fault);
    }
}
