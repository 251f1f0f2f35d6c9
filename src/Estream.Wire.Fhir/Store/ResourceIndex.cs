using Estream.Fhir;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Search;

namespace Estream.Wire.Fhir.Store;

/// <summary>The resources in memory: their versions, facts and indexes, without their text. Not thread-safe: <see cref="ResourceStore"/>
/// locks.</summary>
internal sealed class ResourceIndex
{
    private static readonly HashSet<ResourceEntry> s_none = [];

    private readonly Dictionary<(string Type, string Id), ResourceEntry> _entries = [];
    private readonly Dictionary<string, List<ResourceEntry>> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Type, string Parameter, string Value), HashSet<ResourceEntry>> _tokens = [];
    private readonly Dictionary<string, HashSet<ResourceEntry>> _consents = new(StringComparer.Ordinal);
    private readonly PatientIndex _patients = new();
    private readonly SortedDictionary<string, TypeCount> _counts = new(StringComparer.Ordinal);
    private readonly List<(ResourceEntry Entry, int Version)> _log = [];

    /// <summary>All versions in the order of their commits.</summary>
    public IReadOnlyList<(ResourceEntry Entry, int Version)> Log => _log;

    /// <summary>The time of the last change, nanoseconds since 1970 UTC.</summary>
    public long LastUpdated { get; private set; }

    /// <summary>The counts of each type that has resources, in the order of the types.</summary>
    public IEnumerable<TypeCount> Counts => _counts.Values;

    public ResourceEntry? Find(string type, string id) => _entries.GetValueOrDefault((type, id));

    /// <summary>The entries of a type, in the order of creation.</summary>
    public IReadOnlyList<ResourceEntry> OfType(string type) => _byType.GetValueOrDefault(type) ?? [];

    public void Apply(ResourceChange change, long position, int index)
    {
        if (!_entries.TryGetValue((change.Type, change.Id), out ResourceEntry? entry))
        {
            entry = new ResourceEntry(change.Type, change.Id, _entries.Count + 1, change.Facts);
            _entries.Add((change.Type, change.Id), entry);
            if (!_byType.TryGetValue(change.Type, out List<ResourceEntry>? all))
            {
                _byType.Add(change.Type, all = []);
            }

            all.Add(entry);
        }
        else if (!entry.IsDeleted)
        {
            Remove(entry);
        }

        if (change.Type == FhirTypes.Patient && change.Interaction == Interaction.Delete)
        {
            _patients.Delete(change.Id);
        }
        else if (change.Type == FhirTypes.Patient)
        {
            _patients.Apply(change.Id, change.Facts);
        }

        CountChange(change, wasCurrent: entry.Versions.Count > 0 && !entry.IsDeleted);
        entry.Add(new ResourceVersion(change.Version, change.LastUpdated, change.Interaction, position, index));
        _log.Add((entry, entry.Versions.Count - 1));
        LastUpdated = change.LastUpdated;
        entry.Author = change.Author;
        if (change.Interaction != Interaction.Delete)
        {
            entry.Facts = change.Facts;
            Add(entry);
        }
    }

    /// <summary>Whether changes are the next versions of their resources.</summary>
    public bool IsNext(IReadOnlyList<ResourceChange> changes)
    {
        Dictionary<(string Type, string Id), long> versions = [];
        foreach (ResourceChange change in changes)
        {
            (string, string) key = (change.Type, change.Id);
            long version = 1 + (versions.TryGetValue(key, out long last) ? last : Find(change.Type, change.Id)?.Versions.Count ?? 0);
            if (change.Version != version || !FhirTypes.IsKnown(change.Type)
                || !FhirPrimitives.IsId(System.Text.Encoding.UTF8.GetBytes(change.Id)))
            {
                return false;
            }

            versions[key] = version;
        }

        return changes.Count > 0;
    }

    /// <summary>Whether changes were applied from the message at a position.</summary>
    public bool Holds(IReadOnlyList<ResourceChange> changes, long position) => changes.Count > 0 && changes.All(change =>
        Find(change.Type, change.Id) is { } entry && change.Version >= 1 && change.Version <= entry.Versions.Count
        && entry.Versions[(int)change.Version - 1].Position == position);

    /// <summary>The resources that can match a search, each once, in any order.</summary>
    public IReadOnlyCollection<ResourceEntry> Candidates(SearchQuery query)
    {
        IReadOnlyCollection<ResourceEntry> least = OfType(query.Type);
        foreach (SearchCriterion criterion in query.Criteria)
        {
            if (criterion.IndexValues is { } values)
            {
                List<HashSet<ResourceEntry>> found = [.. values
                    .Select(value => _tokens.GetValueOrDefault((query.Type, criterion.Name, value))).OfType<HashSet<ResourceEntry>>()];
                least = found.Sum(set => set.Count) >= least.Count ? least
                    : found.Count == 1 ? found[0]
                    : [.. found.SelectMany(set => set).Distinct()];
            }
        }

        return least;
    }

    /// <summary>Returns the current consents of the patients that a resource is about, and of the records that may describe the same
    /// patients.</summary>
    public PatientConsents ConsentsOf(ResourceFacts facts)
    {
        if (_consents.Count == 0)
        {
            return new PatientConsents([], [], HasTooManyRecords: false);
        }

        bool isPatient = facts.Type == FhirTypes.Patient;
        string[] patients = [.. facts.Patients.Count > 0 ? facts.Patients : PatientsOfEncounter(facts)];
        if (_patients.Linked(facts, patients) is not { } keys)
        {
            return new PatientConsents([], [], HasTooManyRecords: true);
        }

        // An identifier of a patient may be wrong or belong to several records, so consents found by it can only deny access to it.
        HashSet<ResourceEntry> own = [];
        HashSet<ResourceEntry> linked = [];
        foreach (string patient in patients.Where(one => isPatient ? PatientIndex.HasSystem(one) : _patients.IsCertain(one)))
        {
            (_patients.IsCertain(patient) ? own : linked).UnionWith(ConsentsBy(patient));
            foreach (string alias in _patients.Aliases(patient).Where(PatientIndex.HasSystem))
            {
                (isPatient || !_patients.IsCertain(alias) ? linked : own).UnionWith(ConsentsBy(alias));
            }
        }

        foreach (string key in keys)
        {
            linked.UnionWith(ConsentsBy(key));
            linked.UnionWith(PatientIndex.UncertainKey(key) is { } uncertain ? ConsentsBy(uncertain) : s_none);
        }

        linked.ExceptWith(own);
        return new PatientConsents([.. own.Select(RecordOf)], [.. linked.Select(RecordOf)], HasTooManyRecords: false);
    }

    /// <summary>Returns what makes changes of patients exceed a limit; null for nothing.</summary>
    public string? CheckPatients(IEnumerable<ResourceChange> changes) => _patients.Check([.. changes
        .Where(change => change.Type == FhirTypes.Patient && change.Interaction != Interaction.Delete)
        .Select(change => (change.Id, change.Facts))]);

    private void CountChange(ResourceChange change, bool wasCurrent)
    {
        TypeCount before = _counts.GetValueOrDefault(change.Type) ?? new TypeCount(change.Type, 0, 0, 0, 0);
        bool isCurrent = change.Interaction != Interaction.Delete;
        bool isNew = change.Version == 1;
        _counts[change.Type] = new TypeCount(
            change.Type, before.Current + (isCurrent ? 1 : 0) - (wasCurrent ? 1 : 0),
            before.Deleted + (isCurrent ? 0 : 1) - (wasCurrent || isNew ? 0 : 1), before.Versions + 1, change.LastUpdated);
    }

    private HashSet<ResourceEntry> ConsentsBy(string patient) => _consents.GetValueOrDefault(patient) ?? s_none;

    private static ConsentRecord RecordOf(ResourceEntry entry) => entry.Facts.Consent!;

    private static IEnumerable<string> ConsentKeys(ResourceEntry entry) => entry.Type != FhirTypes.Consent ? []
        : entry.Facts.Patients.Concat(entry.Facts.Patients.Select(PatientIndex.ValueKey).OfType<string>());

    /// <summary>The patients of the encounter that a resource without a subject belongs to.</summary>
    private IEnumerable<string> PatientsOfEncounter(ResourceFacts facts) => facts.Of("encounter")
        .Where(token => token.Value.StartsWith("Encounter/", StringComparison.Ordinal))
        .SelectMany(token => Find("Encounter", token.Value["Encounter/".Length..])?.Facts.Patients ?? []);

    private void Add(ResourceEntry entry)
    {
        foreach (FactToken token in entry.Facts.Tokens)
        {
            Add(_tokens, (entry.Type, token.Parameter, token.Value), entry);
        }

        foreach (string patient in ConsentKeys(entry))
        {
            Add(_consents, patient, entry);
        }
    }

    private void Remove(ResourceEntry entry)
    {
        foreach (FactToken token in entry.Facts.Tokens)
        {
            Remove(_tokens, (entry.Type, token.Parameter, token.Value), entry);
        }

        foreach (string patient in ConsentKeys(entry))
        {
            Remove(_consents, patient, entry);
        }
    }

    internal static void Replace<T>(
        Dictionary<string, HashSet<T>> index, T entry, IEnumerable<string> before, IEnumerable<string> after)
    {
        foreach (string key in before)
        {
            Remove(index, key, entry);
        }

        foreach (string key in after)
        {
            Add(index, key, entry);
        }
    }

    internal static void Add<TKey, T>(Dictionary<TKey, HashSet<T>> index, TKey key, T entry)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out HashSet<T>? set))
        {
            index.Add(key, set = []);
        }

        set.Add(entry);
    }

    private static void Remove<TKey, T>(Dictionary<TKey, HashSet<T>> index, TKey key, T entry)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out HashSet<T>? set) && set.Remove(entry) && set.Count == 0)
        {
            index.Remove(key);
        }
    }
}

/// <summary>The number of resources of a type.</summary>
/// <param name="Type">The resource type.</param>
/// <param name="Current">The resources that are not deleted.</param>
/// <param name="Deleted">The deleted resources.</param>
/// <param name="Versions">The versions of all of them.</param>
/// <param name="LastUpdated">The time of the last change, nanoseconds since 1970 UTC.</param>
internal sealed record TypeCount(string Type, long Current, long Deleted, long Versions, long LastUpdated);
