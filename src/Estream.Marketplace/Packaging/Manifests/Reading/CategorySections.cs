using System.Text.RegularExpressions;
using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>The context for reading the table of a category.</summary>
/// <param name="Category">The category of the component; null if it is erroneous.</param>
/// <param name="Files">Collects the files that the manifest refers to.</param>
/// <param name="Schemas">The provided and required schemas.</param>
/// <param name="Dependencies">The required components.</param>
/// <param name="Permissions">The requested permissions.</param>
/// <param name="Include">The include patterns.</param>
internal sealed record CategoryContext(
    ComponentCategory? Category,
    ManifestFiles Files,
    SchemaSection Schemas,
    IReadOnlyList<ComponentRequirement> Dependencies,
    IReadOnlyList<ComponentPermission> Permissions,
    IReadOnlyList<IncludePattern> Include)
{
    /// <summary>The maximum size of an entry file of the category, in bytes.</summary>
    public int MaxEntryBytes => Category is { } category ? ManifestLimits.MaxEntryBytes(category) : ManifestLimits.DefaultEntryBytes;
}

/// <summary>Reads the category tables; a manifest has the table of its own category.</summary>
internal static partial class CategorySections
{
    private static readonly (ComponentCategory Category, string Table,
        Func<ManifestPart, CategoryContext, CategoryDetails?> Read)[] s_sections =
    [
        (ComponentCategory.SmartCircuit, "circuit", Circuit),
        (ComponentCategory.WireAdapter, "adapter", Adapter),
        (ComponentCategory.FpgaCircuit, "fpga", Fpga),
        (ComponentCategory.ConsoleWidget, "widget", WidgetSection.Read),
        (ComponentCategory.Integration, "integration", Integration),
        (ComponentCategory.App, "app", App),
        (ComponentCategory.Skill, "skill", Skill),
        (ComponentCategory.Theme, "theme", Theme),
        (ComponentCategory.Plugin, "plugin", PluginSection.Read),
        (ComponentCategory.Solution, "solution", SolutionSection.Read),
    ];

    /// <summary>Reads the table of the category and reports the tables of other categories.</summary>
    public static CategoryDetails? Read(ManifestPart component, CategoryContext context)
    {
        CategoryDetails? details = null;
        foreach ((ComponentCategory category, string table, Func<ManifestPart, CategoryContext, CategoryDetails?> read) in s_sections)
        {
            if (category == context.Category && component.Part(table, isRequired: true) is { } part)
            {
                details = read(part, context);
                part.Close();
            }
            else if (category != context.Category && component.Table.Find(table) is { } other)
            {
                component.Know(table);
                if (context.Category is { } own)
                {
                    component.Report(ManifestCodes.Category, other.KeyPosition,
                        ManifestMessages.OtherCategory(table, ComponentCategories.NameOf(category), ComponentCategories.NameOf(own)));
                }
            }
        }

        if (context.Category == ComponentCategory.EsfSchema)
        {
            CheckPack(component, context);
        }

        return details;
    }

    private static void CheckPack(ManifestPart component, CategoryContext context)
    {
        if (context.Schemas.Provides.Count == 0)
        {
            component.Report(ManifestCodes.MissingKey, component.Position, ManifestMessages.NeedsProvides());
        }

        if (!context.Include.Any(pattern => pattern.Group == "schemas"))
        {
            component.Report(ManifestCodes.MissingKey, component.Position, ManifestMessages.NeedsInclude());
        }
    }

    private static CircuitDetails? Circuit(ManifestPart part, CategoryContext context)
    {
        string? entry = context.Files.Take(part, "entry", ".circuit.yaml", "entry = \"doors.circuit.yaml\"", isRequired: true);
        IReadOnlyList<string> vectors =
            context.Files.TakeAll(part, "vectors", ".vectors.json", "vectors = [\"doors.vectors.json\"]", isRequired: true);
        IReadOnlyList<string> targets = part.Words("targets", ["cpu", "fpga"], "targets = [\"cpu\"]", isRequired: false);
        return entry is null ? null : new CircuitDetails(entry, vectors, targets.Count > 0 ? targets : ["cpu"]);
    }

    private static AdapterDetails? Adapter(ManifestPart part, CategoryContext context)
    {
        string? protocol = part.Matching("protocol", Word(), "a word: lower-case letters, digits and hyphens, at most 32",
            "protocol = \"modbus\"", isRequired: true);
        string? family = part.Word("family", ["iot", "industrial", "financial", "healthcare"], "family = \"industrial\"", isRequired: true);
        IReadOnlyList<string> transports = part.Words("transports", ["tcp", "tls", "udp", "http", "websocket", "serial", "file"],
            "transports = [\"tcp\", \"tls\"]", isRequired: true);
        string? assembly = context.Files.Take(part, "assembly", ".dll", "assembly = \"lib/Acme.Wire.Doors.dll\"", isRequired: true,
            context.MaxEntryBytes);
        string? factory = part.Matching("factory", TypeName(), "the full name of a type",
            "factory = \"Acme.Wire.Doors.DoorsAdapterFactory\"", isRequired: true);
        bool isBidirectional = part.Flag("bidirectional", "bidirectional = true");
        bool hasRequests = part.Flag("request_response", "request_response = true");
        return protocol is null || family is null || assembly is null || factory is null ? null
            : new AdapterDetails(protocol, family, transports, assembly, factory, isBidirectional, hasRequests);
    }

