using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Workspaces;

/// <summary>Reads workspace files strictly: an unknown key is an error. Never throws on any input.</summary>
internal sealed class WorkspaceManifestReader
{
    private readonly List<WorkspaceError> _errors = [];

    public static WorkspaceReadResult Read(ReadOnlySpan<byte> utf8)
    {
        TomlReadResult toml = TomlReader.Read(utf8);
        return toml.Root is null
            ? new WorkspaceReadResult(null, [new WorkspaceError(toml.Error!.Position, toml.Error.Message)])
            : new WorkspaceManifestReader().Read(toml.Root);
    }

    private WorkspaceReadResult Read(TomlTable root)
    {
        WorkspaceManifest manifest = new();
        foreach (TomlEntry entry in root.Entries)
        {
            if (entry.Value is not TomlTable table)
            {
                Fail(entry.KeyPosition, $"'{entry.Key}' is outside a table: the tables are {Sections}");
                continue;
            }

            ReadSection(manifest, entry, table);
        }

        return new WorkspaceReadResult(manifest,
            [.. _errors.OrderBy(error => error.Position.Line).ThenBy(error => error.Position.Column)]);
    }

    private const string Sections =
        "[workspace], [components], [schemas], [registries], [trust], [engines], [resolution], [cooldown] and [license]";

    private void ReadSection(WorkspaceManifest manifest, TomlEntry entry, TomlTable table)
    {
        ResolutionPolicy policy = manifest.Policy;
        switch (entry.Key)
        {
            case "workspace":
                manifest.Name = Only(table, "name") is TomlEntry name ? Text(name) : "";
                break;
            case "components":
                manifest.Requirements = [.. Few(table, WorkspaceLimits.MaxRequirements).Select(Requirement).OfType<ComponentRequirement>()];
                break;
            case "schemas":
                manifest.RequiredSchemas = Only(table, "requires") is TomlEntry schemas ? Texts(schemas) : [];
                break;
            case "registries":
                manifest.Registries = Few(table).Where(IsScope).ToDictionary(one => one.Key == "default" ? "" : one.Key, Text);
                break;
            case "trust":
                manifest.TrustRoots = Few(table).Where(IsScope).ToDictionary(one => one.Key == "default" ? "" : one.Key, Text);
                break;
            case "engines":
                manifest.Engines = Few(table).Select(one => (one.Key, Version: Version(one))).Where(one => one.Version is not null)
                    .ToDictionary(one => one.Key, one => one.Version!);
                break;
            case "resolution":
                manifest.Policy = policy with
                {
                    PreReleases = Only(table, "pre-releases") is TomlEntry preReleases ? Names(preReleases) : policy.PreReleases,
                };
                break;
            case "cooldown":
                manifest.Policy = policy with
                {
                    MinimumReleaseAge = Only(table, "hours", "exempt", "hours") is TomlEntry hours
                        ? TimeSpan.FromHours(Hours(hours))
                        : policy.MinimumReleaseAge,
                    CooldownExempt = table.Find("exempt") is TomlEntry exempt ? Names(exempt) : policy.CooldownExempt,
                };
                break;
            case "license":
                manifest.Policy = policy with { LicenseTier = Only(table, "tier") is TomlEntry tier ? Tier(tier) : policy.LicenseTier };
                break;
            default:
                Fail(entry.KeyPosition, $"there is no table [{entry.Key}]: the tables are {Sections}");
                break;
        }
    }

    /// <summary>Returns the entry of a key in a table, and reports every key that is not known.</summary>
    private TomlEntry? Only(TomlTable table, string wanted, params ReadOnlySpan<string> known)
    {
        foreach (TomlEntry entry in table.Entries)
        {
            if (entry.Key != wanted && !known.Contains(entry.Key))
            {
                Fail(entry.KeyPosition,
                    $"there is no key '{entry.Key}' here: use {string.Join(" or ", known.Length == 0 ? [wanted] : known.ToArray())}");
            }
        }

        return table.Find(wanted);
    }

    private IEnumerable<TomlEntry> Few(TomlTable table, int most = WorkspaceLimits.MaxEntries)
    {
        if (table.Entries.Count > most)
        {
            Fail(table.Entries[most].KeyPosition, $"the table has more than {most} entries");
        }

        return table.Entries.Take(most);
    }

    private ComponentRequirement? Requirement(TomlEntry entry)
    {
        if (!ComponentName.TryParse(entry.Key, out ComponentName? name, out ParseFault? fault))
        {
            Fail(entry.KeyPosition, $"'{entry.Key}' is not a valid component name: {fault}");
        }

        string text = Text(entry);
        if (!VersionRange.TryParse(text, out VersionRange? range, out fault) && entry.Value is TomlString)
        {
            Fail(entry.Value.Position, $"'{text}' is not a valid version range: {fault}");
        }

        return name is null || range is null ? null : new ComponentRequirement(name, range);
    }

