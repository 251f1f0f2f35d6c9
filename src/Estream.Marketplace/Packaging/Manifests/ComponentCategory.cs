namespace Estream.Marketplace.Manifests;

/// <summary>The category of a component.</summary>
public enum ComponentCategory
{
    /// <summary><c>esf-schema</c>: message types.</summary>
    EsfSchema,

    /// <summary><c>smart-circuit</c>: a circuit with golden vectors.</summary>
    SmartCircuit,

    /// <summary><c>wire-adapter</c>: a protocol adapter, as an assembly that a host loads.</summary>
    WireAdapter,

    /// <summary><c>fpga-circuit</c>: a circuit for an accelerator card.</summary>
    FpgaCircuit,

    /// <summary><c>console-widget</c>: a part of a dashboard.</summary>
    ConsoleWidget,

    /// <summary><c>integration</c>: components that work together, and the pipelines between them.</summary>
    Integration,

    /// <summary><c>app</c>: a program in a container.</summary>
    App,

    /// <summary><c>skill</c>: instructions for an assistant.</summary>
    Skill,

    /// <summary><c>theme</c>: colors and shapes of the console.</summary>
    Theme,

    /// <summary><c>plugin</c>: tools of a Model Context Protocol server.</summary>
    Plugin,

    /// <summary><c>solution</c>: components sold together, in tiers.</summary>
    Solution,
}

/// <summary>The names of categories in manifests.</summary>
public static class ComponentCategories
{
    private static readonly string[] s_names =
        ["esf-schema", "smart-circuit", "wire-adapter", "fpga-circuit", "console-widget", "integration", "app", "skill", "theme", "plugin",
            "solution"];

    /// <summary>All names, in the order of <see cref="ComponentCategory"/>.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>Returns the name of a category.</summary>
    public static string NameOf(ComponentCategory category) => s_names[(int)category];

    /// <summary>Gets the category with a name; returns false if there is none.</summary>
    public static bool TryParse(string? name, out ComponentCategory category)
    {
        int index = Array.IndexOf(s_names, name);
        category = (ComponentCategory)Math.Max(index, 0);
        return index >= 0;
    }
}
