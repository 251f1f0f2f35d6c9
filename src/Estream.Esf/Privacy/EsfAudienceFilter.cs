using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// Chooses messages for audiences: those that hold a sealed value for one of them, and those that hold none for anybody. A message whose
/// sealed values are all for others is left out. No key is needed: for whom a value is, its schema says. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// A value that was taken out of the message into a sub-lex is none of it; one inside a value for others is not seen, as nobody of the
/// audience could. Of another version of a schema counts what this one knows. The same given to an <see cref="EsfUnsealer"/> leaves
/// withheld whatever is not for the audiences, also where its ring has the keys.
/// </remarks>
public sealed class EsfAudienceFilter
{
    private readonly string[] _audiences;
    private readonly Dictionary<ulong, Entry> _byId = [];
    private readonly Dictionary<uint, Entry> _byNameId = [];

    /// <summary>A filter over the messages of one schema.</summary>
    /// <param name="schema">The schema; messages of others are never chosen.</param>
    /// <param name="audiences">Names of audiences, as the schema has them.</param>
    /// <exception cref="ArgumentException">No audience is named, or one for which the schema has no private field.</exception>
    public EsfAudienceFilter(EsfSchema schema, params IEnumerable<string> audiences)
        : this([schema], audiences)
    {
    }

    /// <summary>A filter over the messages of several schemas. Of a schema that has no field for any of the audiences, messages without
    /// sealed values are chosen.</summary>
    /// <param name="schemas">The schemas messages may have; others are never chosen.</param>
    /// <param name="audiences">Names of audiences, as the schemas have them.</param>
    /// <exception cref="ArgumentException">No audience is named, or one for which no schema has a private field.</exception>
    public EsfAudienceFilter(IEnumerable<EsfSchema> schemas, params IEnumerable<string> audiences)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(audiences);
        _audiences = [.. audiences.Distinct(StringComparer.Ordinal)];
        if (_audiences.Length == 0)
        {
            throw new ArgumentException("Name at least one audience; without a filter a reader gets all messages.", nameof(audiences));
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
                $"No private field is for an audience '{unknown}'; there are: {string.Join(", ", known.DefaultIfEmpty("none"))}.",
                nameof(audiences));
        }
    }

    /// <summary>The audiences.</summary>
    public IReadOnlyList<string> Audiences => _audiences;

    /// <summary>Checks a message as it has to be where it is stored, and says whether it is chosen. Allocates nothing; takes time in
    /// proportion to the message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isChosen">Whether it holds a sealed value for one of the audiences, or none at all.</param>
    /// <returns>Ok, or what is wrong with it, and it is not chosen then: <see cref="EsfError.WrongSchema"/> for one of another schema,
    /// <see cref="EsfError.Unsealed"/> for a private value in clear.</returns>
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

    /// <summary>Whether a message is chosen. One that is not whole, or of another schema, is not.</summary>
    public bool Matches(ReadOnlySpan<byte> message) => Check(message, out bool isChosen).IsOk && isChosen;

    /// <summary>Whether it was made for messages of a schema, in this or another version.</summary>
    internal bool Knows(EsfSchema schema) => _byNameId.ContainsKey(schema.Definition.NameId);

    /// <summary>The groups of a schema's readers that one of the audiences is in, as bits.</summary>
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
