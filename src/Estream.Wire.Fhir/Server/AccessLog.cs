using System.Text;
using Estream.Core;
using Estream.Fhir;
using Estream.Wire.Fhir.Access;

namespace Estream.Wire.Fhir;

/// <summary>Stores one record for each request that could read protected data. Thread-safe.</summary>
/// <param name="writer">Appends to the queue; owned by the log.</param>
/// <param name="clock">The clock for the time of records.</param>
internal sealed class AccessLog(IngressWriter writer, IClock clock) : IDisposable
{
    /// <summary>The topic of records.</summary>
    public const string Topic = "access";

    private const int FixedReserve = 1_024;
    private const int NameReserve = 8;
    private const int MaxNameBytes = 256;

    private readonly Lock _gate = new();

    /// <summary>Stores a record.</summary>
    /// <param name="agent">The name of the token; empty for none.</param>
    /// <param name="interaction">The interaction, as in read.</param>
    /// <param name="type">The resource type; empty for none.</param>
    /// <param name="status">The HTTP status of the response.</param>
    /// <param name="trail">What was read.</param>
    /// <returns>False if the queue cannot be written now: the response must not be sent.</returns>
    public bool TryAdd(string agent, string interaction, string type, int status, AccessTrail trail)
    {
        byte[] buffer = new byte[FixedReserve + LengthOf(trail.Patients) + LengthOf(trail.Resources)];
        FhirAccess.Writer record = FhirAccess.Write(buffer);
        record.Recorded = clock.UtcNanos;
        record.SetInteraction(interaction);
        record.Status = (ushort)status;
        record.Outcome = status < 400 ? (byte)0 : status < 500 ? (byte)4 : (byte)8;
        record.Count = (uint)trail.Count;
        if (agent.Length > 0)
        {
            record.SetAgent(agent);
        }

        if (type.Length > 0)
        {
            record.SetResourceType(type);
        }

        var patients = record.BeginPatients();
        foreach (string patient in trail.Patients)
        {
            patients.Add(BytesOf(patient));
        }

        record.EndPatients(patients);
        var resources = record.BeginResources();
        foreach (string resource in trail.Resources)
        {
            resources.Add(BytesOf(resource));
        }

        record.EndResources(resources);
        lock (_gate)
        {
            try
            {
                return writer.Append(new WireMessage("access"u8, buffer.AsSpan(0, record.Length))) == IngressStatus.Stored;
            }
            finally
            {
                writer.Release();
            }
        }
    }

    public void Dispose() => writer.Dispose();

    private static int LengthOf(IReadOnlyCollection<string> names) =>
        names.Sum(name => NameReserve + Math.Min(MaxNameBytes, Encoding.UTF8.GetMaxByteCount(name.Length)));

    /// <summary>The bytes of a name; cut if it is longer than any valid reference.</summary>
    private static ReadOnlySpan<byte> BytesOf(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length <= MaxNameBytes ? bytes : "too long"u8;
    }
}
