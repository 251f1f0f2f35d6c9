using System.Text;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Codecs;

/// <summary>A codec under the name of its row, for code that does not know the codec's type.</summary>
internal abstract record Codec(string Implementation)
{
    /// <summary>The divisor of the row's number of messages; see <see cref="Contender.Portion"/>.</summary>
    public int Portion { get; init; } = 1;

    public static Codec Of<T>(string implementation)
        where T : struct, ICodec => new TypedCodec<T>(implementation);

    /// <summary>The type that declares the codec's methods.</summary>
    public abstract Type Type { get; }

    public abstract int Encode(int index, Span<byte> destination);

    public abstract ulong Digest(ReadOnlySpan<byte> message);

    /// <summary>Returns the contender of `esf-encode`.</summary>
    public abstract IContender Encoder(ContenderContext context, CodecWorkload workload);

    /// <summary>Returns the contender of `esf-decode`.</summary>
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

/// <summary>The number of different messages of a schema, and how often a round encodes or decodes them.</summary>
/// <param name="Messages">Different messages: a power of two, few enough that they and their source values stay in the first-level
/// cache.</param>
/// <param name="SlotBytes">The size of the slot for one encoded message of any codec. The size is an odd number of cache lines, so that the
/// slots do not all map to the same cache sets. Exception: slots that a signature mostly fills have 96 lines. With 97 lines, one copy of
/// the hand-written IoTCommand codec was four times slower in four of the slots.</param>
/// <param name="Batches">Batches of a round, chosen so that a round takes about 12 ms, because there are many cases.</param>
internal sealed record CodecWorkload(int Messages, int SlotBytes, int Batches)
{
    /// <summary>A multiple of every number of messages.</summary>
    public const int BatchOperations = 128;

    /// <summary>The largest portion for which a round still has a whole batch.</summary>
    public const int LargestPortion = 8;

    public long Operations(RunSize size, int portion) => size.Of(Batches, LargestPortion) / portion * BatchOperations;
}

/// <summary>
/// One codec of one schema. Codecs are structs, so that the JIT compiles the loops over a codec for it. Both methods of every codec carry
/// <see cref="System.Runtime.CompilerServices.MethodImplOptions.NoInlining"/>: the loops call each method, and no method is inlined into a
/// loop by chance.
/// </summary>
internal interface ICodec
{
    /// <summary>Encodes a message from its fields; returns its length in bytes. The same index selects the same fields in every codec of
    /// the schema.</summary>
    static abstract int Encode(int index, Span<byte> destination);

    /// <summary>Reads every field of an encoded message and returns a sum, which is the same for every codec of the schema.</summary>
    static abstract ulong Digest(ReadOnlySpan<byte> message);
}

/// <summary>A text in the forms the codecs take: UTF-8 for spans, a string for object serializers. ASCII, so that both forms have the
/// same length.</summary>
internal readonly struct Text
{
    private readonly string? _chars;

    private Text(string chars)
    {
        _chars = chars;
        Utf8 = Encoding.UTF8.GetBytes(chars);
    }

    /// <summary>The text as UTF-8; null if the field is absent.</summary>
    public byte[]? Utf8 { get; }

    /// <summary>The text as a string; empty if the field is absent.</summary>
    public string Chars => _chars ?? "";

    public bool IsThere => Utf8 is not null;

    public static Text Of(string chars) => new(chars);
}
