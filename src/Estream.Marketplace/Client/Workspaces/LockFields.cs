using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Workspaces;

/// <summary>The members of a lock file and its consistency rules.</summary>
internal static class LockFields
{
    public const string Version = "version";
    public const string Requirements = "requirements";
    public const string Components = "components";
    public const string Schemas = "schemas";
    public const string Name = "name";
    public const string Range = "range";
    public const string Root256 = "root256";
    public const string LogIndex = "logIndex";
    public const string KeyId = "keyId";
    public const string Source = "source";
    public const string Dependencies = "dependencies";
    public const string Permissions = "permissions";
    public const string RunsInHost = "runsInHost";
    public const string Tier = "tier";
    public const string Schema = "schema";
    public const string Component = "component";

    public static JsonObject Write(WorkspaceLock written) => new()
    {
        { Version, WorkspaceLock.FormatVersion },
        { Requirements,
            JsonArray.Of(
                written.Requirements.Select(one =>
                    (JsonValue)new JsonObject { { Name, one.Name.ToString() }, { Range, one.Range.ToString() } })) },
        { Components, JsonArray.Of(written.Components.Select(Write)) },
        { Schemas, JsonArray.Of(
            written.Schemas.Select(one => (JsonValue)new JsonObject { { Schema, one.Key }, { Component, one.Value.ToString() } })) },
    };

    /// <summary>Returns the first inconsistency of a lock, or null.</summary>
    public static string? Inconsistency(WorkspaceLock read)
    {
        HashSet<ComponentName> names = [];
        foreach (LockedComponent component in read.Components)
        {
            if (!names.Add(component.Name))
            {
                return $"{component.Name} is listed twice";
            }
        }

        foreach (LockedComponent component in read.Components)
        {
            if (component.Dependencies.FirstOrDefault(need => !names.Contains(need)) is ComponentName missing)
            {
                return $"{component} needs {missing}, which is missing";
            }
        }

        foreach (ComponentRequirement requirement in read.Requirements)
        {
            if (!names.Contains(requirement.Name))
            {
                return $"{requirement.Name} is requested but missing";
            }
        }

        return read.Schemas.FirstOrDefault(schema => !names.Contains(schema.Value)) is { Key: not null } orphan
            ? $"the schema {orphan.Key} comes from {orphan.Value}, which is missing"
            : null;
    }

    private static JsonValue Write(LockedComponent component)
    {
        JsonObject written = new()
        {
            { Name, component.Name.ToString() },
            { Version, component.Version.ToString() },
            { Root256, component.Root256 },
            { LogIndex, component.LogIndex },
            { KeyId, component.KeyId },
            { Source, component.Source },
            { Dependencies, JsonArray.Of(component.Dependencies.Order().Select(one => (JsonValue)one.ToString())) },
            { Permissions, JsonArray.Of(component.Permissions.Order(StringComparer.Ordinal).Select(one => (JsonValue)one)) },
        };
        if (component.RunsInHost)
        {
            written.Add(RunsInHost, true);
        }

        if (component.Tier is { } tier)
        {
            written.Add(Tier, TargetsMembers.Write(tier));
        }

        return written;
    }
}
