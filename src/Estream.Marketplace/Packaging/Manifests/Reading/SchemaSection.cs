using System.Text.RegularExpressions;
using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Reads the table <c>[component.schemas]</c>: the provided schemas, and the required ones.</summary>
internal sealed partial class SchemaSection
{
    private const string ProvidesExample = "provides = [\"IoTTelemetry\"]";
    private const string RequiresExample = "requires = [\"IoTTelemetry ^1.0\"]";

    private readonly List<SchemaRequirement> _requires = [];
    private readonly List<(ComponentRequirement Pack, SourcePosition Position)> _packs = [];
    private readonly Dictionary<string, SourcePosition> _required = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Provides { get; private set; } = [];

    public IReadOnlyList<SchemaRequirement> Requires => _requires;

    /// <summary>The packs that are required by name, with their positions.</summary>
    public IReadOnlyList<(ComponentRequirement Pack, SourcePosition Position)> Packs => _packs;

    public static SchemaSection Read(ManifestPart? part)
    {
        SchemaSection section = new();
        if (part is null)
        {
            return section;
        }

        section.Provides = [.. part.Texts("provides", ProvidesExample, most: ManifestLimits.MaxSchemas, mayBeEmpty: true)
            .Where(text => IsSchema(part, text)).Select(text => text.Value)];
        foreach (TomlString text in part.Texts("requires", RequiresExample, most: ManifestLimits.MaxSchemas, mayBeEmpty: true))
        {
            section.Require(part, text);
        }

        part.Close();
        return section;
    }

    private static bool IsSchema(ManifestPart part, TomlString text)
    {
        if (Schema().IsMatch(text.Value))
        {
            return true;
        }

        part.Report(ManifestCodes.Name, text.Position, ManifestMessages.SchemaCase(text.Value));
        return false;
    }

    /// <summary>Adds a requirement. A schema name begins with a capital letter, a component name does not.</summary>
    private void Require(ManifestPart part, TomlString text)
    {
        int blank = text.Value.IndexOf(' ', StringComparison.Ordinal);
        string name = blank < 0 ? text.Value : text.Value[..blank];
        bool isSchema = Schema().IsMatch(name);
        if (!isSchema && (blank < 0 || !ComponentName.TryParse(name, out _, out _)))
        {
            part.Report(ManifestCodes.Name, text.Position, ManifestMessages.NoRequirement(text.Value));
            return;
        }

        VersionRange? range = VersionRange.AnyRelease;
        if (blank >= 0 && !VersionRange.TryParse(text.Value[(blank + 1)..], out range, out ParseFault? fault))
        {
            part.Report(ManifestCodes.Version, text.At(blank + 1 + fault.Offset),
                ManifestMessages.Faulty(text.Value[(blank + 1)..], "version range", fault));
            return;
        }

        if (isSchema && Provides.Contains(name))
        {
            part.Report(ManifestCodes.Contradiction, text.Position, ManifestMessages.OwnSchema(name));
        }
        else if (!_required.TryAdd(name, text.Position))
        {
            part.Report(ManifestCodes.Duplicate, text.Position, ManifestMessages.Duplicate(name, _required[name]));
        }
        else if (isSchema)
        {
            _requires.Add(new SchemaRequirement(name, range!));
        }
        else
        {
            _packs.Add((new ComponentRequirement(ComponentName.Parse(name), range!), text.Position));
        }
    }

    [GeneratedRegex(@"\A[A-Z][A-Za-z0-9_]{0,127}\z")]
    private static partial Regex Schema();
}
