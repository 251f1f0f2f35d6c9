using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Esf;

namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>Creates line adapters. A peer sends lines SEND NUMBER TOPIC PAYLOAD and receives lines ACK NUMBER: this is the smallest
/// protocol that has everything the suite needs.</summary>
internal sealed class LineAdapterFactory(LineFault fault, bool dials) : IWireAdapterFactory
{
    private readonly List<Socket> _bound = [];

    public AdapterDescriptor Descriptor { get; } = new(
        dials ? "line-client" : "line-endpoint", "Lines 1", ProtocolFamily.Industrial, ["TCP"], IsBidirectional: dials,
        IsRequestResponse: false, "Lines of text.");

    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        LineOptions options = Read(settings, schemas, queues, out _);
        if (fault == LineFault.BindsInCheck)
        {
            Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            bound.Bind(new IPEndPoint(IPAddress.Loopback, options.Port));
            bound.Listen();
            _bound.Add(bound);
        }
    }

    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        LineOptions options = Read(settings, context.Schemas, [.. context.Ingress.Names], out TopicMapping mapping);
        return new LineAdapter(options, mapping, context, Descriptor, fault);
    }

    private LineOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, out TopicMapping mapping)
    {
        settings.Text("Type");
        int port = fault == LineFault.ParsesNumbersItself
            ? int.Parse(settings.RequireText("Port"), CultureInfo.InvariantCulture)
            : settings.Number("Port", 0, 1, ushort.MaxValue);
        LineOptions options = new(
            port,
            dials,
            WireSecret.From(settings, "Password")
                ?? throw new WireConfigurationException(settings.KeyOf("PasswordFile"), "is required and not set."),
            TimeSpan.FromMilliseconds(settings.Number("SilenceMs", 4_000, 1, 60_000)),
            TimeSpan.FromMilliseconds(settings.Number("LongestWaitMs", 30_000, 1, 60_000)));
        mapping = Mapping(settings, schemas, queues);
        if (fault != LineFault.TakesUnknownSettings)
        {
            settings.RefuseUnknown();
        }

        return options;
    }

    private TopicMapping Mapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string queue = fault == LineFault.TakesAnyQueue ? settings.RequireText("Queue") : settings.RequireQueue("Queue", queues);
        return TopicMapping.Json("lines/{sender}", settings.RequireSchema("Schema", schemas), queue);
    }
}
