using System.Text.RegularExpressions;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Reads the table <c>[component.plugin]</c>. A permission for a tool must name the plugin's own server and one of its tools. The
/// tools of the server must match the definitions file in the package.</summary>
internal static partial class PluginSection
{
    public static CategoryDetails? Read(ManifestPart part, CategoryContext context)
    {
        string? server = part.Matching("server", Server(), "a server id: lower-case letters, digits and hyphens, at most 64",
            "server = \"acme-doors\"", isRequired: true);
        string? transport = part.Word("transport", ["stdio", "http"], "transport = \"stdio\"", isRequired: true);
        IReadOnlyList<string> command = part.Command("command = [\"bin/doors-mcp\"]", isRequired: transport == "stdio");
        string? url = part.Url("url", "url = \"https://doors.example.com/mcp\"", isRequired: transport == "http");
        string? surplus = transport switch { "stdio" => "url", "http" => "command", _ => null };
        if (surplus is not null && part.Table.Find(surplus) is { } other)
        {
            part.Report(ManifestCodes.Contradiction, other.KeyPosition,
                ManifestMessages.OnlyFor(surplus, "transport", transport == "stdio" ? "http" : "stdio"));
        }

        IReadOnlyList<string> tools = [.. part.Texts("tools", "tools = [\"open_door\"]", isRequired: true)
            .Select(text => part.Matching(text, Tool(), "a tool name", "tools = [\"open_door\"]")).OfType<string>()];
        string? definitions =
            context.Files.Take(part, "definitions", ".json", "definitions = \"tools.json\"", isRequired: true, context.MaxEntryBytes);
        foreach (ComponentPermission permission in context.Permissions.Where(permission => permission.Kind == "mcp"))
        {
            string[] target = permission.Target!.Split('/');
            if (server is not null && (target[0] != server || !tools.Contains(target[1])))
            {
                TomlEntry entry = part.Table.Find("server")!;
                part.Report(ManifestCodes.Contradiction, entry.Value.Position, ManifestMessages.NotOwnTool(permission.ToString(), server));
            }
        }

        return server is null || definitions is null ? null : new PluginDetails(server, command, url, tools, definitions);
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex Server();

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]{1,64}\z")]
    private static partial Regex Tool();
}
