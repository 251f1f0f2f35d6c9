namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>A message to append to the relay, as a view over the bytes it arrived in.</summary>
internal readonly ref struct RelayMessage
{
    public ReadOnlySpan<byte> Topic { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    public MqttQos Qos { get; init; }

    public bool IsRetained { get; init; }

    /// <summary>The client identifier of the publisher; empty for the host.</summary>
    public ReadOnlySpan<byte> Publisher { get; init; }

    /// <summary>When the message was received, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>When the message expires, in nanoseconds since 1970-01-01 UTC; null for never.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>The forwarded properties, as <see cref="Codec.KeptProperties"/> copied them.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>The length of the message in the relay, in bytes.</summary>
    public long Length => (long)PublishedRecord.FixedLength + Topic.Length + Payload.Length + Publisher.Length + Properties.Length;

    /// <summary>Writes the message in the format of the relay.</summary>
    /// <param name="destination">The buffer to write to; at least <see cref="Length"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
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
