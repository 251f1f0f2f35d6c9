namespace Estream.Scenarios.Codecs;

/// <summary>
/// One codec of one schema, as a struct, so that the loops over it are compiled for it. Both methods of every codec carry
/// <see cref="System.Runtime.CompilerServices.MethodImplOptions.NoInlining"/>: each is called, and none is by luck a part of the loop.
/// </summary>
internal interface ICodec
{
    /// <summary>Encodes a message from its fields; returns the bytes it takes. A number means the same fields to every codec of the
    /// schema.</summary>
    static abstract int Encode(int index, Span<byte> destination);

    /// <summary>Takes every field of an encoded message and sums them up, to the same sum in every codec of the schema.</summary>
    static abstract ulong Digest(ReadOnlySpan<byte> message);
}
