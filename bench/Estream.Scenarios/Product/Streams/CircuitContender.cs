using Estream.Circuits;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Streams;
using Estream.Streams.Pipelines;

namespace Estream.Scenarios.Product;

/// <summary>The rows of `circuit-sight`: a circuit that runs on the measuring thread and whose stream is observed in more or less
/// detail.</summary>
internal sealed class CircuitContender : OperatorsContender, IPipelineResources
{
    private const string Text = """
        escir_version: "0.8.0"
        name: estream.bench.latest.v1
        version: "1.0.0"
        inputs: [{ name: readings, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: newest, type: estream.iot.IoTTelemetry, map: newest, key: device_id }]
        compute: [{ id: meant, type: filter, when: value >= 20 }]
        flows: [readings -> meant -> newest]
        """;

    private readonly StateMap<Utf8Key64, LatestEntry> _newest;
    private readonly CircuitRuntime _runtime;
    private readonly EsfPipeline _results;
    private readonly IDisposable _newestHolder;

    public CircuitContender(ContenderContext context, ObservationLevel level)
        : base(context)
    {
        _newest = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(context.Directory, "newest"));
        _newestHolder = Holder.Start(HeldStorage.LatestMap, _newest.Directory!);
        _runtime = new CircuitRuntime(new CircuitRuntimeOptions { Resources = this,
            Observation = new StreamObservationOptions { Level = level } });
        CircuitReadResult read = CircuitReader.Read(Text, "bench.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        _results = _runtime.Open(read.Circuit
            ?? throw new ScenarioException(string.Join('\n', read.Diagnostics))).Outputs[0].Running.Results;
    }

    public override void Dispose()
    {
        _runtime.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _newestHolder.Dispose();
        _newest.Dispose();
        base.Dispose();
    }

    EstreamQueue IPipelineResources.Queue(string name) => Queue;

    StateMap<Utf8Key64, LatestEntry> IPipelineResources.Map(string name) => _newest;

    string IPipelineResources.StateDirectory(string pipeline) => throw new NotSupportedException("The circuit keeps no state.");

    EsfSealer IPipelineResources.Sealer(EsfSchema schema) => throw new NotSupportedException("The circuit seals nothing.");

    protected override void StartOver() => _results.StartOver();

    protected override long TakeAll() => _results.RunToEnd();

    protected override ulong Sum() => (ulong)_newest.Count;
}
