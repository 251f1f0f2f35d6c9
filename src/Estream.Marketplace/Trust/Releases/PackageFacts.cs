using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>What a package itself says and is, as far as its release states it: found in the package by whoever checks it. Immutable, as
/// long as nobody changes the collections.</summary>
public sealed record PackageFacts
{
    private const int MaxItems = 1_000;
    private const int MaxText = 300;

    /// <summary>The name of the component, such as <c>@acme/meter</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its version (SemVer 2.0).</summary>
    public required string Version { get; init; }

    /// <summary>Its category, such as <c>wire-adapter</c>.</summary>
    public required string Category { get; init; }

    /// <summary>The root of the tree over its files with SHA-256, in 64 lower-case hexadecimal digits.</summary>
    public required string Root256 { get; init; }

    /// <summary>The root of the same tree with SHA3-256, likewise.</summary>
    public required string Root3 { get; init; }

    /// <summary>The SHA-256 of the manifest, likewise.</summary>
    public required string ManifestSha256 { get; init; }

    /// <summary>What it may do, each once.</summary>
    public IReadOnlyCollection<string> Permissions { get; init; } = [];

    /// <summary>The ranges of versions of what it needs, by the names of components.</summary>
    public IReadOnlyDictionary<string, string> Dependencies { get; init; } = new Dictionary<string, string>();

    /// <summary>What it has for others, such as schemas, each once.</summary>
    public IReadOnlyCollection<string> Provides { get; init; } = [];

    /// <summary>What it needs of others, whoever has it, each once.</summary>
    public IReadOnlyCollection<string> Requires { get; init; } = [];

    /// <summary>Its license, as an SPDX expression.</summary>
    public required string License { get; init; }

    /// <summary>The members of a release statement that are about the package.</summary>
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

    // Sets in a signed document have one order, so that two parties derive the same bytes.
    private static JsonArray Sorted(IEnumerable<string> texts) =>
        JsonArray.Of(texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(text => (JsonValue)text));

    private static IReadOnlyList<string> ReadSorted(JsonFields fields, string name)
    {
        IReadOnlyList<string> texts = fields.Texts(name, MaxItems, MaxText);
        if (!texts.SequenceEqual(texts.Order(StringComparer.Ordinal)))
        {
            fields.Refuse(name, "has to be in the order of its UTF-16 units");
        }

        return texts;
    }
}
