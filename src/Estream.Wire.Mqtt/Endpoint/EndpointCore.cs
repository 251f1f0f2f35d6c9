using System.Collections.Concurrent;
using System.Net;
using Estream.Core;
using Estream.Wire.Mqtt.Internal.Authentication;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The state that all connections of an endpoint share.</summary>
internal sealed class EndpointCore
{
    public const long NanosPerSecond = 1_000_000_000;

    private const int MaxDenialsPerMinute = 100;

    private readonly AdapterContext _context;
    private readonly ConcurrentDictionary<EndpointConnection, bool> _connections = new();
    private readonly Tally<IPAddress> _perAddress;
    private ReloadedFiles<EndpointCredentials>? _files;

    public EndpointCore(MqttEndpointOptions options, AdapterContext context, IngressRoutes routes)
    {
        Options = options;
        _context = context;
        Routes = routes;
        Events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        Counters = new MqttCounters(context.Name, context.Rejections);
        Sessions = new EndpointSessions(options.MaxSessions, MqttEndpointOptions.Share(options.MaxSessionsPerUser, options.MaxSessions));
        _perAddress = new Tally<IPAddress>(MqttEndpointOptions.Share(options.MaxConnectionsPerAddress, options.MaxConnections));
        Unfinished = new Tally<string>(Math.Max(options.MaxUnfinishedBytesPerUser, options.MaxPacketBytes));
        PasswordGate = new PasswordGate(Math.Max(1, Environment.ProcessorCount / 2), context.Clock);
    }

    public MqttEndpointOptions Options { get; }

    public IngressRoutes Routes { get; }

    public AdapterEventLog Events { get; }

    public MqttCounters Counters { get; }

    public EndpointSessions Sessions { get; }

    /// <summary>The bytes of unfinished packets, by user.</summary>
    public Tally<string> Unfinished { get; }

    /// <summary>The service for subscribers; null before the start, and if the endpoint does not serve them.</summary>
    public EndpointServing? Serving { get; private set; }

    public IClock Clock => _context.Clock;

    /// <summary>The current credentials. A connection reads them once and uses them until it is reviewed.</summary>
    public EndpointCredentials Credentials => Files.Current;

    /// <summary>The files of the credentials. Available after the start.</summary>
    public ReloadedFiles<EndpointCredentials> Files =>
        _files ?? throw new InvalidOperationException("The endpoint was not started.");

    /// <summary>Limits the log entries of denied subscriptions, because clients can cause any number of them.</summary>
    public EventLimit Denials { get; } = new(MaxDenialsPerMinute);

    /// <summary>Limits the concurrent key derivations.</summary>
    public PasswordGate PasswordGate { get; }

    public IEnumerable<EndpointConnection> Connections => _connections.Select(pair => pair.Key);

    /// <summary>Reads the files of the credentials.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or not valid.</exception>
    public void OpenCredentials() => _files = new ReloadedFiles<EndpointCredentials>(
        before => EndpointCredentials.Load(Options, before), EndpointCredentials.FilesOf(Options));

    /// <summary>Why changed credentials could not be loaded; null if they were loaded.</summary>
    public string? CredentialFailure => _files?.Failure;

    /// <summary>Starts to serve subscribers, if the options say so, and restores the sessions of an earlier process.</summary>
    /// <exception cref="WireConfigurationException">A file or the relay does not fit the options.</exception>
    /// <exception cref="EstreamException">The relay cannot be opened.</exception>
    public void OpenServing()
    {
        Serving = EndpointServing.Open(Options, _context, Routes);
        if (_context.Place is not { } place)
        {
            return;
        }

        // Wills are stored in plaintext, so none are stored if the relay or a mapped queue is encrypted.
        bool keepsWills = Serving?.IsEncrypted != true
            && !Routes.Mappings.Any(mapping => _context.Ingress.TryGet(mapping.Queue, out IngressSink? sink) && sink.IsEncrypted);
        SessionStore store =
            SessionStore.Open(place, Clock, new StoreOrigin(Serving?.Relay.Id ?? 0, Serving?.IsEncrypted == true), keepsWills);
        Sessions.Store = store;
        if (Serving is { } serving)
        {
            serving.Groups.Store = store;
        }

        new SessionRecovery(this, store, _context.Ingress).Run();
    }

    /// <summary>Returns the current numbers of sessions and subscriptions, and the backlog.</summary>
    public EndpointMetrics Figures()
    {
        SessionMetrics sessions = Sessions.Figures();
        if (Serving is not { } serving)
        {
            return new EndpointMetrics(sessions, 0, 0);
        }

        long oldest = Math.Min(sessions.OldestNeeded, serving.Groups.OldestNeeded);
        return new EndpointMetrics(sessions, serving.Groups.Count,
            oldest == RelayPlace.Nothing ? 0 : Math.Max(0, serving.Relay.Newest - oldest));
    }

    /// <summary>Disposes the session store and the relay that <see cref="OpenServing"/> has opened.</summary>
    public void CloseServing()
    {
        Sessions.Store?.Dispose();
        Serving?.Dispose();
    }

    public IngressWriter CreateWriter()
    {
        return new IngressWriter(Routes, _context, Events);
    }

    /// <summary>Adds a connection.</summary>
    /// <returns>False if the limit of all connections or of the address is reached.</returns>
    public bool TryAdd(EndpointConnection connection)
    {
        if (_connections.Count >= Options.MaxConnections || !TryCount(connection.Address))
        {
            return false;
        }

        _connections.TryAdd(connection, true);
        Counters.Open();
        return true;
    }

    // If MaxConnectionsPerAddress is 0, connections from this machine are not limited.
    private bool TryCount(IPAddress address) => IsUncounted(address) || _perAddress.TryAdd(CountedAddress.Of(address));

    private bool IsUncounted(IPAddress address) => Options.MaxConnectionsPerAddress == 0 && IPAddress.IsLoopback(address);

    public void Remove(EndpointConnection connection)
    {
        if (_connections.TryRemove(connection, out _))
        {
            _perAddress.Remove(CountedAddress.Of(connection.Address));
            Counters.Close();
        }
    }
}

/// <summary>The state of an endpoint at one moment, for metrics.</summary>
/// <param name="Sessions">The metrics of its sessions.</param>
/// <param name="Groups">The number of shared subscriptions.</param>
/// <param name="Backlog">The bytes of the relay from the oldest message that is still needed to the newest.</param>
internal readonly record struct EndpointMetrics(SessionMetrics Sessions, int Groups, long Backlog);
