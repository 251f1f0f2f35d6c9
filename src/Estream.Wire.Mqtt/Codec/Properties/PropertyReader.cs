namespace Estream.Wire.Mqtt.Codec;

/// <summary>Reads the properties of a packet. Checks that each is known, allowed in this packet, not repeated, and valid in type and
/// value.</summary>
internal ref struct PropertyReader
{
    /// <summary>The maximum number of user properties in one packet, since checking each costs time. A packet with more is refused with
    /// Quota exceeded.</summary>
    public const int MaxUserProperties = 128;

    private readonly PacketType _packet;
    private WireReader _reader;
    private ulong _seen;
    private int _userProperties;
    private int _start;

    /// <summary>Reads a property block that is given without its length.</summary>
    public PropertyReader(ReadOnlySpan<byte> block, PacketType packet)
    {
        _packet = packet;
        Block = block;
        _reader = new WireReader(block);
        Fault = default;
    }

    /// <summary>All properties as encoded in the packet, without their length.</summary>
    public ReadOnlySpan<byte> Block { get; }

    /// <summary>Why <see cref="MoveNext"/> stopped before the end; no fault at the end.</summary>
    public Fault Fault { get; private set; }

    /// <summary>The identifier of the current property. Its data type determines where its value is: <see cref="Number"/>, or
    /// <see cref="Bytes"/> and <see cref="PairValue"/>.</summary>
    public PropertyId Id { get; private set; }

    /// <summary>The value of a numeric property.</summary>
    public uint Number { get; private set; }

    /// <summary>The value of a text or binary property, or the name of a user property, as encoded in the packet.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The value of a user property.</summary>
    public ReadOnlySpan<byte> PairValue { get; private set; }

    /// <summary>The current property as encoded in the packet, starting with its identifier.</summary>
    public readonly ReadOnlySpan<byte> Raw => Block[_start..^_reader.Rest.Length];

    /// <summary>Reads a property block, starting with its length, from a packet.</summary>
    public static bool TryOpen(scoped ref WireReader packetReader, PacketType packet, out PropertyReader properties)
    {
        if (packetReader.TryReadVarInt(out uint length) && packetReader.TryTake((int)length, out ReadOnlySpan<byte> block))
        {
            properties = new PropertyReader(block, packet);
            return true;
        }

        properties = default;
        return false;
    }

    /// <summary>Checks all properties and discards their values.</summary>
    public static Fault Skip(scoped ref WireReader packetReader, PacketType packet)
    {
        if (!TryOpen(ref packetReader, packet, out PropertyReader properties))
        {
            return packetReader.Malformed;
        }

        while (properties.MoveNext())
        {
        }

        return properties.Fault;
    }

    public bool MoveNext()
    {
        if (_reader.IsAtEnd)
        {
            return false;
        }

        _start = Block.Length - _reader.Rest.Length;
        if (!_reader.TryReadVarInt(out uint id))
        {
            Fault = _reader.Malformed;
            return false;
        }

        PropertyKind kind = PropertyRules.KindOf(id);
        Fault = CheckPlace(id, kind);
        if (Fault.IsFault)
        {
            return false;
        }

        Id = (PropertyId)id;
        Fault = ReadValue(kind);
        return !Fault.IsFault;
    }

    private Fault CheckPlace(uint id, PropertyKind kind)
    {
        if (kind == PropertyKind.Unknown)
        {
            return Fault.Malformed("a property identifier is unknown (section 2.2.2.2)");
        }

        if (!PropertyRules.IsAllowed(id, _packet))
        {
            return Fault.Malformed("a property is not valid in this packet type (section 2.2.2.2)");
        }

        if (id == (uint)PropertyId.UserProperty && ++_userProperties > MaxUserProperties)
        {
            return Fault.Of(MqttReasonCode.QuotaExceeded, "a packet has more than 128 user properties");
        }

        ulong bit = 1UL << (int)id;
        if ((_seen & bit) != 0 && !PropertyRules.IsRepeatable(id, _packet))
        {
            return Fault.Protocol("a property occurs more than once (section 2.2.2.2)");
        }

        _seen |= bit;
        return default;
    }

    private Fault ReadValue(PropertyKind kind)
    {
        switch (kind)
        {
            case PropertyKind.Flag:
                return ReadFlag();
            case PropertyKind.UInt16 or PropertyKind.UInt16NotZero:
                bool isSmall = _reader.TryReadUInt16(out ushort small);
                return KeepNumber(isSmall, small, kind == PropertyKind.UInt16NotZero);
            case PropertyKind.UInt32 or PropertyKind.UInt32NotZero:
                bool isLarge = _reader.TryReadUInt32(out uint large);
                return KeepNumber(isLarge, large, kind == PropertyKind.UInt32NotZero);
            case PropertyKind.VarIntNotZero:
                bool isVariable = _reader.TryReadVarInt(out uint variable);
                return KeepNumber(isVariable, variable, mustNotBeZero: true);
            case PropertyKind.Binary:
                bool isBinary = _reader.TryReadBinary(out ReadOnlySpan<byte> bytes);
                Bytes = bytes;
                return isBinary ? default : _reader.Malformed;
            default:
                return ReadText(kind);
        }
    }

    private Fault ReadText(PropertyKind kind)
    {
        if (!_reader.TryReadString(out ReadOnlySpan<byte> text))
        {
            return _reader.Malformed;
        }

        Bytes = text;
        if (kind == PropertyKind.TextPair)
        {
            bool isPair = _reader.TryReadString(out ReadOnlySpan<byte> pairValue);
            PairValue = pairValue;
            return isPair ? default : _reader.Malformed;
        }

        return kind == PropertyKind.TopicName && TopicRules.HasWildcard(text)
            ? Fault.Protocol("a Response Topic contains a wildcard [MQTT-3.3.2-14]")
            : default;
    }

    private Fault ReadFlag()
    {
        if (!_reader.TryReadByte(out byte flag))
        {
            return _reader.Malformed;
        }

        Number = flag;
        return flag <= 1 ? default : Fault.Protocol("a property that must be 0 or 1 has another value (section 2.2.2.2)");
    }

    private Fault KeepNumber(bool isRead, uint value, bool mustNotBeZero)
    {
        if (!isRead)
        {
            return _reader.Malformed;
        }

        Number = value;
        return mustNotBeZero && value == 0 ? Fault.Protocol("a property that must not be 0 is 0 (section 2.2.2.2)") : default;
    }
}
