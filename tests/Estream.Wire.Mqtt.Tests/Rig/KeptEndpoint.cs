using Estream.Core;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>An endpoint that serves subscribers and can be restarted with the same directory and queues.</summary>
internal sealed class KeptEndpoint : IAsyncDisposable
{
    private const int SmallRelay = 32 << 20;

    private readonly TempDirectory _folder = new();
    private readonly IClock? _clock;
    private MqttEndpointOptions _options;
    private TestEndpoint? _life;

    private KeptEndpoint(MqttEndpointOptions options, IClock? clock)
    {
        string rules = _folder.Combine("rules");
        File.WriteAllText(rules, ServingEndpoint.Everything);
        _options = options with { AclFile = rules, RelayBytes = SmallRelay };
        _clock = clock;
    }

    public TestQueues Queues => _life!.Queues;

    public MqttEndpoint Adapter => _life!.Adapter;

    public string PlaceDirectory => _folder.Combine("place");

    public static async Task<KeptEndpoint> StartAsync(MqttEndpointOptions? options = null, IClock? clock = null)
    {
        KeptEndpoint endpoint = new(options ?? new MqttEndpointOptions(), clock);
        await endpoint.BeginAsync();
        return endpoint;
    }

    /// <summary>Starts the endpoint.</summary>
    public async Task BeginAsync()
    {
        _life = await TestEndpoint.StartAsync(_options, new TestQueues(clock: _clock, folder: _folder));
    }

    /// <summary>Stops the endpoint.</summary>
    public async Task EndAsync()
    {
        TestEndpoint life = _life!;
        _life = null;
        await life.DisposeAsync();
    }

    /// <summary>Restarts the endpoint, with other options if given.</summary>
    public async Task RestartAsync(Func<MqttEndpointOptions, MqttEndpointOptions>? change = null)
    {
        await EndAsync();
        _options = change?.Invoke(_options) ?? _options;
        await BeginAsync();
    }

    /// <summary>Connects a client whose session ends with its connection.</summary>
    public Subscribing Connect(string clientId)
    {
        return new Subscribing(_life!.Port, new ConnectRequest { ClientId = clientId, KeepAliveSeconds = 600 });
    }

    /// <summary>Connects a client that resumes its session, which outlives its connection.</summary>
    public Subscribing Resume(string clientId, ushort receiveMaximum = ushort.MaxValue, uint expirySeconds = 1_000)
    {
        return new Subscribing(_life!.Port, new ConnectRequest
        {
            ClientId = clientId, CleanStart = false, SessionExpirySeconds = expirySeconds, ReceiveMaximum = receiveMaximum,
            KeepAliveSeconds = 600,
        });
    }

    public RawClient Open()
    {
        return _life!.Open();
    }

    /// <summary>Waits until exactly this many clients are connected.</summary>
    public void AwaitConnections(int count)
    {
        Eventually.True(() => Adapter.Statistics.Connections == count, $"{count} connections are left");
    }

    public async ValueTask DisposeAsync()
    {
        if (_life is not null)
        {
            await EndAsync();
        }

        _folder.Dispose();
    }
}
