using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>
/// Reads the schema-related keys of a component manifest: name and version in <c>[component]</c>, provides and requires in
/// <c>[component.schemas]</c>. Errors are reported and never thrown. Thread-safe; holds no state.
/// </summary>
public static class PackManifestReader
{
    private const string Name = "component.name";
    private const string Version = "component.version";
    private const string Provides = "component.schemas.provides";
    private const string Requires = "component.schemas.requires";

    /// <summary>Reads the text of a manifest.</summary>
    /// <param name="text">The content of the file.</param>
    /// <param name="file">The name of the file in messages.</param>
    /// <param name="diagnostics">All errors, in the order of the file.</param>
    /// <returns>The manifest; null if there is any error.</returns>
    public static PackManifest? Read(string text, string file, out IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        DiagnosticSink sink = new(file);
        PackManifest? manifest = TomlReader.Read(text, sink) is { } values ? ReadValues(values, file, sink) : null;
        diagnostics = sink.InOrder();
        return diagnostics.Count == 0 ? manifest : null;
    }

    /// <summary>Whether a text is a valid pack name: lower-case words joined by dashes.</summary>
    internal static bool IsPackName(string name) =>
        name.Length is > 0 and <= EsfLimits.MaxNameLength && name[0] is >= 'a' and <= 'z'
        && name.Split('-').All(word => word.Length > 0 && word.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9')));

    private static PackManifest? ReadValues(IReadOnlyDictionary<string, TomlValue> values, string file, DiagnosticSink sink)
    {
        ScalarNode? name = One(values, Name, "name = \"esf-iot\"", sink);
        if (name is not null && !IsPackName(name.Value))
        {
            sink.Report(DiagnosticCodes.Name, name, PackMessages.BadPackName(name.Value));
        }

        ScalarNode? versionText = One(values, Version, "version = \"1.0.0\"", sink);
        SemanticVersion? version = null;
        if (versionText is not null && !SemanticVersion.TryParse(versionText.Value, out version, out _))
        {
            sink.Report(DiagnosticCodes.VersionSyntax, versionText, PackMessages.BadVersion(versionText.Value));
        }

        List<string> provides =
            [.. Distinct(Many(values, Provides, "provides = [\"IoTTelemetry\"]", sink), sink).Select(node => node.Value)];
        List<PackRequirement> requires = [];
        foreach (ScalarNode node in Many(values, Requires, "requires = [\"esf-iot ^1.0\"]", sink))
        {
            Add(ReadRequirement(node, sink), requires, sink);
        }

        values.TryGetValue(Provides, out TomlValue? place);
        return name is null || version is null
            ? null
            : new PackManifest(file, name.Value, version, provides, requires, place?.Position ?? name.Position);
    }

    private static PackRequirement? ReadRequirement(ScalarNode node, DiagnosticSink sink)
    {
        int blank = node.Value.IndexOf(' ');
        string pack = blank < 0 ? node.Value : node.Value.Substring(0, blank);
        if (!IsPackName(pack))
        {
            sink.Report(DiagnosticCodes.Name, node, PackMessages.BadRequirement(node.Value));
            return null;
        }

        if (blank < 0 || !VersionRange.TryParse(node.Value.Substring(blank + 1), out VersionRange? range, out _))
        {
            sink.Report(DiagnosticCodes.VersionSyntax, node, PackMessages.BadRequirement(node.Value));
            return null;
        }

        return new PackRequirement(pack, range!, node.Position);
    }

    private static void Add(PackRequirement? requirement, List<PackRequirement> requires, DiagnosticSink sink)
    {
        if (requirement is null)
        {
            return;
        }

        if (requires.Find(known => known.Pack == requirement.Pack) is PackRequirement first)
        {
            sink.Report(DiagnosticCodes.DuplicateKey, requirement.Position, Messages.Duplicate(requirement.Pack, first.Position));
            return;
        }

        requires.Add(requirement);
    }

    private static IEnumerable<ScalarNode> Distinct(IReadOnlyList<ScalarNode> nodes, DiagnosticSink sink)
    {
        Dictionary<string, SourcePosition> seen = new(StringComparer.Ordinal);
        foreach (ScalarNode node in nodes)
        {
            if (seen.TryGetValue(node.Value, out SourcePosition first))
            {
                sink.Report(DiagnosticCodes.DuplicateKey, node, Messages.Duplicate(node.Value, first));
                continue;
            }

            seen.Add(node.Value, node.Position);
            yield return node;
        }
    }

    private static ScalarNode? One(IReadOnlyDictionary<string, TomlValue> values, string key, string example, DiagnosticSink sink)
    {
        if (values.TryGetValue(key, out TomlValue? value) && !value.IsArray)
        {
            return value.Items[0];
        }

        sink.Report(DiagnosticCodes.MissingKey, value?.Position ?? new SourcePosition(1, 1),
            PackMessages.ManifestKey(key, "a string", example));
        return null;
    }

    private static IReadOnlyList<ScalarNode> Many(IReadOnlyDictionary<string, TomlValue> values, string key, string example,
        DiagnosticSink sink)
    {
        if (!values.TryGetValue(key, out TomlValue? value))
        {
            return [];
        }

        if (value.IsArray)
        {
            return value.Items;
        }

        sink.Report(DiagnosticCodes.WrongShape, value.Position, PackMessages.ManifestKey(key, "an array of strings", example));
        return [];
    }
}
