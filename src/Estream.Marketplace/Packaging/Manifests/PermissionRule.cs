using Estream.Esf.Schema.Internal;

namespace Estream.Marketplace.Manifests;

/// <summary>A kind of permission: its syntax, its meaning, and the categories that may request it.</summary>
internal sealed class PermissionRule
{
    private static readonly ComponentCategory[] s_programs =
        [ComponentCategory.WireAdapter, ComponentCategory.App, ComponentCategory.Plugin];
    private static readonly ComponentCategory[] s_circuits =
        [ComponentCategory.SmartCircuit, ComponentCategory.FpgaCircuit, ComponentCategory.WireAdapter, ComponentCategory.App];

    private readonly Func<string?, string?> _meaning;

    private PermissionRule(string kind, string form, ComponentCategory[] categories, Func<string?, string?> meaning)
    {
        Kind = kind;
        Form = form;
        Categories = categories;
        _meaning = meaning;
    }

    /// <summary>All kinds of permissions.</summary>
    public static IReadOnlyList<PermissionRule> All { get; } =
    [
        new("network", "network, network:HOST or network:HOST:PORT", [.. s_programs, ComponentCategory.Skill], target =>
            target is null ? "connect to any host on the network" : PermissionTargets.IsHost(target) ? $"connect to {target}" : null),
        new("port", "port or port:NUMBER, as in port:1883", [ComponentCategory.WireAdapter, ComponentCategory.App], target =>
            target is null ? "accept connections on any port" : PermissionTargets.IsPort(target)
                ? $"accept connections on port {target}"
                : null),
        new("serial", "serial", [ComponentCategory.WireAdapter], target =>
            target is null ? "use the serial ports" : null),
        new("queue", "queue:read.NAME or queue:append.NAME, or * as NAME for every queue", s_circuits, target =>
            Verb(target, ("read", "read", "queue"), ("append", "append to", "queue"))),
        new("map", "map:read.NAME or map:write.NAME, or * as NAME for every map", s_circuits, target =>
            Verb(target, ("read", "read", "map"), ("write", "change", "map"))),
        new("data", "data:read.NAME, as in data:read.metrics, or * as NAME for all", [ComponentCategory.ConsoleWidget], target =>
            Verb(target, ("read", "read the data", "source"))),
        new("refresh", "refresh:TIME, one second to one day, as in refresh:30s or refresh:5m", [ComponentCategory.ConsoleWidget], target =>
            PermissionTargets.IsInterval(target) ? $"refresh its data every {target}" : null),
        new("fs", "fs:tmp, fs:read./PATH or fs:write./PATH, or * instead of ./PATH for any file",
            [.. s_programs, ComponentCategory.Skill], target =>
            target == "tmp" ? "store files in its own temporary folder"
            : target == "read.*" ? "read any file"
            : target == "write.*" ? "read and change any file"
            : PermissionTargets.Folder(target, "read.") is { } read ? $"read the files in {read}"
            : PermissionTargets.Folder(target, "write.") is { } written ? $"read and change the files in {written}" : null),
        new("secret", "secret:NAME", s_programs, target =>
            PermissionTargets.IsName(target) ? $"read the secret '{target}'" : null),
        new("chat_inject", "chat_inject", [ComponentCategory.Skill], target =>
            target is null ? "put messages into a conversation" : null),
        new("docker", "docker:CAPABILITY, as in docker:NET_ADMIN", [ComponentCategory.App], target =>
            PermissionTargets.IsCapability(target) ? $"run its container with the capability {target}" : null),
        new("mount", "mount:/PATH", [ComponentCategory.App], target =>
            PermissionTargets.Folder(target, "") is { } folder ? $"store files of its container in the host folder {folder}" : null),
        new("mcp", "mcp:SERVER/TOOL", [ComponentCategory.Plugin], target =>
            PermissionTargets.IsTool(target) ? $"offer the tool {target} to assistants" : null),
    ];

    public string Kind { get; }

    /// <summary>The syntax of the permission.</summary>
    public string Form { get; }

    public IReadOnlyList<ComponentCategory> Categories { get; }

    public static PermissionRule? Find(string kind) => All.FirstOrDefault(rule => rule.Kind == kind);

    public static string UnknownKind(string kind) =>
        $"the kind of permission is unknown.{NearestName.Hint(kind, All.Select(rule => rule.Kind))} The kinds are "
        + $"{string.Join(", ", All.Select(rule => rule.Kind))}";

    /// <summary>Returns a text that lists the kinds a category may request.</summary>
    public static string KindsOf(ComponentCategory category)
    {
        string[] kinds = [.. All.Where(rule => rule.Categories.Contains(category)).Select(rule => rule.Kind)];
        string name = ComponentCategories.NameOf(category);
        return kinds.Length == 0
            ? $"the category {name} cannot request permissions; remove it"
            : $"the category {name} can request {string.Join(", ", kinds)}";
    }

    /// <summary>Returns what a permission with a target allows; null if the target is not valid.</summary>
    public string? MeaningOf(string? target) => _meaning(target);

    private static string? Verb(string? target, params ReadOnlySpan<(string Verb, string Words, string Thing)> verbs)
    {
        foreach ((string verb, string words, string thing) in verbs)
        {
            if (target?.StartsWith(verb + ".", StringComparison.Ordinal) == true)
            {
                string name = target[(verb.Length + 1)..];
                return name == "*" ? $"{words} every {thing}" : PermissionTargets.IsName(name)
                    ? $"{words} {(thing == "source" ? "" : "the " + thing + " ")}'{name}'"
                    : null;
            }
        }

        return null;
    }
}
