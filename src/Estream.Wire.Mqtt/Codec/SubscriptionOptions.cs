namespace Estream.Wire.Mqtt.Codec;

/// <summary>When the server sends retained messages for a subscription (section 3.8.3.1).</summary>
internal enum RetainHandling : byte
{
    Always,
    IfNew,
    Never,
}

/// <summary>The Subscription Options byte after each topic filter of a SUBSCRIBE (section 3.8.3.1).</summary>
internal readonly record struct SubscriptionOptions(MqttQos Qos, bool NoLocal, bool RetainAsPublished, RetainHandling RetainHandling)
{
    private const byte NoLocalBit = 0x04;
    private const byte RetainAsPublishedBit = 0x08;
    private const int RetainHandlingShift = 4;

    /// <summary>Decodes a byte that has passed the checks of <see cref="SubscribePacket"/>.</summary>
    public static SubscriptionOptions Of(byte options)
    {
        return new SubscriptionOptions(
            (MqttQos)(options & 0x03),
            (options & NoLocalBit) != 0,
            (options & RetainAsPublishedBit) != 0,
            (RetainHandling)((options >> RetainHandlingShift) & 0x03));
    }

    public byte ToByte()
    {
        return (byte)((int)Qos
            | (NoLocal ? NoLocalBit : 0)
            | (RetainAsPublished ? RetainAsPublishedBit : 0)
            | ((int)RetainHandling << RetainHandlingShift));
    }
}
