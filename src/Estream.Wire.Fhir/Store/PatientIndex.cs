using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Store;

/// <summary>The records of patients by their keys, and the links between records (FHIR R4, Patient.link). Not thread-safe.</summary>
internal sealed class PatientIndex
{
    /// <summary>The maximum number of records that describe one patient. Above this number, access is denied.</summary>
    public const int MaxRecords = 256;

    /// <summary>The maximum number of references and identifiers of one patient. Above this number, access is denied.</summary>
    public const int MaxKeys = 8_192;

    private readonly Dictionary<string, HashSet<ResourceEntry>> _present = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ResourceEntry>> _ever = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ResourceEntry>> _links = new(StringComparer.Ordinal);
    private readonly Dictionary<ResourceEntry, HashSet<string>> _keys = [];

    /// <summary>Returns the key that all identifiers with the same value share; null for a reference.</summary>
    public static string? ValueKey(string key) => key.StartsWith(FactReader.IdentifierPrefix, StringComparison.Ordinal)
        ? $"value:{key[(key.IndexOf('|', StringComparison.Ordinal) + 1)..]}"
        : null;

    /// <summary>Returns true if two keys may be the same identifier: both have the same value, and at least one has no system.</summary>
    public static bool MayEqual(string one, string other) => ValueKey(one) is { } value && value == ValueKey(other)
        && (one.StartsWith(FactReader.NoSystemPrefix, StringComparison.Ordinal)
            || other.StartsWith(FactReader.NoSystemPrefix, StringComparison.Ordinal));

    /// <summary>Whether a key names one patient: a reference, or an identifier with a system.</summary>
    public static bool IsCertain(string key) => !key.StartsWith(FactReader.NoSystemPrefix, StringComparison.Ordinal);

    /// <summary>Indexes a new version of a record. Not called for a delete: a deleted patient keeps its keys, because its data and consents
    /// remain.</summary>
    /// <param name="entry">The record with the facts of the previous version.</param>
    /// <param name="after">The facts of the new version.</param>
    public void Apply(ResourceEntry entry, ResourceFacts after)
    {
        ResourceIndex.Replace(_present, entry, entry.Facts.Patients, after.Patients);
        ResourceIndex.Replace(_links, entry, entry.Facts.Links, after.Links);
        if (!_keys.TryGetValue(entry, out HashSet<string>? keys))
        {
            _keys.Add(entry, keys = new HashSet<string>(StringComparer.Ordinal));
        }

        foreach (string key in after.Patients.Where(keys.Add))
        {
            ResourceIndex.Add(_ever, key, entry);
            if (ValueKey(key) is { } value)
            {
                ResourceIndex.Add(_ever, value, entry);
            }
        }
    }

    /// <summary>Returns all keys of a patient: for a reference, also the identifiers of the patient; for an identifier, also the patients
    /// that have the identifier.</summary>
    public IEnumerable<string> Aliases(string patient) => _present.TryGetValue(patient, out HashSet<ResourceEntry>? entries)
        ? entries.SelectMany(entry => entry.Facts.Patients).Append(patient) : [patient];

    /// <summary>Returns the keys of all records of a patient, linked in either direction and over several links. Includes identifiers of
    /// earlier versions.</summary>
    /// <param name="facts">The facts of a resource.</param>
    /// <param name="patients">The keys of its patients.</param>
    /// <returns>Null if there are more than <see cref="MaxRecords"/> records or <see cref="MaxKeys"/> keys.</returns>
    public IReadOnlySet<string>? Linked(ResourceFacts facts, IEnumerable<string> patients)
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        HashSet<ResourceEntry> records = [];
        Queue<ResourceEntry> open = new();
        string[] known = [.. patients];
        bool isNamed = known.Any(key => ValueKey(key) is null && _ever.ContainsKey(key));
        foreach (string key in known.Concat(facts.Links))
        {
            keys.Add(key);

            // A patient's identifiers do not lead to other patients, because several patients may have the same number in a system.
            if (facts.Type != FhirTypes.Patient || ValueKey(key) is null)
            {
                Reach(_ever, key);
            }

            // A resource with a reference to a stored patient needs no identifier to find it.
            if (facts.Type != FhirTypes.Patient && !isNamed)
            {
                ReachUncertain(key);
            }

            Reach(_links, key);
        }

        while (records.Count <= MaxRecords && keys.Count <= MaxKeys && open.TryDequeue(out ResourceEntry? entry))
        {
            foreach (string key in _keys[entry])
            {
                keys.Add(key);
                if (keys.Count > MaxKeys)
                {
                    break;
                }

                Reach(_links, key);
            }

            foreach (string link in entry.Facts.Links)
            {
                keys.Add(link);
                Reach(_ever, link);
            }
        }

        return records.Count <= MaxRecords && keys.Count <= MaxKeys ? keys : null;

        void Reach(Dictionary<string, HashSet<ResourceEntry>> index, string key)
        {
            foreach (ResourceEntry entry in index.GetValueOrDefault(key) ?? [])
            {
                if (records.Count <= MaxRecords && records.Add(entry))
                {
                    open.Enqueue(entry);
                }
            }
        }

        void ReachUncertain(string key)
        {
            foreach (ResourceEntry entry in (ValueKey(key) is { } value ? _ever.GetValueOrDefault(value) : null) ?? [])
            {
                if (records.Count <= MaxRecords && _keys[entry].Any(other => MayEqual(key, other)) && records.Add(entry))
                {
                    open.Enqueue(entry);
                }
            }
        }
    }
}
