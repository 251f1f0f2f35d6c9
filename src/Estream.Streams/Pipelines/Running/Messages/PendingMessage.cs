using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A message that waits in the state of an operator, in 512 bytes without padding.</summary>
internal struct PendingMessage
{
    /// <summary>The maximum length of a message that can wait.</summary>
    public const int MaxBytes = 504;

    private long _length;
    private Content _content;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Message => ((ReadOnlySpan<byte>)_content)[..(int)Math.Clamp(_length, 0, MaxBytes)];

    public static PendingMessage Of(ReadOnlySpan<byte> message)
    {
        PendingMessage held = default;
        held._length = message.Length;
        message.CopyTo(held._content);
        return held;
    }

    [InlineArray(MaxBytes)]
    private struct Content
    {
        private byte _first;
    }
}
