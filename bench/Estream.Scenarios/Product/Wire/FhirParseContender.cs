using Estream.Health;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire;
using Estream.Wire.Fhir;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `fhir-parse`: the whole resource is checked and becomes an FhirObservation, with pseudonyms for its
/// ids and references.</summary>
internal sealed class FhirParseContender : HealthWorkload
{
    private readonly HealthAdapters _adapters;
    private readonly FhirClient _client;
    private readonly byte[] _message = new byte[16_384];

    public FhirParseContender(ContenderContext context, int operations)
        : base(context, operations)
    {
        _adapters = new HealthAdapters(context, FhirSchemas.Own);
        _client = new FhirClient(
            new FhirClientOptions
            {
                Url = new Uri("http://127.0.0.1:1/"),
                Searches = ["Observation"],
                PseudonymKey = _adapters.PseudonymKey,
                Mappings = [new FhirMapping(_adapters.Schema("FhirObservation"), HealthAdapters.Queue)],
            },
            _adapters.Context);
    }

    public override void Dispose()
    {
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _adapters.Dispose();
        base.Dispose();
    }

    protected override ulong Parse()
    {
        TranslateStatus status = _client.TranslateIngress(
            new WireMessage("resource/Observation"u8, HealthMessages.BloodPressure), _message, out int length);
        if (!status.IsOk)
        {
            throw new ScenarioException(status.Describe(default));
        }

        FhirObservation.View observation = FhirObservation.View.Of(_message.AsSpan(0, length));
        ulong sum = (ulong)observation.Code.Coding[0].Code.Length;
        foreach (FhirObservation.ComponentItemView component in observation.Component)
        {
            sum += (ulong)component.Value.Quantity.Value!.Value;
        }

        return sum;
    }
}
