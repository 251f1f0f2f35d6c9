using System.Security.Cryptography;
using Estream.Esf.Schema;
using Estream.Marketplace.Hashing;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries;

/// <summary>
/// The catalogue entry of a release: everything that resolution needs without the package. Identical in every registry, byte for byte
/// (<see cref="Encode"/>), and trusted only if it agrees with the release's bundle. Immutable.
/// </summary>
public sealed record RegistryRelease
{
    /// <summary>The maximum number of characters in a reason or a message.</summary>
    public const int MaxReasonLength = 500;

    private const int MaxTextLength = 256;

    /// <summary>The component.</summary>
    public required ComponentName Name { get; init; }

    /// <summary>The version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>The category of the component, such as <c>esf-schema</c>.</summary>
    public required string Category { get; init; }

    /// <summary>The SHA-256 root over the package's files, as 64 lower-case hexadecimal digits. It identifies the content, independent of
    /// packing.</summary>
    public required string Root256 { get; init; }

    /// <summary>The components that the release needs, ordered by name.</summary>
    public IReadOnlyList<RegistryRequirement> Dependencies { get; init; } = [];

    /// <summary>The engines (the programs that run components) that the release needs, ordered by name.</summary>
    public IReadOnlyList<RegistryEngine> Engines { get; init; } = [];

    /// <summary>The names of the schemas that the release provides, in order.</summary>
    public IReadOnlyList<string> Provides { get; init; } = [];

    /// <summary>The names of the schemas that some component must provide, in order.</summary>
    public IReadOnlyList<string> Requires { get; init; } = [];

    /// <summary>The license of the release as the manifest states it (SPDX).</summary>
    public required string License { get; init; }

    /// <summary>The lowest license tier that permits the use of the release, as the manifest writes it; empty if none is
    /// required.</summary>
    public string LicenseTier { get; init; } = "";

    /// <summary>A one-line description.</summary>
    public string Description { get; init; } = "";

    /// <summary>When the release was published, in UTC with a resolution of one second.</summary>
    public required DateTimeOffset Published { get; init; }

    /// <summary>The size of the package in bytes.</summary>
    public required long PackageBytes { get; init; }

    /// <summary>The SHA-256 of the package's bytes, as 64 lower-case hexadecimal digits. It detects damage in transfer; it is not the
    /// identity of the release.</summary>
    public required string PackageSha256 { get; init; }

    /// <summary>Why the release was yanked; <see langword="null"/> if it is not yanked.</summary>
    public string? YankReason { get; init; }

    /// <summary>The deprecation message for users of the release; <see langword="null"/> if it is not deprecated.</summary>
    public string? Deprecation { get; init; }

    /// <summary>Returns the bytes that every registry has for the release: canonical JSON in UTF-8.</summary>
    public byte[] Encode() => CanonicalJson.Write(ToJson());

