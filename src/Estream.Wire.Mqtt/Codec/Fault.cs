namespace Estream.Wire.Mqtt.Codec;

/// <summary>Why a packet is refused: the MQTT 5 reason code and a sentence for the log. The default value means no fault.</summary>
/// <remarks>The sentences are literals that cite the specification, so refusing a packet does not allocate.</remarks>
internal readonly struct Fault
{
    private Fault(MqttReasonCode code, string why)
    {
        Code = code;
        Why = why;
    }

    public static Fault None => default;

    /// <summary>The reason code for the DISCONNECT or CONNACK.</summary>
    public MqttReasonCode Code { get; }

    public string? Why { get; }

    public bool IsFault => Why is not null;

    public static Fault Malformed(string why)
    {
        return new Fault(MqttReasonCode.MalformedPacket, why);
    }

    public static Fault Protocol(string why)
    {
        return new Fault(MqttReasonCode.ProtocolError, why);
    }

    public static Fault Of(MqttReasonCode code, string why)
    {
        return new Fault(code, why);
    }

    public override string ToString()
    {
        return IsFault ? $"0x{(byte)Code:X2} {Code}: {Why}" : "no fault";
    }
}
