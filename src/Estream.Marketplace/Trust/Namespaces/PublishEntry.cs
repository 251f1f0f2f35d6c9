using Estream.Esf.Schema;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>Publishes a version of a component and binds it permanently to a tree of files. Two such entries for one version prove
/// misbehavior.</summary>
public sealed record PublishEntry : LogEntry
{
    internal const string TypeName = "publish";

    private const int DigestBytes = 32;

    /// <summary>Creates an entry.</summary>
    /// <param name="name">The component.</param>
    /// <param name="version">The version.</param>
    /// <param name="root256">The SHA-256 root of the package, in 64 lower-case hexadecimal digits.</param>
    /// <param name="statementSha256">The SHA-256 of the payload of the release statement, in 64 lower-case hexadecimal digits.</param>
    /// <exception cref="ArgumentException">A digest is not valid.</exception>
    public PublishEntry(ComponentName name, SemanticVersion version, string root256, string statementSha256)
        : base(NamespaceName.Of(name))
    {
        ArgumentNullException.ThrowIfNull(version);
        (Name, Version, Root256, StatementSha256) =
            (name, version, Require(root256, nameof(root256)), Require(statementSha256, nameof(statementSha256)));
    }

    /// <summary>The component.</summary>
    public ComponentName Name { get; }

    /// <summary>The version.</summary>
    public SemanticVersion Version { get; }

    /// <summary>The SHA-256 root of the package.</summary>
    public string Root256 { get; }

    /// <summary>The SHA-256 of the payload of the release statement.</summary>
    public string StatementSha256 { get; }

    private protected override string Type => TypeName;

    internal static LogEntry? Read(JsonFields fields)
    {
        ComponentName? name = ReadName(fields);
        SemanticVersion? version = ReadVersion(fields);
        string root = Convert.ToHexStringLower(fields.Hex("root256", DigestBytes)),
        statement = Convert.ToHexStringLower(fields.Hex("statementSha256", DigestBytes));
        return name is null || version is null ? null : new PublishEntry(name, version, root, statement);
    }

    private protected override void Write(JsonObject json)
    {
        json.Add("name", Name.ToString());
        json.Add("version", Version.ToString());
        json.Add("root256", Root256);
        json.Add("statementSha256", StatementSha256);
    }

    private static string Require(string digest, string parameter) =>
        digest is { Length: DigestBytes * 2 } && digest.All(char.IsAsciiHexDigitLower)
            ? digest
            : throw new ArgumentException($"The digest must have {DigestBytes * 2} lower-case hexadecimal digits.", parameter);
}
