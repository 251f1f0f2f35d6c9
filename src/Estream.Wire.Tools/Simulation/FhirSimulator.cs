using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Wire.Fhir;

namespace Estream.Wire.Tools.Simulation;

/// <summary>A FHIR server on the loopback interface whose data is deleted at the end. All programs of this machine may read and write. One
/// thread starts and runs it.</summary>
public sealed class FhirSimulator : IAsyncDisposable
{
    private const string Log = "fhir";
    private const string DeadLetters = "dead-letters";
    private const string Audience = "provider";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("estream-simulate-fhir-");
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly List<EstreamQueue> _queues = [];
    private readonly IngressSinks _sinks;
    private readonly FhirServer _server;

    /// <summary>Creates a simulator. Nothing is bound yet.</summary>
    /// <param name="port">The port; 0 for any free port.</param>
    /// <param name="clock">The clock for meta.lastUpdated.</param>
    public FhirSimulator(int port, IClock clock)
    {
        string keys = Path.Combine(_directory.FullName, "keys");
        Directory.CreateDirectory(keys);
        MlKem1024KeyFile.WritePrivate(Path.Combine(keys, $"{Audience}.key.pem"), _key);
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn.With(FhirSchemas.Own);
        EsfAudienceKeys audiences = EsfAudienceKeys.None.With(Audience, _key.PublicKey).With("auditor", _key.PublicKey);
        _sinks = new IngressSinks(Open(DeadLetters), schemas, audiences, null, clock);
        _sinks.Add(Log, Open(Log));
        FhirServerOptions options = new() { Port = port, Queue = Log, KeyFolder = keys };
        _server = new FhirServer(options, new AdapterContext("simulator", schemas, _sinks, clock, static _ => { }));
    }

    /// <summary>The URL of the server, ending in '/'; null before the start.</summary>
    public string? Url => _server.BaseUrl;

    /// <summary>Binds the port.</summary>
    /// <param name="cancellation">Cancels the start.</param>
    /// <exception cref="WireConnectionException">The port is taken.</exception>
    public Task StartAsync(CancellationToken cancellation) => _server.StartAsync(cancellation);

    /// <summary>Serves until cancelled.</summary>
    /// <param name="cancellation">Stops the server.</param>
    public Task RunAsync(CancellationToken cancellation) => _server.Ingest(cancellation);

    /// <summary>Deletes the data.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        _sinks.Dispose();
        foreach (EstreamQueue queue in _queues)
        {
            queue.Dispose();
        }

        _key.Dispose();
        _directory.Delete(recursive: true);
    }

    private EstreamQueue Open(string name)
    {
        EstreamQueue queue = EstreamQueue.Open(Path.Combine(_directory.FullName, name));
        _queues.Add(queue);
        return queue;
    }
}
