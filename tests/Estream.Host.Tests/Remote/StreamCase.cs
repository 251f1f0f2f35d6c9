using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using Estream.Circuits;
using Estream.Client;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Host.Widgets;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Estream.Host.Tests.Remote;

/// <summary>A host in this process with the queues <c>doors</c> and <c>windows</c> at <c>lex://acme/doors</c> and
/// <c>lex://acme/windows</c>, the map <c>latest</c> of doors, and the map <c>doors_settings</c> of clients.</summary>
internal sealed class StreamCase : IAsyncDisposable
{
    public const string Doors = "lex://acme/doors";
    public const string Windows = "lex://acme/windows";
    public const string Settings = "doors_settings";

    private static readonly Guid s_producer = Guid.NewGuid();

    private readonly TempDirectory _folder;
    private readonly IHost _host;
    private readonly RemoteServer _server;
    private readonly List<StreamClient> _clients = [];
    private readonly AppendService _appends;
    private readonly Dictionary<string, long> _appended = [];

    private StreamCase(TempDirectory folder, IHost host, ClientSettings settings)
    {
        (_folder, _host) = (folder, host);
        _appends = new AppendService(Parts);
        AccessControl access = new(new HttpSettings(IPAddress.Loopback, 0, null), TimeProvider.System);
        _server = new RemoteServer(settings, host.Services.GetRequiredService<HostState>(), access, TimeProvider.System,
            host.Services.GetRequiredService<ILogger<RemoteServer>>(), Grants);
    }

    public FakeGrants Grants { get; } = new();

    public RemoteParts Parts => _host.Services.GetRequiredService<HostState>().Parts!.Remote!;

    /// <summary>Starts the host.</summary>
    /// <param name="command">A message IoTCommand in the queue <c>doors</c> from before the start, as JSON. A host takes no message with
    /// private values in plaintext from clients.</param>
    public static async Task<StreamCase> StartAsync(string? command = null)
    {
        TempDirectory folder = new();
        if (command is not null)
        {
            using EstreamQueue doors = EstreamQueue.Open(folder.Combine("data", "queues", "doors"));
            using QueueAppender appender = doors.CreateAppender();
            appender.Append(Encode("IoTCommand", command));
        }

        ClientSettings clients = new() { Maps = new Dictionary<string, ClientMapSettings> { [Settings] = new(2_000, null) } };
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(folder.Combine("data")).AddQueue("doors").AddQueue("windows")
            .AddAddress(LexAddress.Parse(Doors), "doors").AddAddress(LexAddress.Parse(Windows), "windows")
            .AddMap("latest", "doors", "IoTTelemetry", "device_id").AddClients(clients);
        IHost host = builder.Build();
        await host.StartAsync();
        StreamCase started = new(folder, host, clients);
        await started._server.StartAsync(CancellationToken.None);
        return started;
    }

    /// <summary>Connects a client with a role, and with scopes.</summary>
    public async Task<StreamClient> ConnectAsync(AccessRole role = AccessRole.Viewer, AccessScopes? scopes = null)
    {
        StreamClient client = StreamClient.Connect(_server, new Identity("test", role) { Scopes = scopes ?? AccessScopes.All });
        _clients.Add(client);
        await client.GreetAsync();
        return client;
    }

    /// <summary>Appends messages about devices.</summary>
    public void Append(string queue, params IEnumerable<string> devices)
    {
        foreach (string device in devices)
        {
            AppendBytes(queue, Telemetry(device));
        }
    }

    public void AppendBytes(string queue, ReadOnlySpan<byte> message)
    {
        Assert.True(Parts.Sinks.TryGet(queue, out IngressSink? sink));
        long number = _appended[queue] = _appended.GetValueOrDefault(queue) + 1;
        ClientStatus status = _appends.Append(sink, s_producer, number, message, [message.Length], out _, out string reason);
        Assert.True(status == ClientStatus.Ok, reason);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (StreamClient client in _clients)
        {
            await client.DisposeAsync();
        }

        await _server.StoppingAsync(CancellationToken.None);
        await _server.DisposeAsync();
        await _host.StopAsync();
        _host.Dispose();
        _folder.Dispose();
    }

    private static byte[] Telemetry(string device) =>
        Encode("IoTTelemetry", $$"""{"device_id":"{{device}}","timestamp":1,"metric_name":"m","value":0.5}""");

    private static byte[] Encode(string name, string json)
    {
        byte[] message = new byte[512];
        Assert.True(EsfSchemaSet.BuiltIn.TryGet(name, out EsfSchema? schema));
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        return message[..length];
    }
}

/// <summary>The rights of widgets that a test sets.</summary>
internal sealed class FakeGrants : IWidgetGrants
{
    public const string Refusal = "The component is not in the lock.";

    private readonly ConcurrentDictionary<string, WidgetGrant> _grants = new();

    public void Set(string component, string[]? streams = null, string[]? tables = null, string[]? permissions = null,
        string[]? roles = null, string stamp = "1", TimeSpan refresh = default) =>
        _grants[component] = new WidgetGrant(stamp, streams ?? [], tables ?? [], permissions ?? ["data:read.*"], roles ?? ["viewer"],
            refresh);

    public void Remove(string component) => _grants.TryRemove(component, out _);

    public bool TryFind(string component, [NotNullWhen(true)] out WidgetGrant? grant, [NotNullWhen(false)] out string? reason)
    {
        bool isFound = _grants.TryGetValue(component, out grant);
        reason = isFound ? null : Refusal;
        return isFound;
    }
}
