using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>The facts about a package that its release statement contains; a verifier derives the same facts from the package. Immutable
/// while the collections are not changed.</summary>
public sealed record PackageFacts
{
    private const int MaxItems = 1_000;
    private const int MaxText = 300;

    /// <summary>The name of the component, such as <c>@acme/meter</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The version of the component (SemVer 2.0).</summary>
    public required string Version { get; init; }

    /// <summary>The category of the component, such as <c>wire-adapter</c>.</summary>
    public required string Category { get; init; }

    /// <summary>The SHA-256 root of the tree over the files, in 64 lower-case hexadecimal digits.</summary>
    public required string Root256 { get; init; }

    /// <summary>The SHA3-256 root of the same tree, in 64 lower-case hexadecimal digits.</summary>
    public required string Root3 { get; init; }

    /// <summary>The SHA-256 of the manifest, in 64 lower-case hexadecimal digits.</summary>
    public required string ManifestSha256 { get; init; }

    /// <summary>The permissions, without duplicates.</summary>
    public IReadOnlyCollection<string> Permissions { get; init; } = [];

    /// <summary>The version ranges of the dependencies, by component name.</summary>
    public IReadOnlyDictionary<string, string> Dependencies { get; init; } = new Dictionary<string, string>();

    /// <summary>The names of the schemas that the package provides to other packages, without duplicates.</summary>
    public IReadOnlyCollection<string> Provides { get; init; } = [];

    /// <summary>The schemas that the package requires from any provider, without duplicates.</summary>
    public IReadOnlyCollection<string> Requires { get; init; } = [];

    /// <summary>The license, as an SPDX expression.</summary>
    public required string License { get; init; }

    /// <summary>Returns the members of a release statement that describe the package.</summary>
    internal JsonObject ToJson()
    {
        JsonObject dependencies = new();
        foreach ((string name, string range) in Dependencies)
        {
            dependencies.Add(name, range);
        }

        return new JsonObject
        {
            { "name", Name },
            { "version", Version },
            { "category", Category },
            { "root256", Root256 },
            { "root3", Root3 },
            { "manifestSha256", ManifestSha256 },
            { "permissions", Sorted(Permissions) },
            { "dependencies", dependencies },
            { "provides", Sorted(Provides) },
            { "requires", Sorted(Requires) },
            { "license", License },
        };
    }

    internal static PackageFacts Read(JsonFields fields) => new()
    {
        Name = fields.Text("name", 128),
        Version = fields.Text("version", 128),
        Category = fields.Text("category", 64),
        Root256 = Convert.ToHexStringLower(fields.Hex("root256", 32)),
        Root3 = Convert.ToHexStringLower(fields.Hex("root3", 32)),
        ManifestSha256 = Convert.ToHexStringLower(fields.Hex("manifestSha256", 32)),
        Permissions = ReadSorted(fields, "permissions"),
        Dependencies = fields.TextByName("dependencies", MaxItems, MaxText),
        Provides = ReadSorted(fields, "provides"),
        Requires = ReadSorted(fields, "requires"),
        License = fields.Text("license", MaxText),
    };

    // Sets in a signed document have one order, so two parties derive the same bytes.
    private static JsonArray Sorted(IEnumerable<string> texts) =>
        JsonArray.Of(texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(text => (JsonValue)text));

    private static IReadOnlyList<string> ReadSorted(JsonFields fields, string name)
    {
        IReadOnlyList<string> texts = fields.Texts(name, MaxItems, MaxText);
        if (!texts.SequenceEqual(texts.Order(StringComparer.Ordinal)))
        {
            fields.Refuse(name, "must be sorted by UTF-16 code units");
        }

        return texts;
    }
}
