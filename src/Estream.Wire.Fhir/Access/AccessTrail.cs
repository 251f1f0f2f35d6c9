using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Access;

/// <summary>Collects which resources a request reads, without their values. Not thread-safe: a request is answered by one thread.</summary>
internal sealed class AccessTrail
{
    /// <summary>The maximum number of different patients, and of different resources, in a record.</summary>
    public const int MaxNames = 1_000;

    private readonly HashSet<string> _patients = new(StringComparer.Ordinal);
    private readonly HashSet<string> _resources = new(StringComparer.Ordinal);

    /// <summary>The number of versions that were read.</summary>
    public int Count { get; private set; }

    /// <summary>The compartments of the resources.</summary>
    public IReadOnlyCollection<string> Patients => _patients;

    /// <summary>The resources.</summary>
    public IReadOnlyCollection<string> Resources => _resources;

    /// <summary>Adds a version that was read.</summary>
    public void Add(ResourceEntry entry)
    {
        Count++;
        AddMatch(entry);
    }

    /// <summary>Adds a resource that a condition has found.</summary>
    public void AddMatch(ResourceEntry entry)
    {
        AddResource($"{entry.Type}/{entry.Id}");
        string self = $"{entry.Type}/{entry.Id}";
        foreach (string patient in entry.Type == FhirTypes.Patient ? [self] : entry.Facts.Patients)
        {
            if (_patients.Count < MaxNames && patient.StartsWith("Patient/", StringComparison.Ordinal))
            {
                _patients.Add(patient);
            }
        }
    }

    /// <summary>Adds a resource that a request names.</summary>
    public void AddResource(string resource)
    {
        if (_resources.Count < MaxNames)
        {
            _resources.Add(resource);
        }
    }
}