    private bool IsScope(TomlEntry entry)
    {
        bool isScope = entry.Key is "default" or "*"
            || (entry.Key.StartsWith('@') && ComponentName.TryParse(entry.Key + "/x", out _, out _));
        if (!isScope)
        {
            Fail(entry.KeyPosition,
                $"'{entry.Key}' is not a valid scope: use \"@scope\", \"default\" for components without a scope, or \"*\" for all others");
        }

        return isScope;
    }

    private SemanticVersion? Version(TomlEntry entry)
    {
        string text = Text(entry);
        if (!SemanticVersion.TryParse(text, out SemanticVersion? version, out ParseFault? fault) && entry.Value is TomlString)
        {
            Fail(entry.Value.Position, $"'{text}' is not a valid version: {fault}");
        }

        return version;
    }

    private HashSet<ComponentName> Names(TomlEntry entry)
    {
        HashSet<ComponentName> names = [];
        foreach (string text in Texts(entry))
        {
            if (!ComponentName.TryParse(text, out ComponentName? name, out ParseFault? fault))
            {
                Fail(entry.Value.Position, $"'{text}' is not a valid component name: {fault}");
            }
            else
            {
                names.Add(name);
            }
        }

        return names;
    }

    private LicenseTier Tier(TomlEntry entry)
    {
        if (!LicenseTierNames.TryParse(Text(entry), out LicenseTier tier) && entry.Value is TomlString)
        {
            Fail(entry.Value.Position, "the license tier must be open-source, source-available or commercial");
        }

        return tier;
    }

    private long Hours(TomlEntry entry)
    {
        if (entry.Value is TomlInteger { Value: >= 0 and <= WorkspaceLimits.MaxCooldownHours } hours)
        {
            return hours.Value;
        }

        Fail(entry.Value.Position, $"hours must be a whole number from 0 to {WorkspaceLimits.MaxCooldownHours}");
        return 0;
    }

    private string[] Texts(TomlEntry entry)
    {
        if (entry.Value is TomlArray { Items.Count: <= WorkspaceLimits.MaxEntries } array
            && array.Items.All(item => item is TomlString { Value.Length: > 0 and <= WorkspaceLimits.MaxTextLength }))
        {
            return [.. array.Items.Select(item => ((TomlString)item).Value)];
        }

        Fail(entry.Value.Position, $"'{entry.Key}' must be a list of at most {WorkspaceLimits.MaxEntries} strings, as in [\"a\", \"b\"]");
        return [];
    }

    private string Text(TomlEntry entry)
    {
        if (entry.Value is TomlString { Value.Length: <= WorkspaceLimits.MaxTextLength } text && !text.Value.Any(char.IsControl))
        {
            return text.Value;
        }

        Fail(entry.Value.Position,
            $"'{entry.Key}' must be a string of at most {WorkspaceLimits.MaxTextLength} characters, without control characters");
        return "";
    }

    private void Fail(SourcePosition position, string message) => _errors.Add(new WorkspaceError(position, message));
}

/// <summary>The result of reading a workspace file: the manifest, or all errors.</summary>
public sealed class WorkspaceReadResult
{
    internal WorkspaceReadResult(WorkspaceManifest? manifest, IReadOnlyList<WorkspaceError> errors)
    {
        Manifest = errors.Count == 0 ? manifest : null;
        Errors = errors;
    }

    /// <summary>The manifest; null if there is any error.</summary>
    public WorkspaceManifest? Manifest { get; }

    /// <summary>The errors, in the order of the file.</summary>
    public IReadOnlyList<WorkspaceError> Errors { get; }
}

/// <summary>An error in a workspace file.</summary>
/// <param name="Position">Line and column, both from 1.</param>
/// <param name="Message">What is wrong, and what to write instead.</param>
public sealed record WorkspaceError(SourcePosition Position, string Message)
{
    /// <summary>Returns the error with its position.</summary>
    public override string ToString() => $"{WorkspaceManifest.FileName}:{Position}: {Message}";
}

/// <summary>The limits of workspace files.</summary>
public static class WorkspaceLimits
{
    /// <summary>The maximum number of components that a workspace asks for.</summary>
    public const int MaxRequirements = 1_000;

    /// <summary>The maximum number of entries in any other list or table of the file.</summary>
    public const int MaxEntries = 256;

    /// <summary>The maximum number of characters in a string.</summary>
    public const int MaxTextLength = 512;

    /// <summary>The longest cooldown, in hours: ten years.</summary>
    public const int MaxCooldownHours = 87_600;
}
