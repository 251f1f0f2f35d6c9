using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Store;

/// <summary>The records of patients by their keys, and the links between records (FHIR R4, Patient.link). Not thread-safe.</summary>
/// <param name="stored">An index whose records this index replaces where it has the same ids; null for none. It is not changed.</param>
internal sealed class PatientIndex(PatientIndex? stored = null)
{
    /// <summary>The maximum number of records that describe one patient, and of records that share an identifier. A write that exceeds the
    /// limit is refused. Access to a resource that names more records by identifiers is denied.</summary>
    public const int MaxRecords = 256;

    /// <summary>The maximum number of references and identifiers of linked records. A write that exceeds the limit is refused.</summary>
    public const int MaxKeys = 8_192;

    /// <summary>The maximum number of identifiers of one record, those of earlier versions included. A write that exceeds the limit is
    /// refused.</summary>
    public const int MaxIdentifiers = 1_024;

    private const string ValuePrefix = "value:";

    private readonly Dictionary<string, PatientRecord> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<PatientRecord>> _present = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _undeleted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<PatientRecord>> _ever = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<PatientRecord>> _links = new(StringComparer.Ordinal);

    /// <summary>Returns the key that all identifiers with the same value share; null for a reference.</summary>
    public static string? ValueKey(string key) => key.StartsWith(FactReader.IdentifierPrefix, StringComparison.Ordinal)
        ? $"{ValuePrefix}{key[(key.IndexOf('|', StringComparison.Ordinal) + 1)..]}"
        : null;

    /// <summary>Returns the key of the identifiers that may be the same as an identifier: those without a system that have its value. For
    /// an identifier without a system, returns the key of all identifiers with its value. Null for a reference.</summary>
    public static string? UncertainKey(string key) => ValueKey(key) is not { } value ? null
        : HasSystem(key) ? $"{FactReader.NoSystemPrefix}{value[ValuePrefix.Length..]}" : value;

    /// <summary>Whether a key is a reference, or an identifier with a system.</summary>
    public static bool HasSystem(string key) => !key.StartsWith(FactReader.NoSystemPrefix, StringComparison.Ordinal);

    /// <summary>Whether a key names one patient: a reference, or an identifier with a system that at most one record has. Deleted records
    /// do not count, so that a duplicate can be removed.</summary>
    public bool IsCertain(string key) => HasSystem(key) && (ValueKey(key) is null || _undeleted.GetValueOrDefault(key) <= 1);

    /// <summary>Indexes a new version of a record that is not a delete.</summary>
    /// <param name="id">The logical id of the patient.</param>
    /// <param name="facts">The facts of the version.</param>
    public void Apply(string id, ResourceFacts facts)
    {
        PatientRecord record = OwnRecord(id);
        Delete(id);
        ResourceIndex.Replace(_present, record, record.Present, facts.Patients);
        ResourceIndex.Replace(_links, record, WithValues(record.Links), WithValues(facts.Links));
        (record.Present, record.Links, record.IsDeleted) = (facts.Patients, facts.Links, false);
        Count(record, 1);
        foreach (string key in facts.Patients.Where(record.Keys.Add))
        {
            AddEver(key, record);
        }
    }

    /// <summary>Indexes the delete of a record. It keeps its keys, because its data and consents remain.</summary>
    /// <param name="id">The logical id of the patient.</param>
    public void Delete(string id)
    {
        if (_records.TryGetValue(id, out PatientRecord? record) && !record.IsDeleted)
        {
            Count(record, -1);
            record.IsDeleted = true;
        }
    }

    /// <summary>Returns all keys of a patient: for a reference, also the identifiers of the patient; for an identifier, also the patients
    /// that have the identifier.</summary>
    public IEnumerable<string> Aliases(string patient) => _present.TryGetValue(patient, out HashSet<PatientRecord>? records)
        ? records.SelectMany(record => record.Present).Append(patient) : [patient];

