namespace Estream.Marketplace.Manifests;

/// <summary>What the category of a component asks for.</summary>
public abstract record CategoryDetails
{
    // Nobody else adds a category.
    private protected CategoryDetails()
    {
    }
}

/// <summary>Of a <c>smart-circuit</c>.</summary>
/// <param name="Entry">The circuit file.</param>
/// <param name="Vectors">The files of golden vectors.</param>
/// <param name="Targets">What it runs on: <c>cpu</c>, <c>fpga</c>.</param>
public sealed record CircuitDetails(string Entry, IReadOnlyList<string> Vectors, IReadOnlyList<string> Targets) : CategoryDetails;

/// <summary>Of a <c>wire-adapter</c>.</summary>
/// <param name="Protocol">The protocol, such as <c>modbus</c>: the kind by which a host's settings name the adapter.</param>
/// <param name="Family"><c>iot</c>, <c>industrial</c>, <c>financial</c> or <c>healthcare</c>.</param>
/// <param name="Transports">What it speaks over.</param>
/// <param name="Assembly">The file of the assembly.</param>
/// <param name="Factory">Full name of the type that makes adapters.</param>
/// <param name="IsBidirectional">Whether it sends messages too.</param>
/// <param name="HasRequests">Whether a message of it can have an answer.</param>
public sealed record AdapterDetails(string Protocol, string Family, IReadOnlyList<string> Transports, string Assembly, string Factory,
    bool IsBidirectional, bool HasRequests) : CategoryDetails;

/// <summary>Of an <c>fpga-circuit</c>.</summary>
/// <param name="Circuit">The circuit file that it does.</param>
/// <param name="Vectors">The files of golden vectors.</param>
/// <param name="Rtl">The sources in a hardware language.</param>
/// <param name="Top">The module that holds all others.</param>
/// <param name="ClockMhz">The clock it is made for, in MHz; null where the manifest does not say.</param>
/// <param name="Bitstreams">What is already synthesized.</param>
public sealed record FpgaDetails(string Circuit, IReadOnlyList<string> Vectors, IReadOnlyList<string> Rtl, string Top, int? ClockMhz,
    IReadOnlyList<FpgaBitstream> Bitstreams) : CategoryDetails;

/// <summary>A circuit synthesized for a device.</summary>
/// <param name="Device">The device, by the name of its maker.</param>
/// <param name="File">The bitstream.</param>
public sealed record FpgaBitstream(string Device, string File);

/// <summary>Of an <c>integration</c>; what it consists of are its dependencies.</summary>
/// <param name="Pipelines">Files of declared pipelines.</param>
/// <param name="Settings">A file of settings for the host; null where there is none.</param>
public sealed record IntegrationDetails(IReadOnlyList<string> Pipelines, string? Settings) : CategoryDetails;

/// <summary>Of an <c>app</c>.</summary>
/// <param name="Image">The container image, pinned by its digest.</param>
/// <param name="Command">What is run in it; empty for what the image says.</param>
public sealed record AppDetails(string Image, IReadOnlyList<string> Command) : CategoryDetails;

/// <summary>Of a <c>skill</c>.</summary>
/// <param name="Entry">The file of instructions.</param>
/// <param name="Triggers">Words after which it is offered.</param>
public sealed record SkillDetails(string Entry, IReadOnlyList<string> Triggers) : CategoryDetails;

/// <summary>Of a <c>theme</c>.</summary>
/// <param name="Stylesheet">The file of CSS variables.</param>
/// <param name="Modes"><c>light</c>, <c>dark</c> or both.</param>
public sealed record ThemeDetails(string Stylesheet, IReadOnlyList<string> Modes) : CategoryDetails;

/// <summary>Of a <c>plugin</c>.</summary>
/// <param name="Server">The id of the server, which stands before each of its tools.</param>
/// <param name="Command">The program and its arguments where it speaks over standard input and output; otherwise empty.</param>
/// <param name="Url">The address of a server that is elsewhere; null where it is a program.</param>
/// <param name="Tools">The tools it may offer; others are not shown.</param>
/// <param name="Definitions">The file with the definitions of these tools, to which a server is held.</param>
public sealed record PluginDetails(string Server, IReadOnlyList<string> Command, string? Url, IReadOnlyList<string> Tools,
    string Definitions) : CategoryDetails;

/// <summary>Of a <c>solution</c>.</summary>
/// <param name="Title">What it is called where it is sold.</param>
/// <param name="Lex">The part of the address space that is its own: each customer gets a part of it.</param>
/// <param name="Currency">The currency of its prices, after ISO 4217; null where nothing costs anything.</param>
/// <param name="Tiers">What can be had.</param>
public sealed record SolutionDetails(string Title, string Lex, string? Currency, IReadOnlyList<SolutionTier> Tiers) : CategoryDetails;

/// <summary>One way to have a solution.</summary>
/// <param name="Name">Its id in the solution.</param>
/// <param name="Title">What it is called where it is sold.</param>
/// <param name="MonthlyCents">The price of a month in hundredths of the currency.</param>
/// <param name="Components">The components that are part of it.</param>
/// <param name="Limits">How much may be used of what, by name.</param>
public sealed record SolutionTier(string Name, string Title, long MonthlyCents, IReadOnlyList<ComponentName> Components,
    IReadOnlyDictionary<string, long> Limits);
