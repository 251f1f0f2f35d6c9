using System;
using System.Collections.Generic;
using System.Net;
using Estream.Wire;
using Estream.Wire.Settings;

namespace Doors;

/// <summary>Creates adapters of type doors from settings.</summary>
public sealed class DoorsFactory : WireAdapterFactory<DoorsOptions>
{
    internal static AdapterDescriptor DoorsDescriptor { get; } = new(
        "doors", "Doors 1", ProtocolFamily.Iot, ["UDP"], IsBidirectional: false, IsRequestResponse: false,
        "Datagrams of doors: DEVICE, a blank, and a message as JSON.");

    /// <inheritdoc/>
    public override AdapterDescriptor Descriptor => DoorsDescriptor;

    /// <inheritdoc/>
    protected override IWireAdapter Create(AdapterContext context, DoorsOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        return new DoorsAdapter(new IPEndPoint(options.Address, options.Port), options.Mappings, context);
    }
}

/// <summary>The options of an adapter. Each property declares its setting.</summary>
public sealed record DoorsOptions
{
    /// <summary>The address to listen on.</summary>
    [Setting("IP address to listen on")]
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port.</summary>
    [Setting("UDP port", Min = 1, Max = IPEndPoint.MaxPort)]
    public int Port { get; init; } = 4020;

    /// <summary>Which messages go to which queue.</summary>
    [Setting("", Entry = "mapping")]
    [SettingsFrom(typeof(JsonMappingSettings))]
    public IReadOnlyList<TopicMapping> Mappings { get; init; } = [];
}
