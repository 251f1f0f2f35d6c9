namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>A message on its way into the relay: a view over whatever it came in.</summary>
internal readonly ref struct RelayMessage
{
    public ReadOnlySpan<byte> Topic { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    public MqttQos Qos { get; init; }

    public bool IsRetained { get; init; }

    /// <summary>Client identifier of who published it; empty where the host did.</summary>
    public ReadOnlySpan<byte> Publisher { get; init; }

    /// <summary>When it arrived, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>When nobody is to get it any more; null for never.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>What <see cref="Codec.KeptProperties"/> has kept.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>Bytes it takes in the relay.</summary>
    public long Length => (long)PublishedRecord.FixedLength + Topic.Length + Payload.Length + Publisher.Length + Properties.Length;

    /// <summary>Writes it as it lies in the relay.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> destination)
    {
        PublishedRecord.Writer writer = PublishedRecord.Write(destination);
        writer.SetTopic(Topic);
        writer.SetPayload(Payload);
        writer.Qos = (byte)Qos;
        writer.Retain = IsRetained;
        writer.SetPublisher(Publisher);
        writer.ReceivedAt = ReceivedAt;
        if (ExpiresAt is { } expiresAt)
        {
            writer.ExpiresAt = expiresAt;
        }

        writer.SetProperties(Properties);
        return writer.Length;
    }
}