    private static FpgaDetails? Fpga(ManifestPart part, CategoryContext context)
    {
        string? circuit = context.Files.Take(part, "circuit", ".circuit.yaml", "circuit = \"doors.circuit.yaml\"", isRequired: true);
        IReadOnlyList<string> vectors =
            context.Files.TakeAll(part, "vectors", ".vectors.json", "vectors = [\"doors.vectors.json\"]", isRequired: true);
        IReadOnlyList<string> rtl =
            context.Files.TakeAll(part, "rtl", "v", "rtl = [\"rtl/doors.sv\"]", isRequired: true, context.MaxEntryBytes);
        string? top = part.Matching("top", Identifier(), "a module name", "top = \"doors\"", isRequired: true);
        long? clock = part.Number("clock_mhz", 1, 2_000, "clock_mhz = 250");
        List<FpgaBitstream> bitstreams = [];
        Dictionary<string, SourcePosition> devices = [];
        foreach (ManifestPart item in part.Parts("bitstreams", ManifestLimits.MaxItems))
        {
            string? device = item.Matching("device", Device(), "a device name", "device = \"xcu250\"", isRequired: true);
            string? file =
                context.Files.Take(item, "file", "", "file = \"bitstreams/xcu250.bit\"", isRequired: true, context.MaxEntryBytes);
            item.Close();
            if (device is not null && !devices.TryAdd(device, item.Position))
            {
                item.Report(ManifestCodes.Duplicate, item.Position, ManifestMessages.Duplicate(device, devices[device]));
            }
            else if (device is not null && file is not null)
            {
                bitstreams.Add(new FpgaBitstream(device, file));
            }
        }

        return circuit is null || top is null ? null : new FpgaDetails(circuit, vectors, rtl, top, (int?)clock, bitstreams);
    }

    private static IntegrationDetails Integration(ManifestPart part, CategoryContext context)
    {
        if (context.Dependencies.Count == 0)
        {
            part.Report(ManifestCodes.MissingKey, part.Position, ManifestMessages.NeedsDependencies("integration"));
        }

        IReadOnlyList<string> pipelines =
            context.Files.TakeAll(part, "pipelines", ".yaml", "pipelines = [\"pipelines/doors.yaml\"]", isRequired: false);
        return new IntegrationDetails(pipelines,
            context.Files.Take(part, "settings", ".json", "settings = \"settings.json\"", isRequired: false))
        {
            Limits = LimitTable.Read(part.Part("limits")),
        };
    }

    private static AppDetails? App(ManifestPart part, CategoryContext context)
    {
        string? image = part.Image();
        IReadOnlyList<string> command = part.Command("command = [\"serve\"]", isRequired: false);
        return image is null ? null : new AppDetails(image, command);
    }

    private static SkillDetails? Skill(ManifestPart part, CategoryContext context)
    {
        string? entry = context.Files.Take(part, "entry", ".md", "entry = \"SKILL.md\"", isRequired: true, context.MaxEntryBytes);
        IReadOnlyList<string> triggers = [.. part.Texts("triggers", "triggers = [\"door report\"]")
            .Select(text =>
                part.Matching(text, Phrase(), "a phrase of 1 to 64 letters, digits, blanks, ' and -", "triggers = [\"door report\"]"))
                    .OfType<string>()];
        return entry is null ? null : new SkillDetails(entry, triggers);
    }

    private static ThemeDetails? Theme(ManifestPart part, CategoryContext context)
    {
        string? stylesheet =
            context.Files.Take(part, "stylesheet", ".css", "stylesheet = \"theme.css\"", isRequired: true, context.MaxEntryBytes);
        IReadOnlyList<string> modes = part.Words("modes", ["light", "dark"], "modes = [\"light\", \"dark\"]", isRequired: true);
        return stylesheet is null ? null : new ThemeDetails(stylesheet, modes);
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,31}\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,127}(\.[A-Za-z_][A-Za-z0-9_]{0,127}){0,15}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,127}\z")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Device();

    [GeneratedRegex(@"\A[\p{L}\p{Nd}][\p{L}\p{Nd} '-]{0,63}\z")]
    private static partial Regex Phrase();
}
