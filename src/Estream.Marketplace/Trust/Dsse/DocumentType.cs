using System.Text;

namespace Estream.Marketplace.Trust.Dsse;

/// <summary>
/// What a signed document is: its payload type, which the signature covers (DSSE), and the context of FIPS 204, which is part of every
/// ML-DSA-87 signature. A signature of one type is none of another. Immutable and thread-safe.
/// </summary>
public sealed class DocumentType
{
    private const int MaxNameLength = 32;

    private readonly byte[] _context;

    private DocumentType(string name)
    {
        Name = name;
        PayloadType = $"application/vnd.estream.{name}.v1+json";
        _context = Encoding.ASCII.GetBytes($"estream-mkt/{name}/v1");
    }

    // Of a document that has a payload type already.
    private DocumentType(string name, string payloadType)
        : this(name) => PayloadType = payloadType;

    /// <summary>What an author says of one version of a component (docs/formats/release.md).</summary>
    public static DocumentType Release { get; } = new("release");

    /// <summary>That a reviewer approves of a release.</summary>
    public static DocumentType Approval { get; } = new("approval");

    /// <summary>The keys of the roles of a registry (docs/formats/roles.md).</summary>
    public static DocumentType Root { get; } = new("root");

    /// <summary>The policy of a registry: categories, tiers, reviewers.</summary>
    public static DocumentType Targets { get; } = new("targets");

    /// <summary>Which targets, log and map of namespaces belong together.</summary>
    public static DocumentType Snapshot { get; } = new("snapshot");

    /// <summary>Which snapshot is the newest.</summary>
    public static DocumentType Timestamp { get; } = new("timestamp");

    /// <summary>That somebody has packed a component again, and the same came of it (docs/formats/package.md): a statement of in-toto,
    /// whose payload type it has.</summary>
    public static DocumentType Rebuild { get; } = new("rebuild", "application/vnd.in-toto+json");

    /// <summary>Its name, such as <c>release</c>.</summary>
    public string Name { get; }

    /// <summary>What stands in an envelope as <c>payloadType</c>: <c>application/vnd.estream.NAME.v1+json</c>, and of statements of in-toto
    /// their own.</summary>
    public string PayloadType { get; }

    /// <summary>The context of FIPS 204 that signatures of this type are made with: <c>estream-mkt/NAME/v1</c>, in ASCII.</summary>
    public ReadOnlySpan<byte> Context => _context;

    /// <summary>A type by its name.</summary>
    /// <param name="name">1 to 32 lower-case letters and hyphens.</param>
    /// <exception cref="ArgumentException">It is no such name.</exception>
    public static DocumentType Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Length <= MaxNameLength && name.All(character => char.IsAsciiLetterLower(character) || character == '-')
            ? new DocumentType(name)
            : throw new ArgumentException(
                $"'{name}' is no name of a type of documents: write 1 to {MaxNameLength} lower-case letters and hyphens.", nameof(name));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
