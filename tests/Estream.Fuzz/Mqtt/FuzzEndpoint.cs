using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Mqtt;

namespace Estream.Fuzz.Mqtt;

/// <summary>An endpoint with real queues and a real port.</summary>
internal sealed class FuzzEndpoint : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly MqttEndpoint _endpoint;
    private readonly Task _ingest;

    /// <param name="options">The options of the endpoint.</param>
    /// <param name="servesSubscribers">Whether any client may subscribe to every topic.</param>
    public FuzzEndpoint(MqttEndpointOptions options, bool servesSubscribers = false)
    {
        Telemetry = EstreamQueue.Open(_folder.Combine("telemetry"));
        _deadLetters = EstreamQueue.Open(_folder.Combine("dead-letters"));
        _sinks = new IngressSinks(_deadLetters, EsfSchemaSet.BuiltIn);
        _sinks.Add("telemetry", Telemetry);
        AdapterContext context = new("fuzz", EsfSchemaSet.BuiltIn, _sinks, SystemClock.Instance, Report)
        {
            Place = new AdapterPlace(_folder.Combine("place"), new QueueOptions()),
        };
        if (servesSubscribers)
        {
            File.WriteAllText(_folder.Combine("rules"), "topic readwrite #");
            options = options with { AclFile = _folder.Combine("rules"), RelayBytes = 32 << 20 };
        }

        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        _endpoint = new MqttEndpoint(options with { Port = 0 }, [TopicMapping.Json("devices/{device_id}/telemetry", schema, "telemetry")],
            context);
        _endpoint.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _ingest = _endpoint.Ingest(_stop.Token);
    }

    public EstreamQueue Telemetry { get; }

    public AdapterStatistics Statistics => _endpoint.Statistics;

    public HealthStatus Health => _endpoint.Health;

    /// <summary>Errors of the endpoint itself: connections that ended with one of its own exceptions.</summary>
    public List<string> Mistakes { get; } = [];

    public Socket Open()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = 30_000,
            SendTimeout = 30_000,
        };
        socket.Connect(IPAddress.Loopback, _endpoint.LocalEndPoint!.Port);
        return socket;
    }

    /// <summary>Connects, publishes at QoS 1 and reads the answer, which shows that the endpoint works.</summary>
    public void RequireService()
    {
        using Socket socket = Open();
        socket.Send(MqttSeeds.ConnectAs("service"));
        socket.Send(MqttSeeds.All[5]);
        byte[] answer = new byte[256];
        int length = 0;
        while (!answer.AsSpan(0, length).EndsWith(new byte[] { 0x40, 0x02, 0x00, 0x07 }))
        {
            int count = socket.Receive(answer, length, answer.Length - length, SocketFlags.None);
            Assert.NotEqual(0, count);
            length += count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ingest;
        await _endpoint.DisposeAsync();
        _sinks.Dispose();
        Telemetry.Dispose();
        _deadLetters.Dispose();
        _folder.Dispose();
        _stop.Dispose();
    }

    private void Report(AdapterEvent happened)
    {
        if (happened.Exception is not null and not IOException and not SocketException and not ObjectDisposedException)
        {
            lock (Mistakes)
            {
                Mistakes.Add(happened.ToString());
            }
        }
    }
}
