namespace Estream.Cli.Codec;

/// <summary>How messages stand in a stream of bytes.</summary>
internal enum Framing
{
    /// <summary>The stream is one message, and nothing else.</summary>
    None,

    /// <summary>Any number of messages, each behind its length: four bytes, little-endian.</summary>
    Length,
}
