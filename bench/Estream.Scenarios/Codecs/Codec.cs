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

        public override IContender Encoder(ContenderContext context, CodecWorkload workload) => new EncodeContender<T>(context, workload, Portion);

        public override IContender Decoder(ContenderContext context, CodecWorkload workload) => new DecodeContender<T>(context, workload, Portion);
    }
}
