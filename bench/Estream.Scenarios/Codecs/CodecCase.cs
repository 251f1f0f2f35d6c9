using Estream.Esf;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Codecs;

/// <summary>One schema in `esf-encode` and `esf-decode`.</summary>
/// <param name="Schema">Its name, which is that of the case.</param>
/// <param name="Description">The schema, as messages are validated by.</param>
/// <param name="Workload">How many messages.</param>
/// <param name="HandWritten">The reference of the ratio.</param>
/// <param name="Product">The writer and the view that the generator makes of the schema.</param>
internal sealed record CodecCase(string Schema, Func<EsfSchema> Description, CodecWorkload Workload, Codec HandWritten, Codec Product)
{
    public const string ByHand = "hand-written";
    public const string Estream = "estream";
    public const string Protobuf = "google-protobuf";

    /// <summary>Peers that only this schema has.</summary>
    public IReadOnlyList<Codec> Others { get; init; } = [];

    /// <summary>Every codec that was built.</summary>
    public IEnumerable<Codec> Codecs =>
        [HandWritten, Product, .. ProtobufCodecs.AreBuilt ? [ProtobufCodecs.Of(Schema)] : Array.Empty<Codec>(), .. Others];

    /// <summary>The case with a row for every codec, also for one that was not built: the run says that it is missing.</summary>
    public ScenarioCase With(Func<Codec, ContenderContext, IContender> create)
    {
        return new ScenarioCase(
            Schema,
            Reference: ByHand,
            [
                Row(HandWritten, create),
                Row(Product, create) with { Target = Target.AtMost(1.3) },
                ProtobufRow(create),
                .. Others.Select(codec => Row(codec, create) with { IsPeer = true }),
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
