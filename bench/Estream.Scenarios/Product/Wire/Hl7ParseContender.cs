using Estream.Health;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire;
using Estream.Wire.Hl7;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `hl7-parse`: an admission becomes a FhirPatient with a pseudonym, or an Hl7Message with every
/// segment.</summary>
internal sealed class Hl7ParseContender : HealthWorkload
{
    private readonly HealthAdapters _adapters;
    private readonly Hl7Listener _listener;
    private readonly bool _isPatient;
    private readonly byte[] _topic;
    private readonly byte[] _message = new byte[16_384];

    public Hl7ParseContender(ContenderContext context, bool isPatient)
        : base(context)
    {
        _isPatient = isPatient;
        _topic = isPatient ? "patient/ADT/A01"u8.ToArray() : "message/ADT/A01"u8.ToArray();
        _adapters = new HealthAdapters(context, Hl7Schemas.Own);
        _listener = new Hl7Listener(
            new Hl7ListenerOptions
            {
                PseudonymKey = _adapters.PseudonymKey,
                Mappings = [new Hl7Mapping(_adapters.Schema(isPatient ? "FhirPatient" : "Hl7Message"), HealthAdapters.Queue)],
            },
            _adapters.Context);
    }

    public override void Dispose()
    {
        _listener.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _adapters.Dispose();
        base.Dispose();
    }

    protected override ulong Parse()
    {
        TranslateStatus status = _listener.TranslateIngress(new WireMessage(_topic, HealthMessages.Admission), _message, out int length);
        if (!status.IsOk)
        {
            throw new ScenarioException(status.Describe(default));
        }

        if (!_isPatient)
        {
            return (ulong)HealthMessages.Admission.Length;
        }

        FhirPatient.View patient = FhirPatient.View.Of(_message.AsSpan(0, length));
        ulong sum = patient.Name.TryGet(out var names) ? (ulong)names[0].Family.Length : 0;
        return sum + (patient.Identifier.TryGet(out var identifiers) ? (ulong)identifiers[0].Value.Length : 0);
    }
}
