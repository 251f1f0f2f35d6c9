namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>A topic with a retained message.</summary>
/// <param name="name">The topic name.</param>
internal sealed class RetainedTopic(byte[] name)
{
    public byte[] Name => name;

    /// <summary>The number of the put that stored the message, counted over all topics; 0 if an earlier process stored it.</summary>
    public long Put { get; set; }

    /// <summary>The user who published it; null for an anonymous client, and when an earlier process stored it.</summary>
    public string? User { get; set; }

    /// <summary>When the message expires, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ExpiresAt { get; set; } = long.MaxValue;
}
