using System.Text;

namespace Estream.Marketplace.Trust.Dsse;

/// <summary>
/// The type of a signed document: its payload type, which the signature covers (DSSE), and the FIPS 204 context, which is part of every
/// ML-DSA-87 signature. A signature made for one type is invalid for every other type. Immutable and thread-safe.
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

    // Creates the type of a document whose payload type is already standardized.
    private DocumentType(string name, string payloadType)
        : this(name) => PayloadType = payloadType;

    /// <summary>An author's statement about one version of a component (docs/formats/release.md).</summary>
    public static DocumentType Release { get; } = new("release");

    /// <summary>A reviewer's approval of a release.</summary>
    public static DocumentType Approval { get; } = new("approval");

    /// <summary>The keys of the roles of a registry (docs/formats/roles.md).</summary>
    public static DocumentType Root { get; } = new("root");

    /// <summary>The policy of a registry: categories, tiers, reviewers.</summary>
    public static DocumentType Targets { get; } = new("targets");

    /// <summary>A statement of which targets, log checkpoint and namespace map belong together.</summary>
    public static DocumentType Snapshot { get; } = new("snapshot");

    /// <summary>A statement of which snapshot is the newest.</summary>
    public static DocumentType Timestamp { get; } = new("timestamp");

    /// <summary>A statement that a component was packed again with the same result (docs/formats/package.md): an in-toto statement, with
    /// the in-toto payload type.</summary>
    public static DocumentType Rebuild { get; } = new("rebuild", "application/vnd.in-toto+json");

    /// <summary>The name of the type, such as <c>release</c>.</summary>
    public string Name { get; }

    /// <summary>The value of <c>payloadType</c> in an envelope: <c>application/vnd.estream.NAME.v1+json</c>, or the in-toto payload type
    /// for in-toto statements.</summary>
    public string PayloadType { get; }

    /// <summary>The FIPS 204 context of signatures of this type: <c>estream-mkt/NAME/v1</c>, in ASCII.</summary>
    public ReadOnlySpan<byte> Context => _context;

    /// <summary>Returns a type by its name.</summary>
    /// <param name="name">1 to 32 lower-case letters and hyphens.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public static DocumentType Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Length <= MaxNameLength && name.All(character => char.IsAsciiLetterLower(character) || character == '-')
            ? new DocumentType(name)
            : throw new ArgumentException(
                $"'{name}' is not a valid name of a document type. Use 1 to {MaxNameLength} lower-case letters and hyphens.", nameof(name));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
