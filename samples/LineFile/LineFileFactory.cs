using Estream.Esf;
using Estream.Wire;

namespace LineFile;

/// <summary>Creates adapters of type line-file from settings.</summary>
public sealed class LineFileFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor FileDescriptor { get; } = new(
        "line-file", "Lines 1", ProtocolFamily.Iot, ["File"], IsBidirectional: true, IsRequestResponse: false,
        "Reads lines of a file that other programs append to.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => FileDescriptor;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        Read(settings, schemas, queues);
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        return new LineFileAdapter(Read(settings, context.Schemas, [.. context.Ingress.Names]), context);
    }

    private static LineFileOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        LineFileOptions options = new(
            settings.RequireText("File"),
            settings.Text("Out"),
            settings.Number("PollMs", 200, 1, 60_000),
            [.. settings.List("Mappings").Select(mapping => Mapping(mapping, schemas, queues))],
            [.. settings.List("Egress").Select(egress => Sent(egress, schemas))]);
        if (options.Sent.Count > 0 && options.Out is null)
        {
            throw new WireConfigurationException(settings.KeyOf("Out"),
                "is required with Egress: the file to append lines to.");
        }

        settings.RefuseUnknown();
        return options;
    }

    private static TopicMapping Mapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string queue = settings.RequireQueue("Queue", queues);
        string topic = settings.RequireText("Topic");
        try
        {
            return TopicMapping.Json(topic, settings.RequireSchema("Schema", schemas), queue);
        }
        catch (FormatException e)
        {
            throw new WireConfigurationException(settings.KeyOf("Topic"), e.Message, e);
        }
    }

    private static EsfSchema Sent(WireSettings settings, EsfSchemaSet schemas)
    {
        settings.RequireText("Queue");
        return settings.RequireSchema("Schema", schemas);
    }
}

/// <summary>The settings of an adapter: its files, its poll interval and its mappings.</summary>
internal sealed record LineFileOptions(string File, string? Out, int PollMs, IReadOnlyList<TopicMapping> Mappings,
    IReadOnlyList<EsfSchema> Sent);
