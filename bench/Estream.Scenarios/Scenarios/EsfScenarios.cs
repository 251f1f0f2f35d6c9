using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Encoding a message of a schema from its fields into a span of a mapped file.</summary>
internal sealed class EsfEncodeScenario : IScenario
{
    public string Name => "esf-encode";

    public string Summary => "write the six fields of an IoTTelemetry reading into a span";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "IoTTelemetry",
            Reference: "hand-written",
            Contender.Managed("hand-written", c => new HandWrittenEncode(c)),
            Contender.Managed("estream", c => new EsfEncodeContender(c)) with { Target = Target.AtMost(1.3) },
            Contender.Managed("system-text-json", c => new JsonEncode(c)) with { IsPeer = true }),
    ];
}

/// <summary>Taking every field of an encoded message.</summary>
internal sealed class EsfDecodeScenario : IScenario
{
    public string Name => "esf-decode";

    public string Summary => "take the six fields of an encoded IoTTelemetry reading";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "IoTTelemetry",
            Reference: "hand-written",
            Contender.Managed("hand-written", c => new HandWrittenDecode(c)),
            Contender.Managed("estream", c => new EsfDecodeContender(c)) with { Target = Target.AtMost(1.3) },
            Contender.Managed("system-text-json", c => new JsonDecode(c)) with { IsPeer = true }),
    ];
}
