namespace Estream.Marketplace.Manifests;

/// <summary>The category-specific part of a manifest.</summary>
public abstract record CategoryDetails
{
    // Prevents categories outside this assembly.
    private protected CategoryDetails()
    {
    }
}

/// <summary>Details of a <c>smart-circuit</c>.</summary>
/// <param name="Entry">The circuit file.</param>
/// <param name="Vectors">The golden-vector files.</param>
/// <param name="Targets">The targets that the circuit runs on: <c>cpu</c>, <c>fpga</c>.</param>
public sealed record CircuitDetails(string Entry, IReadOnlyList<string> Vectors, IReadOnlyList<string> Targets) : CategoryDetails;

/// <summary>Details of a <c>wire-adapter</c>.</summary>
/// <param name="Protocol">The protocol, such as <c>modbus</c>; the settings of a host refer to the adapter by this kind.</param>
/// <param name="Family"><c>iot</c>, <c>industrial</c>, <c>financial</c> or <c>healthcare</c>.</param>
/// <param name="Transports">The supported transports.</param>
/// <param name="Assembly">The path of the assembly.</param>
/// <param name="Factory">The full name of the type that creates adapters.</param>
/// <param name="IsBidirectional">Whether the adapter also sends messages.</param>
/// <param name="HasRequests">Whether messages can have responses.</param>
public sealed record AdapterDetails(string Protocol, string Family, IReadOnlyList<string> Transports, string Assembly, string Factory,
    bool IsBidirectional, bool HasRequests) : CategoryDetails;

/// <summary>Details of an <c>fpga-circuit</c>.</summary>
/// <param name="Circuit">The file of the circuit that the hardware implements.</param>
/// <param name="Vectors">The golden-vector files.</param>
/// <param name="Rtl">The sources in a hardware description language.</param>
/// <param name="Top">The top-level module.</param>
/// <param name="ClockMhz">The target clock in MHz; null if not stated.</param>
/// <param name="Bitstreams">The synthesized bitstreams.</param>
public sealed record FpgaDetails(string Circuit, IReadOnlyList<string> Vectors, IReadOnlyList<string> Rtl, string Top, int? ClockMhz,
    IReadOnlyList<FpgaBitstream> Bitstreams) : CategoryDetails;

/// <summary>A circuit synthesized for a device.</summary>
/// <param name="Device">The vendor's name of the device.</param>
/// <param name="File">The path of the bitstream.</param>
public sealed record FpgaBitstream(string Device, string File);

/// <summary>Details of an <c>integration</c>; its parts are its dependencies.</summary>
/// <param name="Pipelines">The files of declared pipelines.</param>
/// <param name="Settings">The file with host settings; null if there is none.</param>
public sealed record IntegrationDetails(IReadOnlyList<string> Pipelines, string? Settings) : CategoryDetails
{
    /// <summary>What a host that runs the integration may use at most, by name; names that are missing are not limited.</summary>
    public IReadOnlyDictionary<string, long> Limits { get; init; } = new Dictionary<string, long>();
}

/// <summary>Details of an <c>app</c>.</summary>
/// <param name="Image">The container image, pinned by its digest.</param>
/// <param name="Command">The command to run in the image; empty for the image's default.</param>
public sealed record AppDetails(string Image, IReadOnlyList<string> Command) : CategoryDetails;

/// <summary>Details of a <c>skill</c>.</summary>
/// <param name="Entry">The file with the instructions.</param>
/// <param name="Triggers">The phrases that offer the skill.</param>
public sealed record SkillDetails(string Entry, IReadOnlyList<string> Triggers) : CategoryDetails;

/// <summary>Details of a <c>theme</c>.</summary>
/// <param name="Stylesheet">The file with the CSS variables.</param>
/// <param name="Modes"><c>light</c>, <c>dark</c> or both.</param>
public sealed record ThemeDetails(string Stylesheet, IReadOnlyList<string> Modes) : CategoryDetails;

/// <summary>Details of a <c>plugin</c>.</summary>
/// <param name="Server">The id of the server, which prefixes each of its tools.</param>
/// <param name="Command">The program and its arguments for the stdio transport; otherwise empty.</param>
/// <param name="Url">The address of a remote server; null if the server is a program.</param>
/// <param name="Tools">The tools that the server may offer; others are hidden.</param>
/// <param name="Definitions">The file with the definitions of these tools; the server must match them.</param>
public sealed record PluginDetails(string Server, IReadOnlyList<string> Command, string? Url, IReadOnlyList<string> Tools,
    string Definitions) : CategoryDetails;

/// <summary>Details of a <c>solution</c>.</summary>
/// <param name="Title">The commercial title.</param>
/// <param name="Lex">The part of the address space that belongs to the solution. Each customer gets a part of that address space.</param>
/// <param name="Currency">The ISO 4217 currency of the prices; null if everything is free.</param>
/// <param name="Tiers">The tiers that are offered.</param>
public sealed record SolutionDetails(string Title, string Lex, string? Currency, IReadOnlyList<SolutionTier> Tiers) : CategoryDetails;

/// <summary>A tier of a solution.</summary>
/// <param name="Name">The id of the tier in the solution.</param>
/// <param name="Title">The commercial title.</param>
/// <param name="MonthlyCents">The monthly price in hundredths of the currency.</param>
/// <param name="Components">The components included in the tier.</param>
/// <param name="Limits">The usage limits, by name.</param>
public sealed record SolutionTier(string Name, string Title, long MonthlyCents, IReadOnlyList<ComponentName> Components,
    IReadOnlyDictionary<string, long> Limits);
