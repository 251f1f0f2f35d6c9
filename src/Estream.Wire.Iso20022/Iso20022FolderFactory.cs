using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Wire.Iso20022.Folders;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>Creates adapters of type iso20022-folder from settings.</summary>
public sealed class Iso20022FolderFactory : IWireAdapterFactory
{
    private const string DocumentField = "document";
    private const string DocumentSchema = "Document";

    /// <summary>The topic of files that are stored unchanged.</summary>
    internal const string DocumentTopic = "document";

    internal const int LeastPollMs = 10;
    internal const int MostPollMs = 3_600_000;

    internal static AdapterDescriptor FolderDescriptor { get; } = new(
        "iso20022-folder",
        "ISO 20022",
        ProtocolFamily.Financial,
        ["File"],
        IsBidirectional: true,
        IsRequestResponse: false,
        "Reads bank messages, in XML or JSON, from a folder, and writes outgoing messages, in XML, to another folder.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => FolderDescriptor;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        Iso20022FolderOptions options = Read(settings, schemas, queues, out _);
        if (!Directory.Exists(options.Folder))
        {
            throw new WireConfigurationException(settings.KeyOf("Folder"), Iso20022Folder.Missing(options.Folder));
        }

        if (SharedFolder.WhyUnsafe(options.Folder) is { } reason)
        {
            throw new WireConfigurationException(settings.KeyOf("Folder"), $"cannot be used safely: {reason}");
        }

        if (options.Out is { } folder && !Directory.Exists(folder))
        {
            throw new WireConfigurationException(settings.KeyOf("Out"), Iso20022Folder.Missing(folder));
        }

        if (options.Out is { } path && ParentFolders.WhyUnsafe(path, user: null) is { } parent)
        {
            throw new WireConfigurationException(settings.KeyOf("Out"), $"cannot be used safely: {parent}");
        }
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        Iso20022FolderOptions options =
            Read(settings, context.Schemas, [.. context.Ingress.Names], out IReadOnlyList<TopicMapping> mappings);
        return new Iso20022Folder(options, mappings, context);
    }

    private static Iso20022FolderOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues,
        out IReadOnlyList<TopicMapping> mappings)
    {
        settings.Text("Type");
        Iso20022FolderOptions options = new()
        {
            Folder = settings.RequireText("Folder"),
            Out = settings.Text("Out"),
            Egress = [.. settings.List("Egress").Select(egress => Iso20022Settings.Egress(egress, schemas))],
            Checks = Iso20022Settings.Checks(settings),
            PollMs = settings.Number("PollMs", 1_000, LeastPollMs, MostPollMs),
        };
        mappings = [.. settings.List("Mappings").Select(mapping => Mapping(mapping, schemas, queues))];
        settings.RefuseUnknown();
        if (mappings.Count > 1 && mappings.Any(mapping => mapping.Payload == PayloadKind.Raw))
        {
            throw new WireConfigurationException(settings.KeyOf("Mappings"),
                $"has '{DocumentTopic}' and other topics, but an adapter either stores files unchanged or parses them. Use another "
                + "adapter with its own folder for the others.");
        }

        if (mappings.Count == 0 && options.Egress.Count == 0)
        {
            throw new WireConfigurationException(settings.KeyOf("Mappings"),
                "is required and not set: map messages to queues. Only an adapter with Egress can omit it.");
        }

        QualifiedKeys.In(settings, () => Iso20022Folder.CheckOut(options));
        return options;
    }

    private static TopicMapping Mapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues) =>
        settings.RequireText("Topic") == DocumentTopic
            ? TopicMapping.Raw(
                DocumentTopic, SchemaOfDocuments(settings, schemas), settings.RequireQueue("Queue", queues), DocumentField)
            : Iso20022Settings.Mapping(settings, schemas, queues, MappedMessages.Names.Append(DocumentTopic));

    private static EsfSchema SchemaOfDocuments(WireSettings settings, EsfSchemaSet schemas)
    {
        string named = settings.RequireText("Schema");
        return schemas.TryGet(named, out EsfSchema? schema) && schema.Fields is [{ Name: DocumentField, Kind: EsfTypeKind.Bytes }]
            ? schema
            : throw new WireConfigurationException(settings.KeyOf("Schema"),
                $"'{named}' is not accepted. Files become messages with the single field '{DocumentField}' of bytes, as the circuit "
                + $"{Iso20022ParseCircuit.Name} takes them. The schema {DocumentSchema} is known if Circuits lists the circuit file.");
    }
}
