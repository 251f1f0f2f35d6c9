using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using Estream.Esf;
using Estream.Wire;

namespace Doors;

/// <summary>Creates adapters of type doors from settings.</summary>
public sealed class DoorsFactory : IWireAdapterFactory
{
    private const int DefaultPort = 4020;

    internal static AdapterDescriptor DoorsDescriptor { get; } = new(
        "doors", "Doors 1", ProtocolFamily.Iot, ["UDP"], IsBidirectional: false, IsRequestResponse: false,
        "Datagrams of doors: DEVICE, a blank, and a message as JSON.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => DoorsDescriptor;

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
        (IPEndPoint listen, IReadOnlyList<TopicMapping> mappings) = Read(settings, context.Schemas, [.. context.Ingress.Names]);
        return new DoorsAdapter(listen, mappings, context);
    }

    private static (IPEndPoint Listen, IReadOnlyList<TopicMapping> Mappings) Read(WireSettings settings, EsfSchemaSet schemas,
        IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        string address = settings.Text("Address") ?? "127.0.0.1";
        IPEndPoint listen = new(
            IPAddress.TryParse(address, out IPAddress? parsed)
                ? parsed
                : throw new WireConfigurationException(settings.KeyOf("Address"),
                    $"'{address}' is not an IP address; write for example 127.0.0.1 or 0.0.0.0."),
            settings.Number("Port", DefaultPort, 1, IPEndPoint.MaxPort));
        TopicMapping[] mappings = [.. settings.List("Mappings").Select(mapping => Mapping(mapping, schemas, queues))];
        settings.RefuseUnknown();
        return (listen, mappings);
    }

    private static TopicMapping Mapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string topic = settings.RequireText("Topic"), queue = settings.RequireQueue("Queue", queues);
        EsfSchema schema = settings.RequireSchema("Schema", schemas);
        try
        {
            return TopicMapping.Json(topic, schema, queue);
        }
        catch (FormatException wrong)
        {
            throw new WireConfigurationException(settings.KeyOf("Topic"), wrong.Message, wrong);
        }
    }
}