    /// <inheritdoc/>
    public bool Equals(RegistryRelease? other) => other is not null && Encode().AsSpan().SequenceEqual(other.Encode());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Version, Root256);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Version}";

    /// <summary>Returns whether bytes have the length and digest of the package.</summary>
    internal bool IsPackage(ReadOnlySpan<byte> package) =>
        package.Length == PackageBytes && Convert.ToHexStringLower(SHA256.HashData(package)) == PackageSha256;

    internal JsonObject ToJson()
    {
        JsonObject json = new()
        {
            { "name", Name.ToString() },
            { "version", Version.ToString() },
            { "category", Category },
            { "root256", Root256 },
            { "dependencies",
                JsonArray.Of(
                    Dependencies.Select(one =>
                        (JsonValue)new JsonObject { { "name", one.Name.ToString() }, { "range", one.Range.ToString() } })) },
            { "engines",
                JsonArray.Of(
                    Engines.Select(one => (JsonValue)new JsonObject { { "name", one.Name }, { "range", one.Range.ToString() } })) },
            { "provides", JsonArray.Of(Provides.Select(one => (JsonValue)one)) },
            { "requires", JsonArray.Of(Requires.Select(one => (JsonValue)one)) },
            { "license", License },
            { "licenseTier", LicenseTier },
            { "description", Description },
            { "published", JsonTime.Write(Published) },
            { "packageBytes", PackageBytes },
            { "packageSha256", PackageSha256 },
        };
        json.AddUnlessNull("yanked", YankReason is null ? null : new JsonText(YankReason));
        json.AddUnlessNull("deprecated", Deprecation is null ? null : new JsonText(Deprecation));
        return json;
    }

    /// <summary>Reads a catalogue entry; errors are recorded in <paramref name="fields"/>.</summary>
    internal static RegistryRelease? Read(JsonFields fields)
    {
        ComponentName? name = ReadName(fields, "name");
        if (!SemanticVersion.TryParse(fields.Text("version", SemanticVersion.MaxLength), out SemanticVersion? version,
            out ParseFault? fault))
        {
            fields.Refuse("version", $"is not a valid version: {fault}");
        }

        List<RegistryRequirement> dependencies = [];
        foreach (JsonFields one in fields.Objects("dependencies", RegistryLimits.MaxRequirements))
        {
            if (ReadName(one, "name") is { } needed && ReadRange(one) is { } range)
            {
                dependencies.Add(new RegistryRequirement(needed, range));
            }
        }

        List<RegistryEngine> engines = [];
        foreach (JsonFields one in fields.Objects("engines", RegistryLimits.MaxRequirements))
        {
            string engine = one.Text("name", MaxTextLength);
            if (ReadRange(one) is { } range)
            {
                engines.Add(new RegistryEngine(engine, range));
            }
        }

        RegistryRelease? release = name is null || version is null ? null : new RegistryRelease
        {
            Name = name,
            Version = version,
            Dependencies = dependencies,
            Engines = engines,
            Category = fields.Text("category", MaxTextLength),
            Root256 = Convert.ToHexStringLower(fields.Hex("root256", Rfc9162.HashBytes)),
            Provides = fields.Texts("provides", RegistryLimits.MaxRequirements, MaxTextLength),
            Requires = fields.Texts("requires", RegistryLimits.MaxRequirements, MaxTextLength),
            License = fields.Text("license", MaxTextLength),
            LicenseTier = fields.Text("licenseTier", MaxTextLength, 0),
            Description = fields.Text("description", 4 * MaxTextLength, 0),
            Published = fields.Time("published"),
            PackageBytes = fields.Integer("packageBytes", 1, RegistryLimits.MaxPackageBytes),
            PackageSha256 = Convert.ToHexStringLower(fields.Hex("packageSha256", SHA256.HashSizeInBytes)),
            YankReason = fields.Has("yanked") ? fields.Text("yanked", MaxReasonLength) : null,
            Deprecation = fields.Has("deprecated") ? fields.Text("deprecated", MaxReasonLength) : null,
        };
        return release;
    }

    private static ComponentName? ReadName(JsonFields fields, string member)
    {
        if (!ComponentName.TryParse(fields.Text(member, 128), out ComponentName? name, out ParseFault? fault))
        {
            fields.Refuse(member, $"is not a valid component name: {fault}");
        }

        return name;
    }

    private static VersionRange? ReadRange(JsonFields fields)
    {
        if (!VersionRange.TryParse(fields.Text("range", VersionRange.MaxLength), out VersionRange? range, out ParseFault? fault))
        {
            fields.Refuse("range", $"is not a valid version range: {fault}");
        }

        return range;
    }
}

/// <summary>A component that a release needs.</summary>
/// <param name="Name">The component.</param>
/// <param name="Range">The accepted versions.</param>
public sealed record RegistryRequirement(ComponentName Name, VersionRange Range);

/// <summary>An engine (a program that runs components) that a release needs: a host, a console or an SDK.</summary>
/// <param name="Name">The engine.</param>
/// <param name="Range">The accepted versions.</param>
public sealed record RegistryEngine(string Name, VersionRange Range);
