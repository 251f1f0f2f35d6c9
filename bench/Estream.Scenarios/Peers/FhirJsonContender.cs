using System.Text.Json;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>`fhir-parse` with System.Text.Json and generated code, into classes for the elements of the resource. It checks only JSON and
/// the types of values.</summary>
internal sealed class FhirJsonContender(ContenderContext context, int operations) : HealthWorkload(context, operations)
{
    protected override ulong Parse()
    {
        JsonObservation observation = JsonSerializer.Deserialize(HealthMessages.BloodPressure, FhirJsonContext.Default.JsonObservation)!;
        ulong sum = (ulong)observation.Code!.Coding![0].Code!.Length;
        foreach (JsonComponent component in observation.Component!)
        {
            sum += (ulong)component.ValueQuantity!.Value;
        }

        return sum;
    }
}
