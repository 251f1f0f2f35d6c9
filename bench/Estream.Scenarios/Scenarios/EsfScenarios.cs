using Estream.Scenarios.Codecs;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Scenarios;

/// <summary>Encodes a message of a schema from its fields into a span of a mapped file.</summary>
internal sealed class EsfEncodeScenario : IScenario
{
    public string Name => "esf-encode";

    public string Summary =>
        "write the fields of a message into a span, for every schema of the packs; private fields in plaintext, sealing is not measured";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
        [.. CodecCases.All.Select(one => one.With((codec, context) => codec.Encoder(context, one.Workload)))];
}

/// <summary>Reads every field of an encoded message.</summary>
internal sealed class EsfDecodeScenario : IScenario
{
    public string Name => "esf-decode";

    public string Summary => "read every field of an encoded message, for every schema of the packs; private fields in plaintext";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
        [.. CodecCases.All.Select(one => one.With((codec, context) => codec.Decoder(context, one.Workload)))];
}
