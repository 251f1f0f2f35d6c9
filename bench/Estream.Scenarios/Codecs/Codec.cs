using System.Text;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Codecs;

/// <summary>A codec under the name of its row, for code that does not know its type.</summary>
internal abstract record Codec(string Implementation)
{
    /// <summary>How many times fewer messages the row does; see <see cref="Contender.Portion"/>.</summary>
    public int Portion { get; init; } = 1;

    public static Codec Of<T>(string implementation)
        where T : struct, ICodec => new TypedCodec<T>(implementation);

    /// <summary>The type whose methods they are.</summary>
    public abstract Type Type { get; }

    public abstract int Encode(int index, Span<byte> destination);

    public abstract ulong Digest(ReadOnlySpan<byte> message);

    /// <summary>The contender of `esf-encode`.</summary>
    public abstract IContender Encoder(ContenderContext context, CodecWorkload workload);

    /// <summary>The contender of `esf-decode`.</summary>
    public abstract IContender Decoder(ContenderContext context, CodecWorkload workload);

    private sealed record TypedCodec<T>(string Implementation) : Codec(Implementation)
        where T : struct, ICodec
    {
        public override Type Type => typeof(T);

        public override int Encode(int index, Span<byte> destination) => T.Encode(index, destination);

        public override ulong Digest(ReadOnlySpan<byte> message) => T.Digest(message);

        public override IContender Encoder(ContenderContext context, CodecWorkload workload) =>
            new EncodeContender<T>(context, workload, Portion);

        public override IContender Decoder(ContenderContext context, CodecWorkload workload) =>
            new DecodeContender<T>(context, workload, Portion);
    }
}

/// <summary>How many different messages of a schema there are, and how often they are encoded or decoded in a round.</summary>
/// <param name="Messages">Different messages: a power of two, few enough that they stay in the first-level cache with what they are made
/// of.</param>
/// <param name="SlotBytes">Room for one encoded message of any codec: an odd number of cache lines, lest all slots fall into the same sets
/// of the cache, except where a signature fills most of it: four slots of 97 lines made one copy, by hand and of IoTCommand, four times as
/// slow.</param>
/// <param name="Batches">Batches of a round, so that it takes some 12 ms: there are many cases.</param>
internal sealed record CodecWorkload(int Messages, int SlotBytes, int Batches)
{
    /// <summary>A multiple of every number of messages.</summary>
    public const int BatchOperations = 128;

    /// <summary>Whole batches in any portion.</summary>
    public const int LargestPortion = 8;

    public long Operations(RunSize size, int portion) => size.Of(Batches, LargestPortion) / portion * BatchOperations;
}

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

/// <summary>A text as each codec takes it: UTF-8 for spans, a string for the classes of others. ASCII, so that both have one
/// length.</summary>
internal readonly struct Text
{
    private readonly string? _chars;

    private Text(string chars)
    {
        _chars = chars;
        Utf8 = Encoding.UTF8.GetBytes(chars);
    }

    /// <summary>Null where the field is absent.</summary>
    public byte[]? Utf8 { get; }

    /// <summary>Empty where the field is absent.</summary>
    public string Chars => _chars ?? "";

    public bool IsThere => Utf8 is not null;

    public static Text Of(string chars) => new(chars);
}
