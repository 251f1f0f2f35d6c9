namespace Estream.Wire;

/// <summary>One message as it came over a wire: a view, valid for as long as the buffer it points into.</summary>
public readonly ref struct WireMessage
{
    /// <summary>Creates the view.</summary>
    /// <param name="topic">Where it was sent to, in UTF-8: a topic, a path, an address.</param>
    /// <param name="payload">Its content.</param>
    public WireMessage(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        Topic = topic;
        Payload = payload;
    }

    /// <summary>Where it was sent to, in UTF-8: a topic, a path, an address.</summary>
    public ReadOnlySpan<byte> Topic { get; }

    /// <summary>Its content.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
