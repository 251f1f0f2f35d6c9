using Estream.Core;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>What of a client outlives its connections: the session's state, counters, and what the broker said of the
/// subscriptions.</summary>
internal sealed class ClientCore : IDisposable
{
    /// <summary>The identifier of the one SUBSCRIBE; those of PUBLISH packets end before it.</summary>
    public const ushort SubscribeId = ushort.MaxValue;

    private readonly AdapterContext _context;

    public ClientCore(MqttClientOptions options, AdapterContext context, IngressRoutes routes)
    {
        Options = options;
        _context = context;
        Routes = routes;
        Events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        Counters = new MqttCounters(context.Name);
        Broker = $"broker {options.Host}:{options.Port}";
        Session = ClientSession.Open(null, Owner);
        Outbound = new OutboundWindow(Session, Counters);
    }

    public MqttClientOptions Options { get; }

    public IngressRoutes Routes { get; }

    public AdapterEventLog Events { get; }

    public MqttCounters Counters { get; }

    public IClock Clock => _context.Clock;

    /// <summary>How messages name the broker.</summary>
    public string Broker { get; }

    /// <summary>What is known of the session the broker keeps; from the start on over restarts too.</summary>
    public ClientSession Session { get; private set; }

    public OutboundWindow Outbound { get; private set; }

    /// <summary>Which subscriptions the broker refused, or granted with a lower QoS; null when none, or when it has not answered
    /// yet.</summary>
    public string? RefusedSubscriptions { get; private set; }

    /// <summary>Whether the broker has answered the SUBSCRIBE of this session.</summary>
    public bool IsSubscribed { get; set; }

    private string Owner => $"{Options.Host}:{Options.Port} {Options.ClientId}";

    /// <summary>Takes over what an earlier process has left.</summary>
    /// <exception cref="EstreamException">It cannot be created, opened or read.</exception>
    public void OpenSession()
    {
        ClientSession session = ClientSession.Open(_context.Place, Owner);
        Outbound.Dispose();
        Session = session;
        Outbound = new OutboundWindow(session, Counters);
    }

    public IngressWriter CreateWriter()
    {
        return new IngressWriter(Routes, _context, Events);
    }

    /// <summary>Begins to prove who we are; null where the password itself is sent.</summary>
    /// <exception cref="WireConnectionException">The password cannot be read, or others can read it too.</exception>
    public ScramClient? CreateExchange()
    {
        if (Options.Authentication != MqttAuthentication.ScramSha256)
        {
            return null;
        }

        return new ScramClient(Options.UserName!, ReadPassword()!, Scram.NewNonce());
    }

    /// <exception cref="WireConnectionException">The password cannot be read, or others can read it too.</exception>
    public ConnectRequest CreateRequest(ScramClient? exchange)
    {
        return new ConnectRequest
        {
            ClientId = Options.ClientId,
            CleanStart = Session.IsToBeDiscarded,
            KeepAliveSeconds = (ushort)Options.KeepAliveSeconds,
            SessionExpirySeconds = Session.IsToBeDiscarded ? 0 : Options.SessionExpirySeconds,
            ReceiveMaximum = (ushort)Options.ReceiveMaximum,
            MaximumPacketSize = Options.MaxPacketBytes,
            TopicAliasMaximum = (ushort)Options.TopicAliasMaximum,
            UserName = exchange is null ? Options.UserName : null,
            Password = exchange is null ? ReadPassword() : null,
            AuthenticationMethod = exchange is null ? null : Scram.Method.ToArray(),
            AuthenticationData = exchange?.First(),

            // A connection that only gives a session up ends at once, which is not what the will is for.
            Will = Session.IsToBeDiscarded ? null : Options.Will,
        };
    }

    /// <summary>Compares what the broker grants with what was asked for.</summary>
    public Fault OnSubscribed(in ReasonsPacket granted)
    {
        if (granted.PacketId != SubscribeId || granted.Reasons.Length != Options.Subscriptions.Count)
        {
            return Fault.Protocol("a SUBACK does not answer the SUBSCRIBE filter by filter [MQTT-3.8.4-6]");
        }

        List<string> refused = [];
        for (int index = 0; index < granted.Reasons.Length; index++)
        {
            MqttReasonCode reason = (MqttReasonCode)granted.Reasons[index];
            if (reason >= MqttReasonCode.UnspecifiedError)
            {
                refused.Add($"'{Options.Subscriptions[index].Filter}' (0x{(byte)reason:X2} {reason})");
            }
            else if ((int)reason < (int)Options.Subscriptions[index].Qos)
            {
                refused.Add(
                    $"'{Options.Subscriptions[index].Filter}' (QoS {(int)reason} instead of {(int)Options.Subscriptions[index].Qos})");
            }
        }

        SetRefused(refused.Count == 0 ? null : string.Join(", ", refused));
        return default;
    }

    /// <summary>The broker takes no packet as long as our SUBSCRIBE, so it was not sent [MQTT-3.2.2-15].</summary>
    public void OnSubscribeTooLong(int length, uint maximum)
    {
        SetRefused($"no subscription, for the SUBSCRIBE has {length} bytes and it takes packets of {maximum}; ask for fewer filters in "
            + "one adapter");
    }

    public void Dispose()
    {
        Outbound.Dispose();
        Session.Dispose();
    }

    private void SetRefused(string? refused)
    {
        RefusedSubscriptions = refused;
        IsSubscribed = true;
        if (refused is not null)
        {
            Events.Report(AdapterEventKind.Degraded, $"{Broker} grants less than was asked for: {refused}. Look at its access rules.");
        }
    }

    /// <summary>Read anew for each connection; null where none is set.</summary>
    private byte[]? ReadPassword()
    {
        return Options.PasswordFile is { } file ? WireSecret.FromFile(file).Read()
            : Options.PasswordEnv is { } variable ? WireSecret.FromEnvironment(variable).Read()
            : null;
    }
}
