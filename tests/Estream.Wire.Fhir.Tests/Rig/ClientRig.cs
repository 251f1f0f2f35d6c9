using System.Collections.Concurrent;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Fhir;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Fhir.Client;

namespace Estream.Wire.Fhir.Tests.Rig;

/// <summary>A running client with a queue of polled commits, and the folder of its state.</summary>
internal sealed class ClientRig : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly EsfKeyRing _ring;
    private readonly CancellationTokenSource _stopping = new();
    private readonly EstreamQueue _deadLetters;
    private readonly EstreamQueue _polled;
    private readonly IngressSinks _sinks;
    private readonly FhirClientOptions _options;
    private readonly FhirClient _client;
    private readonly Task _ingest;

    public ClientRig(Uri url, Func<FhirClientOptions, FhirClientOptions> change)
    {
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn.With(FhirSchemas.Own);
        _ring = new EsfKeyRing(_key);
        _deadLetters = EstreamQueue.Open(_directory.Combine("dead-letters"));
        _polled = EstreamQueue.Open(_directory.Combine("polled"));
        _sinks = new IngressSinks(
            _deadLetters, schemas, EsfAudienceKeys.None.With("provider", _key.PublicKey).With("auditor", _key.PublicKey));
        _sinks.Add("polled", _polled);
        FhirMapping commits = new(FhirCommit.Schema, "polled");
        _options = change(new FhirClientOptions { Url = url, PollSeconds = 1, TimeoutSeconds = 60, MaxReconnectSeconds = 1 });
        _options = _options.Searches.Count > 0 ? _options with { Mappings = [commits] } : _options;
        Context = new AdapterContext("upstream", schemas, _sinks, SystemClock.Instance, Events.Enqueue)
        {
            Place = new AdapterPlace(State, new QueueOptions()),
        };
        _client = new FhirClient(_options, Context);
        _client.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _ingest = Task.Run(() => _client.Ingest(_stopping.Token));
    }

    /// <summary>The folder of the state.</summary>
    public string State => _directory.Combine("state");

    public AdapterContext Context { get; }

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    public HealthStatus Health => _client.Health;

    public bool IsRunning => !_ingest.IsCompleted;

    /// <summary>Creates a poller that a test calls, with its own position.</summary>
    public Poller CreatePoller(FhirRestClient client, IClock clock, int maxPages = 100)
    {
        IngressRoutes routes = new(
            [FhirMappings.Map(new FhirMapping(FhirCommit.Schema, "polled"), null)], _sinks, static _ => []);
        IngressWriter writer = new(routes, Context, new AdapterEventLog("poller", clock, Events.Enqueue));
        return new Poller(client, writer, new PollState(null), [new FhirMapping(FhirCommit.Schema, "polled")], clock)
        {
            MaxPages = maxPages,
        };
    }

    /// <summary>The polled changes in order, as in Patient/1.</summary>
    public List<string> Polled()
    {
        List<string> all = [];
        using QueueTailer tailer = _polled.CreateTailer();
        using EsfUnsealer unsealer = new(FhirCommit.Schema, _ring);
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(unsealer.Open(message.Payload, out ReadOnlySpan<byte> opened, out _).IsOk);
            Assert.True(Store.CommitText.TryRead(opened, out var changes));
            foreach (FhirCommit.ChangesItemView change in changes)
            {
                all.Add($"{System.Text.Encoding.UTF8.GetString(change.Type)}/{System.Text.Encoding.UTF8.GetString(change.Id)}");
            }
        }

        return all;
    }

    /// <summary>Translates and sends a message of a queue.</summary>
    public async Task<EmitStatus> SendAsync(byte[] message)
    {
        EgressMessage egress = new();
        TranslateStatus translated = _client.TranslateEgress(new EsfMessage(FhirCommit.Schema, message), egress);
        return translated.IsOk
            ? await _client.Emit(egress, CancellationToken.None)
            : new EmitStatus(EmitCode.Refused, translated.Describe([]));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _ingest;
        await _client.DisposeAsync();
        _sinks.Dispose();
        _polled.Dispose();
        _deadLetters.Dispose();
        _ring.Dispose();
        _key.Dispose();
        _stopping.Dispose();
        _directory.Dispose();
    }
}
