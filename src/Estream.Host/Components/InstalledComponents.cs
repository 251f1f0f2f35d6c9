using System.Diagnostics.CodeAnalysis;
using Estream.Host.Configuration;
using Estream.Host.Runtime;
using Estream.Marketplace;
using Estream.Marketplace.Workspaces;
using Estream.Wire;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Components;

/// <summary>The installed components that a configuration names: circuits, integrations, and the workspace that contains them.</summary>
internal static class InstalledComponents
{
    public const string SectionKey = "Components";
    public const string IntegrationsKey = "Integrations";

    private const string SectionPath = $"{EstreamSettingsSchema.SectionName}:{SectionKey}";

    /// <summary>The setting of the workspace, for messages about components that no other setting names.</summary>
    public const string WorkspaceKey = $"{SectionPath}:Workspace";

    // What an integration may set. The other sections are about the host as a whole: its data folder, ports, tokens and replication.
    private static readonly string[] s_sections = ["Queues", "Maps", "Adapters", "Circuits"];

    /// <summary>Returns the workspace of a configuration; null if it has none.</summary>
    public static ComponentWorkspace? WorkspaceOf(IConfiguration configuration)
    {
        IConfigurationSection section = configuration.GetSection(SectionPath);
        return Full(section["Workspace"]) is not { } workspace ? null
            : new ComponentWorkspace(workspace, Full(section["Cache"]) ?? ComponentCache.UserFolder)
            {
                RevokedFile = Full(section["RevokedFile"]),
            };
    }

    /// <summary>Returns whether an item of a list names an installed component instead of a path: it begins with <c>@</c>, or is the name
    /// of a component of the project and no file or folder has this name.</summary>
    public static bool TryName(string text, [NotNullWhen(true)] out ComponentName? name) =>
        ComponentName.TryParse(text, out name, out _) && (text[0] == '@' || !Path.Exists(text));

    /// <summary>Returns the components whose code or files the configuration names, other than integrations.</summary>
    public static IReadOnlyList<ComponentName> NamedBy(IConfiguration configuration) =>
        [.. configuration.GetSection($"{EstreamSettingsSchema.SectionName}:Adapters").GetChildren()
            .Select(adapter => adapter[AdapterPlan.ComponentSetting])
            .Select(text => ComponentName.TryParse(text, out ComponentName? name, out _) ? name : null).OfType<ComponentName>()];

    /// <summary>Reads the integrations of a configuration, each with the setting that names it. The gateway edition is one of
    /// them.</summary>
    /// <exception cref="WireConfigurationException">An integration is not installed, or must not be used.</exception>
    public static IReadOnlyList<(InstalledIntegration Integration, string Key)> ReadIntegrations(IConfiguration configuration)
    {
        ComponentWorkspace? workspace = WorkspaceOf(configuration);
        IEnumerable<(string? Name, string Key)> named =
        [
            .. configuration.GetSection($"{SectionPath}:{IntegrationsKey}").GetChildren().Select(item => (item.Value, item.Path)),
            (configuration[GatewayPlan.ComponentKey], GatewayPlan.ComponentKey),
        ];

        // Invalid names, and a missing workspace, are reported by the schema check and the reference check.
        return workspace is null
            ? []
            : [.. named.Where(one => ComponentName.TryParse(one.Name, out _, out _)).DistinctBy(one => one.Name)
                .Select(one => (workspace.ReadIntegration(ComponentName.Parse(one.Name!), one.Key), one.Key))];
    }

    /// <summary>Returns the settings of the integrations. The configuration of the operator overrides them, key by key; circuits are added
    /// to those of the operator.</summary>
    /// <param name="configuration">The configuration of the operator.</param>
    /// <exception cref="WireConfigurationException">An integration must not be used, or its settings are refused.</exception>
    public static Dictionary<string, string?> SettingsFor(IConfiguration configuration)
    {
        Dictionary<string, string?> settings = new(StringComparer.OrdinalIgnoreCase);
        int circuits = configuration.GetSection($"{EstreamSettingsSchema.SectionName}:Circuits").GetChildren().Count();
        foreach ((InstalledIntegration integration, string key) in ReadIntegrations(configuration))
        {
            if (integration.Details.Settings is not { } file)
            {
                continue;
            }

            IConfigurationSection root = Parse(integration, file, key).GetSection(EstreamSettingsSchema.SectionName);
            foreach (IConfigurationSection section in root.GetChildren())
            {
                if (!s_sections.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                {
                    throw new WireConfigurationException(key,
                        $"{integration.Locked} sets {section.Path} in {file}, which only the configuration of the host may set. An "
                        + $"integration may set {string.Join(", ", s_sections)}.");
                }

                // An empty object, such as a queue without settings, is a key without a value and without further keys.
                foreach ((string path, string? value) in section.AsEnumerable()
                    .Where(one => one.Value is not null || !HasKeys(section, one.Key)))
                {
                    bool isCircuit = section.Key.Equals("Circuits", StringComparison.OrdinalIgnoreCase);
                    string own = isCircuit ? $"{root.Path}:Circuits:{circuits++}" : path;
                    if (!settings.TryAdd(own, value) && settings[own] != value)
                    {
                        throw new WireConfigurationException(key,
                            $"{integration.Locked} sets {path} to another value than another integration. Name only one of them.");
                    }
                }
            }
        }

        return settings;
    }

    private static bool HasKeys(IConfigurationSection section, string path) =>
        path == section.Path || section.GetSection(path[(section.Path.Length + 1)..]).GetChildren().Any();

    private static IConfigurationRoot Parse(InstalledIntegration integration, string file, string key)
    {
        try
        {
            using MemoryStream json = new(integration.Content.Files[file].ToArray());
            return new ConfigurationBuilder().AddJsonStream(json).Build();
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw new WireConfigurationException(key, $"{file} of {integration.Locked} is not valid JSON: {e.Message}", e);
        }
    }

    private static string? Full(string? path) =>
        string.IsNullOrEmpty(path) || path.Contains('\0', StringComparison.Ordinal) ? null : Path.GetFullPath(path);
}
