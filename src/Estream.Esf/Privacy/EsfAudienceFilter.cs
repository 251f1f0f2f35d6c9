using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// Selects messages for audiences. A message matches if it has a sealed value for one of the audiences, or no sealed value at all. A
/// message does not match if all its sealed values are for other audiences. Needs no key, because the schema names the audiences of each
/// value. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// A value that was moved from the message into a sub-lex does not count. A value nested inside a value for other audiences does not count
/// either, because the audience could not open the outer value. For a message of another version of a schema, the fields known to this
/// version count. An <see cref="EsfUnsealer"/> with this filter withholds every value that is not for the audiences, even if its key ring
/// has the keys.
/// </remarks>
public sealed class EsfAudienceFilter
{
    private readonly string[] _audiences;
    private readonly Dictionary<ulong, Entry> _byId = [];
    private readonly Dictionary<uint, Entry> _byNameId = [];

    /// <summary>Creates a filter over the messages of one schema.</summary>
    /// <param name="schema">The schema; messages of other schemas never match.</param>
    /// <param name="audiences">The names of audiences, as in the schema.</param>
    /// <exception cref="ArgumentException">No audience is named, or the schema has no private field for one of them.</exception>
    public EsfAudienceFilter(EsfSchema schema, params IEnumerable<string> audiences)
        : this([schema], audiences)
    {
    }

    /// <summary>Creates a filter over the messages of several schemas. If a schema has no field for any of the audiences, its messages
    /// without sealed values match.</summary>
    /// <param name="schemas">The schemas of the messages; messages of other schemas never match.</param>
    /// <param name="audiences">The names of audiences, as in the schemas.</param>
    /// <exception cref="ArgumentException">No audience is named, or no schema has a private field for one of them.</exception>
    public EsfAudienceFilter(IEnumerable<EsfSchema> schemas, params IEnumerable<string> audiences)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(audiences);
        _audiences = [.. audiences.Distinct(StringComparer.Ordinal)];
        if (_audiences.Length == 0)
        {
            throw new ArgumentException("No audience is named. Name at least one, or read without a filter.", nameof(audiences));
        }

        SortedSet<string> known = new(StringComparer.Ordinal);
        foreach (EsfSchema schema in schemas)
        {
            ArgumentNullException.ThrowIfNull(schema, nameof(schemas));
            known.UnionWith(schema.Audiences.Audiences);
            Entry entry = new(schema, GroupsOf(schema));
            _byId[schema.Id] = entry;
            _byNameId[schema.Definition.NameId] = entry;
        }

        if (Array.Find(_audiences, audience => !known.Contains(audience)) is string unknown)
        {
            throw new ArgumentException(
                $"No private field is for audience '{unknown}'. Audiences: {string.Join(", ", known.DefaultIfEmpty("none"))}.",
                nameof(audiences));
        }
    }

    /// <summary>The audiences.</summary>
    public IReadOnlyList<string> Audiences => _audiences;

    /// <summary>Checks a stored message, as <see cref="EsfValidator.CheckStored"/> does, and determines whether it matches. Allocates
    /// nothing; takes time proportional to the length of the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isChosen">True if the message has a sealed value for one of the audiences, or no sealed value at all.</param>
    /// <returns>Ok, or the error in the message: <see cref="EsfError.WrongSchema"/> for a message of another schema,
    /// <see cref="EsfError.Unsealed"/> for an unencrypted private value. A message with an error does not match.</returns>
    public EsfStatus Check(ReadOnlySpan<byte> message, out bool isChosen)
    {
        isChosen = false;
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            || !(_byId.TryGetValue(header.SchemaId, out Entry entry) || _byNameId.TryGetValue(header.NameId, out entry)))
        {
            return new EsfStatus(EsfError.WrongSchema);
        }

        EsfStatus status = EsfValidator.CheckStored(entry.Schema, message);
        if (!status.IsOk)
        {
            return status;
        }

        SealedValuePresence held = new(entry.Groups);
        if (header.IsSealed)
        {
            SealEnvelope.TryRead(message, header.FixedLength, out SealEnvelope envelope);
            held.LookThrough(entry.Schema.Plan, message[..envelope.Start]);
        }

        isChosen = held.IsOurs || !held.IsAnybodys;
        return EsfStatus.Ok;
    }

    /// <summary>Whether a message matches. A damaged message, or a message of another schema, does not match.</summary>
    public bool Matches(ReadOnlySpan<byte> message) => Check(message, out bool isChosen).IsOk && isChosen;

    /// <summary>Whether the filter was created for messages of a schema, in this or another version.</summary>
    internal bool Knows(EsfSchema schema) => _byNameId.ContainsKey(schema.Definition.NameId);

    /// <summary>Returns the reader groups of a schema that contain one of the audiences, as bits.</summary>
    internal uint GroupsOf(EsfSchema schema)
    {
        uint groups = 0;
        for (int i = 0; i < schema.Audiences.Groups.Count; i++)
        {
            groups |= schema.Audiences.Groups[i].Intersect(_audiences, StringComparer.Ordinal).Any() ? 1u << i : 0;
        }

        return groups;
    }

    private readonly record struct Entry(EsfSchema Schema, uint Groups);
}
