using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Workspaces;

/// <summary>Reads lock files. Never throws on any input; a lock that it accepts is written again byte for byte.</summary>
internal static class WorkspaceLockReader
{
    private const int MaxTextLength = 512;
    private const int MaxNameLength = 128;
    private const int MaxPerComponent = 256;
    private const int RootBytes = 32;

    private static readonly JsonLimits s_limits = new(WorkspaceLock.MaxBytes, MaxDepth: 8, MaxValues: 1_000_000);

    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out WorkspaceLock? read,
        [NotNullWhen(false)] out string? reason)
    {
        read = null;
        if (!StrictJsonReader.TryReadCanonical(utf8, s_limits, out JsonValue? value, out JsonFault? fault))
        {
            reason = $"{WorkspaceLock.FileName}, {fault}. Only the program may write this file. Restore it from version control, or delete "
                + "it and resolve again.";
            return false;
        }

        JsonFields fields = new(value);
        fields.Integer(LockFields.Version, WorkspaceLock.FormatVersion, WorkspaceLock.FormatVersion);
        List<ComponentRequirement> requirements = [.. fields.Objects(LockFields.Requirements, WorkspaceLock.MaxComponents)
            .Select(ReadRequirement).OfType<ComponentRequirement>()];
        List<LockedComponent> components =
            [.. fields.Objects(LockFields.Components, WorkspaceLock.MaxComponents).Select(ReadComponent).OfType<LockedComponent>()];
        Dictionary<string, ComponentName> schemas = new(StringComparer.Ordinal);
        foreach (JsonFields one in fields.Objects(LockFields.Schemas, WorkspaceLock.MaxComponents))
        {
            string schema = one.Text(LockFields.Schema, MaxTextLength);
            if (ReadName(one, LockFields.Component) is ComponentName provider && !schemas.TryAdd(schema, provider))
            {
                one.Refuse(LockFields.Schema, "is listed twice");
            }
        }

        string? wrong = fields.End();
        try
        {
            read = wrong is null ? new WorkspaceLock(requirements, components, schemas) : null;
        }
        catch (ArgumentException inconsistent)
        {
            wrong = inconsistent.Message;
        }

        // Arrays of a canonical lock are sorted. The canonical JSON reader does not check that.
        if (read is not null && !utf8.SequenceEqual(read.Encode()))
        {
            wrong = "components, dependencies, permissions or schemas are not sorted";
            read = null;
        }

        reason = wrong is null
            ? null
            : $"{WorkspaceLock.FileName}: {wrong}. Restore it from version control, or delete it and resolve again.";
        return read is not null;
    }

    private static ComponentRequirement? ReadRequirement(JsonFields fields)
    {
        ComponentName? name = ReadName(fields, LockFields.Name);
        if (!VersionRange.TryParse(fields.Text(LockFields.Range, VersionRange.MaxLength), out VersionRange? range, out ParseFault? fault))
        {
            fields.Refuse(LockFields.Range, $"is not a valid version range: {fault}");
        }

        return name is null || range is null ? null : new ComponentRequirement(name, range);
    }

    private static LockedComponent? ReadComponent(JsonFields fields)
    {
        ComponentName? name = ReadName(fields, LockFields.Name);
        if (!SemanticVersion.TryParse(fields.Text(LockFields.Version, SemanticVersion.MaxLength), out SemanticVersion? version,
            out ParseFault? fault))
        {
            fields.Refuse(LockFields.Version, $"is not a valid version: {fault}");
        }

        List<ComponentName> dependencies = [];
        foreach (string text in fields.Texts(LockFields.Dependencies, MaxPerComponent, MaxNameLength))
        {
            if (ComponentName.TryParse(text, out ComponentName? need, out ParseFault? wrong))
            {
                dependencies.Add(need);
            }
            else
            {
                fields.Refuse(LockFields.Dependencies, $"has '{text}', which is not a valid component name: {wrong}");
            }
        }

        return name is null || version is null ? null : new LockedComponent
        {
            Name = name,
            Version = version,
            Root256 = Convert.ToHexStringLower(fields.Hex(LockFields.Root256, RootBytes)),
            LogIndex = fields.Integer(LockFields.LogIndex, 0, JsonInteger.Largest),
            KeyId = fields.Text(LockFields.KeyId, MaxTextLength),
            Source = fields.Text(LockFields.Source, MaxTextLength),
            Dependencies = dependencies,
            Permissions = fields.Texts(LockFields.Permissions, MaxPerComponent, MaxTextLength),
            RunsInHost = fields.Has(LockFields.RunsInHost) && fields.Boolean(LockFields.RunsInHost),
            Tier = fields.Has(LockFields.Tier) ? TargetsMembers.ReadTier(fields, LockFields.Tier) : null,
        };
    }

    private static ComponentName? ReadName(JsonFields fields, string member)
    {
        if (!ComponentName.TryParse(fields.Text(member, MaxNameLength), out ComponentName? name, out ParseFault? fault))
        {
            fields.Refuse(member, $"is not a valid component name: {fault}");
        }

        return name;
    }
}
