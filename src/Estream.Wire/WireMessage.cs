namespace Estream.Wire;

/// <summary>A received message: a view, valid as long as its buffer.</summary>
public readonly ref struct WireMessage
{
    /// <summary>Creates the view.</summary>
    /// <param name="topic">The destination in UTF-8: a topic, a path or an address.</param>
    /// <param name="payload">The content of the message.</param>
    public WireMessage(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        Topic = topic;
        Payload = payload;
    }

    /// <summary>The destination in UTF-8: a topic, a path or an address.</summary>
    public ReadOnlySpan<byte> Topic { get; }

    /// <summary>The content of the message.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
