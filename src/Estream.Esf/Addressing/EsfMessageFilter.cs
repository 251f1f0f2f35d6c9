using System.Text;

namespace Estream.Esf;

/// <summary>
/// Chooses messages by lattice and address: those of the schemas whose lattice is meant, and of them those whose address is. A message of
/// another version of a schema is addressed by the version that is known. Immutable and thread-safe.
/// </summary>
/// <remarks>What can be decided by the schema is decided once, so a message of a schema that cannot be meant costs two hash lookups, and
/// the others the writing of their address.</remarks>
public sealed class EsfMessageFilter
{
    private readonly Dictionary<ulong, EsfSchema> _byId = [];
    private readonly Dictionary<uint, EsfSchema> _byNameId = [];
    private readonly EsfAddressPattern? _path;

    /// <summary>A filter over schemas.</summary>
    /// <param name="schemas">The schemas messages may have; others are never chosen.</param>
    /// <param name="lattice">Which lattices; <see langword="null"/> for all, and for schemas that have none.</param>
    /// <param name="path">Which addresses; <see langword="null"/> for all, and for messages that have none.</param>
    /// <exception cref="ArgumentException">The one is a pattern of the other.</exception>
    public EsfMessageFilter(IEnumerable<EsfSchema> schemas, EsfAddressPattern? lattice, EsfAddressPattern? path)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        if (lattice is { IsPath: true })
        {
            throw new ArgumentException($"'{lattice}' is a pattern of addresses; one of lattices does not begin with '/'.",
                nameof(lattice));
        }

        if (path is { IsPath: false })
        {
            throw new ArgumentException($"'{path}' is a pattern of lattices; one of addresses begins with '/'.", nameof(path));
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

    /// <summary>Whether any message can be chosen.</summary>
    public bool CanMatch => _byId.Count > 0;

    /// <summary>Whether a message of a schema can be chosen, in this or another version of it.</summary>
    /// <param name="schema">The schema.</param>
    public bool CanChoose(EsfSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return _byNameId.ContainsKey(schema.Definition.NameId);
    }

    /// <summary>Whether a message is chosen. One that is not whole enough to have an address is not. Allocates nothing, never
    /// throws.</summary>
    public bool Matches(ReadOnlySpan<byte> message) => Check(message, out bool isChosen).IsOk && isChosen;

    /// <summary>Says whether a message is chosen, and where it has no address, whether that is because it is not whole. Allocates nothing,
    /// never throws.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isChosen">Whether it is; not where something is wrong with it.</param>
    /// <returns>Ok, also for what is no message of the schemas; or what is wrong with a message whose address cannot be told.</returns>
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

        // One whose values make too long an address has none either, and nothing is wrong with it.
        return EsfValidator.Check(schema, message);
    }
}
