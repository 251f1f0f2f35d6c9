namespace Estream.Wire.Mqtt.Codec;

/// <summary>A CONNECT (section 3.1) as a view over the packet's bytes.</summary>
internal ref struct ConnectPacket
{
    private const byte ReservedFlag = 0x01;
    private const byte CleanStartFlag = 0x02;
    private const byte WillFlag = 0x04;
    private const byte WillRetainFlag = 0x20;
    private const byte PasswordFlag = 0x40;
    private const byte UserNameFlag = 0x80;

    private byte _flags;

    public ConnectPacket()
    {
    }

    /// <summary>The protocol level: 5 for MQTT 5, 4 for 3.1.1. Set even if the level is refused; 0 if the protocol name is not
    /// MQTT.</summary>
    public byte ProtocolLevel { get; private set; }

    /// <summary>The keep-alive time in seconds; 0 turns keep-alive off.</summary>
    public ushort KeepAliveSeconds { get; private set; }

    /// <summary>The session expiry interval in seconds; 0 ends the session with the connection, 0xFFFFFFFF means no expiry.</summary>
    public uint SessionExpirySeconds { get; private set; }

    public ushort ReceiveMaximum { get; private set; } = ushort.MaxValue;

    public uint MaximumPacketSize { get; private set; } = uint.MaxValue;

    public ushort TopicAliasMaximum { get; private set; }

    public bool WantsProblemInformation { get; private set; } = true;

    public bool HasAuthenticationMethod { get; private set; }

    public bool HasAuthenticationData { get; private set; }

    public ReadOnlySpan<byte> AuthenticationMethod { get; private set; }

    public ReadOnlySpan<byte> AuthenticationData { get; private set; }

    public ReadOnlySpan<byte> ClientId { get; private set; }

    public ReadOnlySpan<byte> UserName { get; private set; }

    public ReadOnlySpan<byte> Password { get; private set; }

    public ReadOnlySpan<byte> WillTopic { get; private set; }

    public ReadOnlySpan<byte> WillPayload { get; private set; }

    public uint WillDelaySeconds { get; private set; }

    /// <summary>Null when the will never expires.</summary>
    public uint? WillExpirySeconds { get; private set; }

    /// <summary>The will's property block, without its length.</summary>
    public ReadOnlySpan<byte> WillProperties { get; private set; }

    /// <summary>Whether the client uses MQTT 3.1.1, which has no properties.</summary>
    public readonly bool Is311 => ProtocolLevel == Mqtt311.Level;

    public readonly bool CleanStart => (_flags & CleanStartFlag) != 0;

    public readonly bool HasWill => (_flags & WillFlag) != 0;

    public readonly MqttQos WillQos => (MqttQos)((_flags >> 3) & 3);

    public readonly bool WillRetain => (_flags & WillRetainFlag) != 0;

    public readonly bool HasUserName => (_flags & UserNameFlag) != 0;

    public readonly bool HasPassword => (_flags & PasswordFlag) != 0;

    public static Fault Decode(ReadOnlySpan<byte> body, out ConnectPacket packet)
    {
        ConnectPacket decoded = new();
        WireReader reader = new(body);
        Fault fault = decoded.ReadVariableHeader(ref reader);
        if (!fault.IsFault)
        {
            fault = decoded.ReadProperties(ref reader);
        }

        if (!fault.IsFault)
        {
            fault = decoded.ReadPayload(ref reader);
        }

        packet = decoded;
        return fault.IsFault || reader.IsAtEnd
            ? fault
            : Fault.Malformed("a CONNECT has bytes after its last field [MQTT-3.1.4-1]");
    }

    private Fault ReadVariableHeader(scoped ref WireReader reader)
    {
        if (!reader.TryReadString(out ReadOnlySpan<byte> name) || !reader.TryReadByte(out byte level))
        {
            return reader.Malformed;
        }

        bool isOldName = name.SequenceEqual("MQIsdp"u8);
        if (!isOldName && !name.SequenceEqual("MQTT"u8))
        {
            return Fault.Of(MqttReasonCode.UnsupportedProtocolVersion, "the protocol name is not MQTT [MQTT-3.1.2-1]");
        }

        ProtocolLevel = level;
        if (isOldName || level is not (5 or Mqtt311.Level))
        {
            return Fault.Of(MqttReasonCode.UnsupportedProtocolVersion, "the protocol version is neither 5 nor 3.1.1 [MQTT-3.1.2-2]");
        }

        if (!reader.TryReadByte(out _flags) || !reader.TryReadUInt16(out ushort keepAlive))
        {
            return reader.Malformed;
        }

        KeepAliveSeconds = keepAlive;
        return CheckFlags();
    }

    private readonly Fault CheckFlags()
    {
        if ((_flags & ReservedFlag) != 0)
        {
            return Fault.Malformed("the reserved CONNECT flag is set [MQTT-3.1.2-3]");
        }

        if (WillQos > MqttQos.ExactlyOnce)
        {
            return Fault.Malformed("the Will QoS is 3 [MQTT-3.1.2-12]");
        }

        if (!HasWill && WillQos != MqttQos.AtMostOnce)
        {
            return Fault.Malformed("a Will QoS is set without a will [MQTT-3.1.2-11]");
        }

        if (Is311 && HasPassword && !HasUserName)
        {
            return Fault.Malformed("a password is present without a user name (MQTT 3.1.1, section 3.1.2.9)");
        }

        return !HasWill && WillRetain ? Fault.Malformed("Will Retain is set without a will [MQTT-3.1.2-13]") : default;
    }

    private Fault ReadProperties(scoped ref WireReader reader)
    {
        if (Is311)
        {
            // In 3.1.1, Clean Session also determines the expiry: the session ends with the connection, or never expires.
            SessionExpirySeconds = CleanStart ? 0 : uint.MaxValue;
            return default;
        }

        if (!PropertyReader.TryOpen(ref reader, PacketType.Connect, out PropertyReader properties))
        {
            return reader.Malformed;
        }

        while (properties.MoveNext())
        {
            Keep(properties.Id, properties.Number);
            AuthenticationMethod = properties.Id == PropertyId.AuthenticationMethod ? properties.Bytes : AuthenticationMethod;
            AuthenticationData = properties.Id == PropertyId.AuthenticationData ? properties.Bytes : AuthenticationData;
        }

        if (properties.Fault.IsFault)
        {
            return properties.Fault;
        }

        return HasAuthenticationData && !HasAuthenticationMethod
            ? Fault.Protocol("Authentication Data is present without an Authentication Method (section 3.1.2.11.10)")
            : default;
    }

    private void Keep(PropertyId id, uint number)
    {
        switch (id)
        {
            case PropertyId.SessionExpiryInterval:
                SessionExpirySeconds = number;
                break;
            case PropertyId.ReceiveMaximum:
                ReceiveMaximum = (ushort)number;
                break;
            case PropertyId.MaximumPacketSize:
                MaximumPacketSize = number;
                break;
            case PropertyId.TopicAliasMaximum:
                TopicAliasMaximum = (ushort)number;
                break;
            case PropertyId.RequestProblemInformation:
                WantsProblemInformation = number == 1;
                break;
            case PropertyId.AuthenticationMethod:
                HasAuthenticationMethod = true;
                break;
            case PropertyId.AuthenticationData:
                HasAuthenticationData = true;
                break;
        }
    }

    private Fault ReadPayload(scoped ref WireReader reader)
    {
        if (!reader.TryReadString(out ReadOnlySpan<byte> clientId))
        {
            return reader.Malformed;
        }

        ClientId = clientId;
        if (Is311 && clientId.IsEmpty && !CleanStart)
        {
            return Fault.Of(
                MqttReasonCode.ClientIdentifierNotValid,
                "the client identifier is empty and Clean Session is 0 (MQTT 3.1.1, section 3.1.3.1)");
        }

        if (HasWill)
        {
            Fault fault = ReadWill(ref reader);
            if (fault.IsFault)
            {
                return fault;
            }
        }

        if (HasUserName)
        {
            if (!reader.TryReadString(out ReadOnlySpan<byte> userName))
            {
                return reader.Malformed;
            }

            UserName = userName;
        }

        if (HasPassword)
        {
            if (!reader.TryReadBinary(out ReadOnlySpan<byte> password))
            {
                return reader.Malformed;
            }

            Password = password;
        }

        return default;
    }

    private Fault ReadWill(scoped ref WireReader reader)
    {
        Fault fault = Is311 ? default : ReadWillProperties(ref reader);
        if (fault.IsFault)
        {
            return fault;
        }

        if (!reader.TryReadString(out ReadOnlySpan<byte> topic) || !reader.TryReadBinary(out ReadOnlySpan<byte> payload))
        {
            return reader.Malformed;
        }

        WillTopic = topic;
        WillPayload = payload;
        return topic.IsEmpty || TopicRules.HasWildcard(topic)
            ? Fault.Of(MqttReasonCode.TopicNameInvalid, "the Will Topic is empty or contains a wildcard [MQTT-4.7.1-1] [MQTT-4.7.3-1]")
            : default;
    }

    private Fault ReadWillProperties(scoped ref WireReader reader)
    {
        if (!PropertyReader.TryOpen(ref reader, PacketType.Will, out PropertyReader properties))
        {
            return reader.Malformed;
        }

        while (properties.MoveNext())
        {
            WillDelaySeconds = properties.Id == PropertyId.WillDelayInterval ? properties.Number : WillDelaySeconds;
            WillExpirySeconds = properties.Id == PropertyId.MessageExpiryInterval ? properties.Number : WillExpirySeconds;
        }

        WillProperties = properties.Block;
        return properties.Fault;
    }
}
