using System.Text;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Estream.Scenarios.Peers;

/// <summary>`fhir-parse` with Hl7.Fhir.R4, into the classes of that library.</summary>
internal sealed class FirelyContender(ContenderContext context, int operations) : HealthWorkload(context, operations)
{
    private readonly FhirJsonDeserializer _deserializer = FhirJsonDeserializer.RECOVERABLE;
    private readonly string _text = Encoding.UTF8.GetString(HealthMessages.BloodPressure);

    protected override ulong Parse()
    {
        Observation observation = (Observation)_deserializer.DeserializeResource(_text);
        ulong sum = (ulong)observation.Code!.Coding[0].Code!.Length;
        foreach (Observation.ComponentComponent component in observation.Component)
        {
            sum += (ulong)((Quantity)component.Value!).Value!.Value;
        }

        return sum;
    }
}
