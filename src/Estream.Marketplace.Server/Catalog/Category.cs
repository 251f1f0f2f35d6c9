using Estream.Marketplace.Manifests;

namespace Estream.Marketplace.Server.Catalog;

/// <summary>A category of the marketplace: a row of the table <c>categories</c>. Immutable.</summary>
/// <param name="Id">The identifier in addresses, such as <c>widgets</c>.</param>
/// <param name="Name">The name for people.</param>
/// <param name="Description">What its items are.</param>
/// <param name="Icon">The name of the console's icon.</param>
/// <param name="Component">The category of components, such as <c>console-widget</c>.</param>
/// <param name="Permissions">The kinds of permissions that a release may request.</param>
/// <param name="Installer">What applies an installed item: <c>host</c>, <c>console</c>, or <c>workspace</c> if an item is only unpacked
/// there.</param>
/// <param name="InstallCap">The number of items that the free plan installs; null for no limit.</param>
internal sealed record Category(string Id, string Name, string Description, string Icon, string Component,
    IReadOnlyList<string> Permissions, string Installer, int? InstallCap)
{
    /// <summary>The categories of a new database, in the order of display.</summary>
    public static IReadOnlyList<Category> Initial { get; } =
    [
        Of("apps", "Apps", "Programs in containers", "box", ComponentCategory.App, "workspace", 3),
        Of("skills", "Skills", "Instructions for assistants", "sparkles", ComponentCategory.Skill, "workspace", 5),
        Of("widgets", "Widgets", "Parts of dashboards", "layout-grid", ComponentCategory.ConsoleWidget, "console", 10),
        Of("themes", "Themes", "Colors and shapes of the console", "palette", ComponentCategory.Theme, "console", 3),
        Of("plugins", "Plugins", "Tools of Model Context Protocol servers", "plug", ComponentCategory.Plugin, "workspace", 3),
        Of("schemas", "Schemas", "Message types", "braces", ComponentCategory.EsfSchema, "host", null),
        Of("circuits", "Circuits", "Circuits with golden vectors", "workflow", ComponentCategory.SmartCircuit, "host", null),
        Of("adapters", "Adapters", "Protocol adapters that a host loads", "cable", ComponentCategory.WireAdapter, "host", null),
        Of("fpga-circuits", "FPGA circuits", "Circuits for accelerator cards", "cpu", ComponentCategory.FpgaCircuit, "host", null),
    ];

    private static Category Of(string id, string name, string description, string icon, ComponentCategory component, string installer,
        int? cap) => new(id, name, description, icon, ComponentCategories.NameOf(component),
        [.. PermissionRule.All.Where(rule => rule.Categories.Contains(component)).Select(rule => rule.Kind)], installer, cap);
}
