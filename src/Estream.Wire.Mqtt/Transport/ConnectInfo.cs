using System.Text;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The fields of a CONNECT, copied so that they outlive its buffer.</summary>
internal sealed class ConnectInfo
{
    /// <summary>The maximum length of a user name in bytes. The name is kept for the whole connection.</summary>
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
            // Copy nothing of a refused CONNECT: the client chose its length.
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

    /// <summary>Whether the client uses MQTT 3.1.1.</summary>
    public bool Is311 { get; }

    public bool CleanStart { get; }

    public ushort KeepAliveSeconds { get; }

    public uint SessionExpirySeconds { get; }

    public uint MaximumPacketSize { get; }

    /// <summary>The maximum number of unacknowledged messages of QoS 1 and 2 that the client accepts [MQTT-3.3.4-9].</summary>
    public ushort ReceiveMaximum { get; }

    /// <summary>The maximum topic alias that the client accepts [MQTT-3.1.2-26].</summary>
    public ushort TopicAliasMaximum { get; }

    /// <summary>Whether any packet may carry a reason string [MQTT-3.1.2-29].</summary>
    public bool WantsProblemInformation { get; }

    public string ClientId { get; } = "";

    public string? UserName { get; }

    /// <summary>The password; cleared after it is checked.</summary>
    public byte[] Password { get; } = [];

    /// <summary>The first authentication data of a SCRAM-SHA-256 exchange; null if the client requests none.</summary>
    public byte[]? Authentication { get; }

    public WillMessage? Will { get; }

    public static ConnectInfo Read(ReadOnlySpan<byte> body, int maxClientIdBytes, bool offersScram = false)
    {
        Fault fault = ConnectPacket.Decode(body, out ConnectPacket packet);
        return new ConnectInfo(packet, fault.IsFault ? fault : Check(packet, maxClientIdBytes, offersScram));
    }

    /// <summary>Returns the info of a first packet that is not a readable CONNECT.</summary>
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
                "the CONNECT has an authentication method that is not supported [MQTT-4.12.0-1]");
        }

        if (packet.AuthenticationData.Length > Scram.MaxDataBytes)
        {
            return Fault.Of(MqttReasonCode.NotAuthorized, "the authentication data is longer than 8 KiB");
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
