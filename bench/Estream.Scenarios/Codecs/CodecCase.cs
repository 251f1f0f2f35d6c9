using Estream.Esf;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Codecs;

/// <summary>One schema in `esf-encode` and `esf-decode`.</summary>
/// <param name="Schema">The name of the schema, which is also the name of the case.</param>
/// <param name="Description">The schema that validates the messages.</param>
/// <param name="Workload">The number of messages.</param>
/// <param name="HandWritten">The reference of the ratio.</param>
/// <param name="Product">The generated writer and view of the schema.</param>
internal sealed record CodecCase(string Schema, Func<EsfSchema> Description, CodecWorkload Workload, Codec HandWritten, Codec Product)
{
    public const string ByHand = "hand-written";
    public const string Estream = "estream";
    public const string Protobuf = "google-protobuf";

    // A serializer must take at least as long as the product.
    private static readonly Target s_behind = new([Goal.AtLeastTimes(1)], []);

    /// <summary>Additional peers of this schema only.</summary>
    public IReadOnlyList<Codec> Others { get; init; } = [];

    /// <summary>The serializers from NuGet that the product must not be slower than.</summary>
    public required IReadOnlyList<Codec> Serializers { get; init; }

    /// <summary>Every codec that was built.</summary>
    public IEnumerable<Codec> Codecs =>
        [HandWritten, Product, .. ProtobufCodecs.AreBuilt ? [ProtobufCodecs.Of(Schema)] : Array.Empty<Codec>(), .. Others, .. Serializers];

    /// <summary>Returns the case with a row for every codec. Includes codecs that were not built, so that the run reports them as
    /// missing.</summary>
    public ScenarioCase With(Func<Codec, ContenderContext, IContender> create)
    {
        return new ScenarioCase(
            Schema,
            Reference: ByHand,
            [
                Row(HandWritten, create),
                Row(Product, create) with { Target = Target.AtMost(1.2) },
                ProtobufRow(create),
                .. Others.Select(codec => Row(codec, create) with { IsPeer = true }),
                .. Serializers.Select(codec => Row(codec, create) with { Reference = Estream, Target = s_behind }),
            ]);
    }

    private static Contender Row(Codec codec, Func<Codec, ContenderContext, IContender> create) =>
        Contender.Managed(codec.Implementation, context => create(codec, context)) with { Portion = codec.Portion };

    private Contender ProtobufRow(Func<Codec, ContenderContext, IContender> create) =>
        Contender.Managed(Protobuf, context => create(ProtobufCodecs.Of(Schema), context)) with
        {
            IsPeer = true,
            IsBuilt = ProtobufCodecs.AreBuilt,
            Portion = CodecWorkload.LargestPortion,
        };
}
