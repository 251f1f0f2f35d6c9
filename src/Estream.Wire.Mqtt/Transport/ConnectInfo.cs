using System.Text;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>What of a CONNECT outlives its buffer.</summary>
internal sealed class ConnectInfo
{
    /// <summary>The longest user name in bytes: it is kept as long as the connection.</summary>
    public const int MaxUserNameBytes = 1_024;

    private ConnectInfo(in ConnectPacket packet, Fault fault)
    {
        Fault = fault;
        ProtocolLevel = packet.ProtocolLevel;
        Is311 = packet.Is311;
        CleanStart = packet.CleanStart;
        KeepAliveSeconds = packet.KeepAliveSeconds;
        SessionExpirySeconds = packet.SessionExpirySeconds;
        MaximumPacketSize = packet.MaximumPacketSize;
        ReceiveMaximum = packet.ReceiveMaximum;
        TopicAliasMaximum = packet.TopicAliasMaximum;
        WantsProblemInformation = packet.WantsProblemInformation;
        if (fault.IsFault)
        {
            // Who is refused leaves nothing of a length of his choice.
            return;
        }

        ClientId = Encoding.UTF8.GetString(packet.ClientId);
        UserName = packet.HasUserName ? Encoding.UTF8.GetString(packet.UserName) : null;
        Password = packet.Password.ToArray();
        Authentication = packet.HasAuthenticationMethod ? packet.AuthenticationData.ToArray() : null;
        Will = packet.HasWill
            ? new WillMessage(packet.WillTopic.ToArray(), packet.WillPayload.ToArray(), packet.WillDelaySeconds)
            {
                ClientId = ClientId,
                Qos = packet.WillQos,
                IsRetained = packet.WillRetain,
                ExpirySeconds = packet.WillExpirySeconds,
                Properties = packet.WillProperties.ToArray(),
            }
            : null;
    }

    public Fault Fault { get; }

    public byte ProtocolLevel { get; }

    /// <summary>Whether the client speaks MQTT 3.1.1.</summary>
    public bool Is311 { get; }

    public bool CleanStart { get; }

    public ushort KeepAliveSeconds { get; }

    public uint SessionExpirySeconds { get; }

    public uint MaximumPacketSize { get; }

    /// <summary>How many messages of QoS 1 and 2 the client takes unacknowledged [MQTT-3.3.4-9].</summary>
    public ushort ReceiveMaximum { get; }

    /// <summary>How many topic aliases the client takes [MQTT-3.1.2-26].</summary>
    public ushort TopicAliasMaximum { get; }

    /// <summary>Whether reason strings may stand in any packet [MQTT-3.1.2-29].</summary>
    public bool WantsProblemInformation { get; }

    public string ClientId { get; } = "";

    public string? UserName { get; }

    /// <summary>Cleared once it is checked.</summary>
    public byte[] Password { get; } = [];

    /// <summary>What an exchange of SCRAM-SHA-256 begins with; null where the client asks for none.</summary>
    public byte[]? Authentication { get; }

    public WillMessage? Will { get; }

    public static ConnectInfo Read(ReadOnlySpan<byte> body, int maxClientIdBytes, bool offersScram = false)
    {
        Fault fault = ConnectPacket.Decode(body, out ConnectPacket packet);
        return new ConnectInfo(packet, fault.IsFault ? fault : Check(packet, maxClientIdBytes, offersScram));
    }

    /// <summary>Stands for a first packet that is no readable CONNECT.</summary>
    public static ConnectInfo Refused(Fault fault)
    {
        return new ConnectInfo(new ConnectPacket(), fault);
    }

    private static Fault Check(in ConnectPacket packet, int maxClientIdBytes, bool offersScram)
    {
        if (packet.HasAuthenticationMethod && !(offersScram && packet.AuthenticationMethod.SequenceEqual(Scram.Method)))
        {
            return Fault.Of(
                MqttReasonCode.BadAuthenticationMethod,
                "the CONNECT asks for an authentication method that is not offered [MQTT-4.12.0-1]");
        }

        if (packet.AuthenticationData.Length > Scram.MaxDataBytes)
        {
            return Fault.Of(MqttReasonCode.NotAuthorized, "the authentication data are longer than 8 KiB");
        }

        if (packet.ClientId.Length > maxClientIdBytes)
        {
            return Fault.Of(MqttReasonCode.ClientIdentifierNotValid,
                "the client identifier is longer than MaxClientIdBytes [MQTT-3.1.3-8]");
        }

        if (packet.UserName.Length > MaxUserNameBytes)
        {
            return Fault.Of(MqttReasonCode.BadUserNameOrPassword, "the user name is longer than 1,024 bytes");
        }

        return default;
    }
}
