using Estream.Esf;
using Estream.Wire;
using Estream.Wire.Settings;

namespace LineFile;

/// <summary>Creates adapters of type line-file from settings.</summary>
public sealed class LineFileFactory : WireAdapterFactory<LineFileOptions>
{
    internal static AdapterDescriptor FileDescriptor { get; } = new(
        "line-file", "Lines 1", ProtocolFamily.Iot, ["File"], IsBidirectional: true, IsRequestResponse: false,
        "Reads lines of a file that other programs append to.");

    /// <inheritdoc/>
    public override AdapterDescriptor Descriptor => FileDescriptor;

    /// <inheritdoc/>
    protected override void CheckOptions(LineFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Egress.Count > 0 && options.Out is null)
        {
            throw new WireConfigurationException("Out", "is required with Egress: the file to append lines to.");
        }
    }

    /// <inheritdoc/>
    protected override IWireAdapter Create(AdapterContext context, LineFileOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        return new LineFileAdapter(options, context);
    }
}

/// <summary>The options of an adapter. Each property declares its setting.</summary>
public sealed record LineFileOptions
{
    /// <summary>The file to read.</summary>
    [Setting("file that other programs append lines to", Text = SettingText.Path)]
    public required string File { get; init; }

    /// <summary>The file for messages of the host; null if there is none.</summary>
    [Setting("file to append lines to", Text = SettingText.Path, Default = "none; required with `Egress`")]
    public string? Out { get; init; }

    /// <summary>The time between two reads in milliseconds.</summary>
    [Setting("time between two reads", Min = 1, Max = 60_000, Unit = SettingUnit.Milliseconds)]
    public int PollMs { get; init; } = 200;

    /// <summary>Which messages go to which queue.</summary>
    [Setting("", Entry = "mapping")]
    [SettingsFrom(typeof(JsonMappingSettings))]
    public IReadOnlyList<TopicMapping> Mappings { get; init; } = [];

    /// <summary>The schemas of the messages that are sent.</summary>
    [Setting("", Entry = "egress")]
    [SettingsFrom(typeof(EgressSettings))]
    public IReadOnlyList<EsfSchema> Egress { get; init; } = [];
}