    /// <summary>Returns the keys of all records of a patient, linked in either direction and over several links. Includes identifiers of
    /// earlier versions. Visits at most <see cref="MaxRecords"/> records for each key.</summary>
    /// <param name="facts">The facts of a resource.</param>
    /// <param name="patients">The keys of its patients.</param>
    /// <returns>Null if there are more than <see cref="MaxRecords"/> records or <see cref="MaxKeys"/> keys.</returns>
    public IReadOnlySet<string>? Linked(ResourceFacts facts, IReadOnlyList<string> patients)
    {
        Walk walk = new(this);
        bool isPatient = facts.Type == FhirTypes.Patient;

        // A resource with a reference to a stored patient needs no identifier to find the patient.
        bool isNamed = !isPatient && patients.Any(key => ValueKey(key) is null && RecordsOf(Relation.Ever, key).Any());
        foreach (string key in patients)
        {
            // A patient's identifiers do not lead to other patients, because several patients may have the same number in a system.
            walk.Start(key, followsKey: !isPatient || ValueKey(key) is null, isUncertain: !isPatient && !isNamed);
        }

        foreach (string link in facts.Links)
        {
            walk.Follow(link);
        }

        return walk.Finish();
    }

    /// <summary>Checks that patients stay within the limits. Does not check a patient that gets neither an identifier nor a link.</summary>
    /// <param name="changes">New versions of patients.</param>
    /// <returns>The reason to refuse the changes; null if the limits are met.</returns>
    public string? Check(IReadOnlyList<(string Id, ResourceFacts Facts)> changes)
    {
        if (changes.Count == 0)
        {
            return null;
        }

        PatientIndex after = new(this);
        foreach ((string id, ResourceFacts facts) in changes)
        {
            after.Apply(id, facts);
        }

        return changes.Select(change => after.CheckOne(_records.GetValueOrDefault(change.Id), after._records[change.Id], change.Facts))
            .FirstOrDefault(reason => reason is not null);
    }

    private string? CheckOne(PatientRecord? before, PatientRecord record, ResourceFacts facts)
    {
        string[] added = [.. facts.Patients.Except(before?.Present ?? [])];
        if (added.Length == 0 && !facts.Links.Except(before?.Links ?? []).Any())
        {
            return null;
        }

        // The first key is the reference.
        if (record.Keys.Count - 1 > MaxIdentifiers)
        {
            return $"The patient would have more than {MaxIdentifiers} identifiers, those of earlier versions included. Create another "
                + "Patient, and link the two.";
        }

        if (added.Any(key => RecordsOf(Relation.Present, key).Skip(MaxRecords).Any()))
        {
            return $"{MaxRecords} patients have one of the identifiers. Leave it out if it is a placeholder.";
        }

        return Linked(facts, facts.Patients) is null
            ? $"The patient would belong to more than {MaxRecords} linked records, or to records with more than {MaxKeys} identifiers. "
                + "Remove links, or add systems to the identifiers that links name."
            : null;
    }

    private void Count(PatientRecord record, int change)
    {
        foreach (string key in record.Present.Distinct(StringComparer.Ordinal))
        {
            int count = _undeleted.GetValueOrDefault(key) + change;
            if (count > 0)
            {
                _undeleted[key] = count;
            }
            else
            {
                _undeleted.Remove(key);
            }
        }
    }

    private PatientRecord OwnRecord(string id)
    {
        if (_records.TryGetValue(id, out PatientRecord? record))
        {
            return record;
        }

        _records.Add(id, record = new PatientRecord(id));
        foreach (string key in stored?._records.GetValueOrDefault(id)?.Keys ?? [])
        {
            record.Keys.Add(key);
            AddEver(key, record);
        }

        return record;
    }

    private void AddEver(string key, PatientRecord record)
    {
        ResourceIndex.Add(_ever, key, record);
        if (ValueKey(key) is { } value)
        {
            ResourceIndex.Add(_ever, value, record);
        }
    }

