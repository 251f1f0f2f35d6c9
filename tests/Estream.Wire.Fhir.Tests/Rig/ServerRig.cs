using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Fhir.Patch;

namespace Estream.Wire.Fhir.Tests.Rig;

/// <summary>A running server with its queues and keys, and a client. Restart it to test what survives.</summary>
internal sealed class ServerRig : IAsyncDisposable
{
    public const string Json = "application/fhir+json";

    private static int s_rigs;

    private readonly TempDirectory _directory = new();
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly EsfKeyRing _ring;
    private readonly Func<FhirServerOptions, FhirServerOptions>? _change;
    private readonly IClock _clock;
    private readonly bool _isReplicated;
    private readonly HttpClient _client;
    private readonly X509ChainPolicy _trust = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
    };

    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private IngressSinks? _sinks;
    private QueueQuorum? _quorum;
    private CancellationTokenSource _stopping = new();
    private Task _ingest = Task.CompletedTask;

    private ServerRig(Func<FhirServerOptions, FhirServerOptions>? change, IClock clock, bool isReplicated)
    {
        _clock = clock;
        _isReplicated = isReplicated;
        _ring = new EsfKeyRing(_key);
        _change = change;
        _client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = _trust },
        });
        Schemas = EsfSchemaSet.BuiltIn.With(FhirSchemas.Own);
        Directory.CreateDirectory(_directory.Combine("keys"));
        MlKem1024KeyFile.WritePrivate(_directory.Combine("keys", "provider.key.pem"), _key);
        SecretFiles.Write(_directory.Combine("pseudonyms"), "0123456789abcdef0123456789abcdef\n");
    }

    /// <summary>The name of the server, which no other rig has.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"ehr-{Interlocked.Increment(ref s_rigs)}");

    /// <summary>The storage of the queues, whose flushes can fail.</summary>
    public FailingFlushStorage Storage { get; } = new();

    public EsfSchemaSet Schemas { get; }

    public FhirServer Server { get; private set; } = null!;

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    /// <summary>What the running server has refused.</summary>
    public AdapterRejections Rejections { get; private set; } = new(SystemClock.Instance);

    public string Folder => _directory.Path;

    /// <summary>The file of tokens; null for a server without tokens.</summary>
    public string? TokensFile { get; private set; }

    public string BaseUrl => Server.BaseUrl!;

    /// <summary>The URL that requests are sent to: the address of the server also if it has a public URL.</summary>
    public string Address { get; private set; } = "";

    public static async Task<ServerRig> StartAsync(Func<FhirServerOptions, FhirServerOptions>? change = null, IClock? clock = null)
    {
        ServerRig rig = new(change, clock ?? SystemClock.Instance, isReplicated: false);
        await rig.RunAsync();
        return rig;
    }

    /// <summary>Starts a server whose log waits for <see cref="Confirm"/>.</summary>
    public static async Task<ServerRig> StartReplicatedAsync(Func<FhirServerOptions, FhirServerOptions> change)
    {
        ServerRig rig = new(change, SystemClock.Instance, isReplicated: true);
        await rig.RunAsync();
        return rig;
    }

    /// <summary>Confirms everything in the log, as brokers would.</summary>
    public void Confirm() => _quorum!.AdvanceTo(_queues["fhir"].EndPosition());

    /// <summary>Starts a server that requires tokens. A line has a name, which is the token, too, and the scopes and properties.</summary>
    public static Task<ServerRig> StartWithTokensAsync(params string[] lines) => StartWithTokensAsync(static options => options, lines);

    public static Task<ServerRig> StartWithTokensAsync(Func<FhirServerOptions, FhirServerOptions> change, params string[] lines) =>
        StartWithTokensAsync(change, SystemClock.Instance, lines);

    public static Task<ServerRig> StartWithTokensAsync(
        Func<FhirServerOptions, FhirServerOptions> change, IClock clock, params string[] lines)
    {
        TempDirectory folder = new();
        string file = folder.Combine("tokens");
        File.WriteAllLines(file, lines.Select(line =>
        {
            string[] parts = line.Split(' ', 2);
            return $"{parts[0]} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts[0])))} {parts[1]}";
        }));
        SecretFiles.SetOwnerOnly(file);
        return StartAsync(options => change(options) with { TokensFile = file, AccessQueue = "access" }, clock);
    }

    /// <summary>Makes the client of this rig trust an authority.</summary>
    public void Trust(string caFile) => _trust.CustomTrustStore.ImportFromPemFile(caFile);

    /// <summary>Restarts the server.</summary>
    /// <param name="change">Changes the files below a folder while the server is stopped.</param>
    public async Task RestartAsync(Action<string>? change = null)
    {
        await StopAsync();
        change?.Invoke(_directory.Path);
        await RunAsync();
    }

    /// <summary>Appends a message to a queue, as another program would.</summary>
    public void Append(string queue, byte[] message)
    {
        Assert.True(_sinks!.TryGet(queue, out IngressSink? sink));
        sink.Enter();
        try
        {
            Assert.True(sink.TryAppend(message, null));
        }
        finally
        {
            sink.Exit();
        }
    }

    public async Task<Answer> SendAsync(
        string method, string path, string? body = null, string? token = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(
            new HttpMethod(method), Address + (path.StartsWith(BaseUrl, StringComparison.Ordinal) ? path[BaseUrl.Length..] : path));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, method == "PATCH" ? JsonPatch.ContentType : Json);
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await _client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(),
            response.Headers.ETag?.ToString() ?? "", response.Headers.Location?.ToString() ?? "");
    }

    /// <summary>Creates a resource, and returns its id.</summary>
    public async Task<string> CreateAsync(string type, string body, string? token = null)
    {
        Answer answer = await SendAsync("POST", type, body, token);
        Assert.True(answer.Status == 201, answer.Body);
        return answer.Root.GetProperty("id").GetString()!;
    }

    /// <summary>Returns the position after the last message or progress of a queue.</summary>
    public long EndOf(string queue) => _queues[queue].EndPosition();

    /// <summary>Returns the messages of a queue, sealed.</summary>
    public List<byte[]> ReadMessages(string queue)
    {
        List<byte[]> all = [];
        using QueueTailer tailer = _queues[queue].CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            all.Add(message.Payload.ToArray());
        }

        return all;
    }

    /// <summary>Returns the messages of a queue as JSON, with their private values.</summary>
    public List<string> ReadQueue(string queue)
    {
        List<string> all = [];
        using QueueTailer tailer = _queues[queue].CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(Schemas.TryGet(message.Payload, out EsfSchema? schema));
            using EsfUnsealer unsealer = new(schema, _ring);
            Assert.True(unsealer.Open(message.Payload, out ReadOnlySpan<byte> opened, out int withheld).IsOk);
            Assert.Equal(0, withheld);
            ArrayBufferWriter<byte> text = new();
            Assert.True(EsfJson.WriteJson(schema, opened, text, EsfDisclosure.Disclosed).IsOk);
            all.Add(Encoding.UTF8.GetString(text.WrittenSpan));
        }

        return all;
    }

    /// <summary>Returns the value of a metric of the server.</summary>
    public long Metric(string name)
    {
        long found = 0;
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == name)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            found = tags.ToArray().Contains(new KeyValuePair<string, object?>("adapter", Name)) ? value : found);
        listener.Start();
        listener.RecordObservableInstruments();
        return found;
    }

    /// <summary>Stops appends to a queue, as if the disk were full; null continues.</summary>
    public void Pause(string queue, EstreamStorageException? reason) => _sinks!.Pause(reason, name => name == queue);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        _ring.Dispose();
        _key.Dispose();
        _stopping.Dispose();
        _directory.Dispose();
    }

    private async Task RunAsync()
    {
        QueueOptions options = new()
        {
            SegmentBytes = 8 << 20, Storage = Storage, IngressDurability = Durability.GroupCommit(TimeSpan.Zero, 1),
        };
        _queues["dead-letters"] = EstreamQueue.Open(_directory.Combine("dead-letters"), options);
        EsfAudienceKeys keys = EsfAudienceKeys.None.With("provider", _key.PublicKey).With("auditor", _key.PublicKey);
        _sinks = new IngressSinks(_queues["dead-letters"], Schemas, keys);
        foreach (string name in (string[])["fhir", "access", .. FhirSchemas.Maps.Keys])
        {
            bool isLog = _isReplicated && name == "fhir";
            _queues[name] = EstreamQueue.Open(
                _directory.Combine(name), isLog ? options with { IngressDurability = Durability.Quorum } : options);
            _quorum = isLog ? _queues[name].OpenQuorum() : _quorum;
            _sinks.Add(name, _queues[name]);
        }

        FhirServerOptions defaults = new()
        {
            Port = 0,
            Queue = "fhir",
            KeyFolder = _directory.Combine("keys"),
            PseudonymKey = WireSecret.FromFile(_directory.Combine("pseudonyms")),
            Mappings = [.. FhirSchemas.Maps.Values.Select(map => new FhirMapping(map.Schema, map.Type))],
        };
        FhirServerOptions changed = _change?.Invoke(defaults) ?? defaults;
        TokensFile = changed.TokensFile;
        AdapterContext context = new(Name, Schemas, _sinks, _clock, Events.Enqueue);
        Rejections = context.Rejections;
        Server = new FhirServer(changed, context);
        await Server.StartAsync(CancellationToken.None);
        Address = $"{(changed.Tls is null ? "http" : "https")}://{Server.LocalEndPoint}{changed.BasePath.TrimEnd('/')}/";
        _stopping = new CancellationTokenSource();
        _ingest = Server.Ingest(_stopping.Token);
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _ingest;
        await Server.DisposeAsync();
        _sinks!.Dispose();
        _quorum?.Dispose();
        foreach (EstreamQueue queue in _queues.Values)
        {
            queue.Dispose();
        }
    }
}

/// <summary>An answer of the server.</summary>
internal sealed record Answer(int Status, string Body, string ETag, string Location)
{
    public JsonElement Root => JsonDocument.Parse(Body).RootElement;

    /// <summary>The code of the first issue of an OperationOutcome.</summary>
    public string Issue => Root.GetProperty("issue")[0].GetProperty("code").GetString()!;

    /// <summary>The ids of the entries of a bundle.</summary>
    public IReadOnlyList<string> Ids => Root.TryGetProperty("entry", out JsonElement entries)
        ? [.. entries.EnumerateArray().Select(entry => entry.GetProperty("resource").GetProperty("id").GetString()!)] : [];
}
