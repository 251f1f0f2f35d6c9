using System.Text;

namespace Estream.Esf;

/// <summary>
/// Chooses messages by lattice and address: those of the schemas whose lattice is meant, and of them those whose address is. A message of
/// another version of a schema is addressed by the version that is known. Immutable and thread-safe.
/// </summary>
/// <remarks>What can be decided by the schema is decided once, so a message of a schema that cannot be meant costs two hash lookups, and the others the writing of their address.</remarks>
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
            throw new ArgumentException($"'{lattice}' is a pattern of addresses; one of lattices does not begin with '/'.", nameof(lattice));
        }

        if (path is { IsPath: false })
        {
            throw new ArgumentException($"'{path}' is a pattern of lattices; one of addresses begins with '/'.", nameof(path));
        }

        _path = path;
        foreach (EsfSchema schema in schemas)
        {
            bool isInLattice = lattice is null || (schema.Definition.Traits.Lattice is { } name && lattice.Matches(Encoding.UTF8.GetBytes(name)));
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

    /// <summary>Whether a message is chosen. Allocates nothing, never throws.</summary>
    public bool Matches(ReadOnlySpan<byte> message)
    {
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            || !(_byId.TryGetValue(header.SchemaId, out EsfSchema? schema) || _byNameId.TryGetValue(header.NameId, out schema))
            || !schema.Matches(message))
        {
            return false;
        }

        if (_path is null)
        {
            return true;
        }

        Span<byte> address = stackalloc byte[EsfAddress.MaxLength];
        return schema.Address!.TryFormat(message, address, out int written) && _path.Matches(address[..written]);
    }
}
