using System.Text;

namespace Estream.Esf;

/// <summary>
/// Selects messages by lattice and address. A message matches if the lattice of its schema and its address match the patterns. For a
/// message of another version of a schema, the filter computes the address with the version that it knows. Immutable and thread-safe.
/// </summary>
/// <remarks>The constructor decides once which schemas can match. A message of any other schema costs two hash lookups; a message of a
/// schema that can match costs the formatting of its address.</remarks>
public sealed class EsfMessageFilter
{
    private readonly Dictionary<ulong, EsfSchema> _byId = [];
    private readonly Dictionary<uint, EsfSchema> _byNameId = [];
    private readonly EsfAddressPattern? _path;

    /// <summary>Creates a filter over schemas.</summary>
    /// <param name="schemas">The schemas of the messages; messages of other schemas never match.</param>
    /// <param name="lattice">The lattice pattern; <see langword="null"/> matches all schemas, including schemas without a lattice.</param>
    /// <param name="path">The address pattern; <see langword="null"/> matches all messages, including messages without an address.</param>
    /// <exception cref="ArgumentException"><paramref name="lattice"/> is an address pattern, or <paramref name="path"/> is a lattice
    /// pattern.</exception>
    public EsfMessageFilter(IEnumerable<EsfSchema> schemas, EsfAddressPattern? lattice, EsfAddressPattern? path)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        if (lattice is { IsPath: true })
        {
            throw new ArgumentException($"'{lattice}' is an address pattern. A lattice pattern does not begin with '/'.",
                nameof(lattice));
        }

        if (path is { IsPath: false })
        {
            throw new ArgumentException($"'{path}' is a lattice pattern. An address pattern begins with '/'.", nameof(path));
        }

        _path = path;
        foreach (EsfSchema schema in schemas)
        {
            bool isInLattice = lattice is null
                || (schema.Definition.Traits.Lattice is { } name && lattice.Matches(Encoding.UTF8.GetBytes(name)));
            bool isInPath = path is null || (schema.Address is { } address && path.CanMatch(address));
            if (isInLattice && isInPath)
            {
                _byId[schema.Id] = schema;
                _byNameId[schema.Definition.NameId] = schema;
            }
        }
    }

    /// <summary>Whether any message can match.</summary>
    public bool CanMatch => _byId.Count > 0;

    /// <summary>Whether a message of a schema can match, in this or another version of the schema.</summary>
    /// <param name="schema">The schema.</param>
    public bool CanChoose(EsfSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return _byNameId.ContainsKey(schema.Definition.NameId);
    }

    /// <summary>Whether a message matches. A message too damaged to have an address does not match. Allocates nothing, never
    /// throws.</summary>
    public bool Matches(ReadOnlySpan<byte> message) => Check(message, out bool isChosen).IsOk && isChosen;

    /// <summary>Determines whether a message matches. If it has no address, also reports whether the message is damaged. Allocates nothing,
    /// never throws.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isChosen">Whether the message matches; false after an error.</param>
    /// <returns>Ok, also for a message whose schema is not in the filter; or the error in a message whose address cannot be
    /// computed.</returns>
    public EsfStatus Check(ReadOnlySpan<byte> message, out bool isChosen)
    {
        isChosen = false;
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            || !(_byId.TryGetValue(header.SchemaId, out EsfSchema? schema) || _byNameId.TryGetValue(header.NameId, out schema))
            || !schema.Matches(message))
        {
            return EsfStatus.Ok;
        }

        if (_path is null)
        {
            isChosen = true;
            return EsfStatus.Ok;
        }

        Span<byte> address = stackalloc byte[EsfAddress.MaxLength];
        if (schema.Address!.TryFormat(message, address, out int written))
        {
            isChosen = _path.Matches(address[..written]);
            return EsfStatus.Ok;
        }

        // A message whose values make the address too long has no address either, but is valid.
        return EsfValidator.Check(schema, message);
    }
}