    private static IEnumerable<string> WithValues(IReadOnlyList<string> keys) =>
        keys.Concat(keys.Select(ValueKey).OfType<string>());

    private IEnumerable<PatientRecord> RecordsOf(Relation relation, string? key)
    {
        if (key is null)
        {
            return [];
        }

        Dictionary<string, HashSet<PatientRecord>> index = relation switch
        {
            Relation.Present => _present,
            Relation.Ever => _ever,
            _ => _links,
        };
        IEnumerable<PatientRecord> own = index.GetValueOrDefault(key) ?? [];
        return stored is null ? own
            : own.Concat(stored.RecordsOf(relation, key).Where(record => !_records.ContainsKey(record.Id)));
    }

    /// <summary>How a record relates to a key.</summary>
    private enum Relation
    {
        /// <summary>As a key of the last version.</summary>
        Present,

        /// <summary>As a key of any version.</summary>
        Ever,

        /// <summary>As a link of the last version.</summary>
        Link,
    }

    /// <summary>Collects linked records.</summary>
    private sealed class Walk(PatientIndex index)
    {
        private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
        private readonly HashSet<PatientRecord> _records = [];
        private readonly Queue<PatientRecord> _open = new();

        private bool IsOver => _records.Count > MaxRecords || _keys.Count > MaxKeys;

        /// <summary>Begins at a key of a resource.</summary>
        /// <param name="key">The key.</param>
        /// <param name="followsKey">Whether the records that have the key are linked.</param>
        /// <param name="isUncertain">Whether records whose identifier may be the same are linked, too.</param>
        public void Start(string key, bool followsKey, bool isUncertain)
        {
            _keys.Add(key);
            Reach(Relation.Link, key);
            Reach(Relation.Ever, followsKey ? key : null);
            Reach(Relation.Ever, isUncertain ? UncertainKey(key) : null);
            Reach(Relation.Link, isUncertain || !followsKey ? UncertainKey(key) : null);
        }

        /// <summary>Follows a link in both directions: to the records that it names or may name, and to the records that have the same
        /// link.</summary>
        public void Follow(string link)
        {
            _keys.Add(link);
            foreach (string? key in (ReadOnlySpan<string?>)[link, UncertainKey(link)])
            {
                Reach(Relation.Ever, key);
                Reach(Relation.Link, key);
            }
        }

        /// <returns>The keys of all linked records; null if a limit is exceeded.</returns>
        public HashSet<string>? Finish()
        {
            while (!IsOver && _open.TryDequeue(out PatientRecord? record))
            {
                foreach (string key in record.Keys.TakeWhile(_ => !IsOver))
                {
                    _keys.Add(key);
                    Reach(Relation.Link, key);
                    Reach(Relation.Link, UncertainKey(key));
                }

                foreach (string link in record.Links)
                {
                    Follow(link);
                }
            }

            return IsOver ? null : _keys;
        }

        private void Reach(Relation relation, string? key)
        {
            foreach (PatientRecord record in index.RecordsOf(relation, key))
            {
                if (_records.Count > MaxRecords)
                {
                    return;
                }

                if (_records.Add(record))
                {
                    _open.Enqueue(record);
                }
            }
        }
    }
}

/// <summary>A record of a patient. Written by one thread under the lock of the store.</summary>
/// <param name="id">The logical id of the patient.</param>
internal sealed class PatientRecord(string id)
{
    public string Id => id;

    public bool IsDeleted { get; set; }

    /// <summary>The keys of the last version that is not a delete: the reference and the identifiers.</summary>
    public IReadOnlyList<string> Present { get; set; } = [];

    /// <summary>The links of the last version that is not a delete.</summary>
    public IReadOnlyList<string> Links { get; set; } = [];

    /// <summary>The keys of all versions.</summary>
    public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);
}
