namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>A topic that retains a message.</summary>
/// <param name="name">Its name.</param>
internal sealed class RetainedTopic(byte[] name)
{
    public byte[] Name => name;

    /// <summary>Which put its message came by, counted over all topics; 0 where an earlier process has put it.</summary>
    public long Put { get; set; }

    /// <summary>The user who published it; null for an anonymous client, and when an earlier process stored it.</summary>
    public string? User { get; set; }

    /// <summary>When nobody is to get its message any more.</summary>
    public long ExpiresAt { get; set; } = long.MaxValue;
}
