using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Client;

/// <summary>
/// Compares a registry's catalogue entry, the signed release and the manifest in the package. Resolution uses the catalogue entry and
/// installation uses the signed release, so this check detects a registry that omits a dependency.
/// </summary>
internal static class ReleaseMessages
{
    /// <summary>Compares a catalogue entry with the signed facts.</summary>
    /// <returns>The first difference, or null.</returns>
    public static string? Difference(RegistryRelease said, PackageFacts signed) =>
        Text("name", said.Name.ToString(), signed.Name)
        ?? Text("version", said.Version.ToString(), signed.Version)
        ?? Text("root", said.Root256, signed.Root256)
        ?? Text("category", said.Category, signed.Category)
        ?? Text("license", said.License, signed.License)
        ?? Set("dependencies", said.Dependencies.Select(need => Need(need.Name, need.Range)), Needs(signed))
        ?? Set("provided schemas", said.Provides, signed.Provides)
        ?? Set("required schemas", said.Requires, Schemas(signed));

    /// <summary>Compares the manifest in the package with the signed facts.</summary>
    /// <returns>The first difference, or null.</returns>
    public static string? Difference(ComponentManifest own, PackageFacts signed) =>
        Text("name", own.Name.ToString(), signed.Name)
        ?? Text("version", own.Version.ToString(), signed.Version)
        ?? Text("category", ComponentCategories.NameOf(own.Category), signed.Category)
        ?? Text("license", own.License, signed.License)
        ?? Set("permissions", own.Permissions.Select(permission => permission.ToString()), signed.Permissions)
        ?? Set("dependencies", own.Dependencies.Select(need => Need(need.Name, need.Range)), Needs(signed))
        ?? Set("provided schemas", own.ProvidedSchemas, signed.Provides)
        ?? Set("required schemas", own.RequiredSchemas.Select(need => need.Schema), Schemas(signed));

    /// <summary>Compares a catalogue entry with the manifest: engines and license tier, which the signed statement does not
    /// contain.</summary>
    /// <returns>The first difference, or null.</returns>
    public static string? Difference(RegistryRelease said, ComponentManifest own) =>
        Set("engines", said.Engines.Select(engine => $"{engine.Name} {engine.Range}"),
            own.Engines.Select(engine => $"{engine.Engine} {engine.Range}"))
        ?? Text("license tier", said.LicenseTier.Length == 0 ? LicenseTierNames.Of(LicenseTier.OpenSource) : said.LicenseTier,
            LicenseTierNames.Of(own.LicenseTier));

    /// <summary>Returns why a package is refused, with the root of its files, so that a person can find it in a lock and a log.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="root256">The root; null if it is not known.</param>
    public static string WithRoot(string reason, string? root256) => root256 is null || reason.Contains(root256, StringComparison.Ordinal)
        ? reason : $"{reason} The root of its files is {root256}.";

    // A required schema may have a version range after its name.
    private static IEnumerable<string> Schemas(PackageFacts signed) => signed.Requires.Select(text => text.Split(' ', 2)[0]).Distinct();

    // Normalises ranges, because one range can be written in several forms.
    private static IEnumerable<string> Needs(PackageFacts signed) =>
        signed.Dependencies.Select(need =>
            $"{need.Key} {(VersionRange.TryParse(need.Value, out VersionRange? range, out _) ? range.ToString() : need.Value)}");

    private static string Need(ComponentName name, VersionRange range) => $"{name} {range}";

    private static string? Text(string what, string said, string signed) => said == signed
        ? null
        : $"its {what} is '{said}', but '{signed}' was signed";

    private static string? Set(string what, IEnumerable<string> said, IEnumerable<string> signed)
    {
        string[] first = [.. said.Distinct().Order(StringComparer.Ordinal)], second = [.. signed.Order(StringComparer.Ordinal)];
        return first.SequenceEqual(second) ? null : $"its {what} are {Shown(first)}, but {Shown(second)} were signed";
    }

    private static string Shown(string[] texts) => texts.Length == 0 ? "none" : string.Join(", ", texts.Select(text => $"'{text}'"));
}
